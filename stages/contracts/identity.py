"""Ids: 32 lowercase hex digits, made from what a thing is and never from where it stands in a table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

ID_BYTES = 16


def digest(data: bytes) -> str:
    """BLAKE2b of `data`, as 32 lowercase hex digits."""
    return hashlib.blake2b(data, digest_size=ID_BYTES).hexdigest()


def digest_file(path: Path) -> str:
    """`digest` of a file's bytes, which need not fit into memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=ID_BYTES)).hexdigest()


def item_id(path: str, frame: int | None = None) -> str:
    """Id of an item: its path relative to the source (POSIX), and the frame for videos."""
    return digest(f"{path}\0{'' if frame is None else frame}".encode(errors="surrogateescape"))


def digest_of(value: Mapping | list | str) -> str:
    """Id of a JSON value, whatever the order of its keys."""
    return digest(json.dumps(value, sort_keys=True, default=str).encode())
