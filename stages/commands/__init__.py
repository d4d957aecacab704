"""What `winnow <command>` does, one module a command; `cli.py` only names them and their options."""
