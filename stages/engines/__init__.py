"""What stages run on and keep things in; none of it knows what is computed.

`local` runs functions in this machine's threads, `ray_cluster` and `ray_work` on many machines, `processors` says how
many there are, `memory` what becomes of what is freed, `progress` tells how far the work is. `shards` keeps results by
content, `spool` bytes that are too many for memory, `vector_index` and `index_update` the vectors for search.
"""
