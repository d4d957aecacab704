"""The declarations of the tables, one file each."""
