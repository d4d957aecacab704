"""The sections of params.yaml, one module a section, typed and strict."""
