"""How the manifest is written, one file a format."""
