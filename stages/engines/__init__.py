"""Where the same functions run. `local` is this machine, `ray_cluster` and `ray_work` are many."""
