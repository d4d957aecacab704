"""One file a table. `ALL` lists them in the order in which they are made."""
