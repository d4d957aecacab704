"""Measurements that the README quotes; not part of `make test`."""
