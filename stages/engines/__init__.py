"""Where the same functions run. `local` is this machine."""
