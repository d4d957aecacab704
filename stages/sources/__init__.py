"""Where images come from, one file a kind of source."""
