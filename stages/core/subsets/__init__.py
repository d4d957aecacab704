"""Ways to choose some of many vectors. Each gives rows and, for each, why it is there; the same input, the same choice.

================ ================================================= =====================
`diverse`        the ones farthest apart                           k-center greedy
`representative` the ones that all others are closest to           facility location
`balanced`       more of rare kinds, less of common ones           hierarchical k-means
`semantic_dedup` without those that another one stands for         after SemDeDup
================ ================================================= =====================
"""
