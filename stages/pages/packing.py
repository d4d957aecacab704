"""Columns as the page's scripts take them: numbers as bytes in base64, paths by folder and file.

100,000 numbers in JSON are read digit by digit, and weigh three to ten times as much.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

WIDTHS = (("u1", 2**8), ("u2", 2**16), ("u4", 2**32))

Packed = dict[str, str]
"""`kind`: u1, u2, u4 (unsigned, by bytes) or f4; `data`: base64 of the values, little-endian."""


def pack(values: np.ndarray) -> Packed:
    """One column of numbers (n,): whole ones, none negative, in as few bytes as they take; others as float32."""
    if values.dtype.kind == "f":
        return _packed("f4", values)
    largest = int(values.max()) if len(values) else 0
    return _packed(next(kind for kind, end in WIDTHS if largest < end), values)


def pack_ids(ids: Sequence[str]) -> Packed:
    """Ids of 32 hex digits, 16 bytes each."""
    return {"kind": "u1", "data": base64.b64encode(bytes.fromhex("".join(ids))).decode()}


def pack_paths(paths: Sequence[str]) -> dict:
    """Each folder once; per path the number of its folder, and its file name."""
    split = [path.rpartition("/") for path in paths]
    number = {folder: at for at, folder in enumerate(sorted({folder + slash for folder, slash, _ in split}))}
    return {
        "folders": list(number),
        "folder": pack(np.array([number[folder + slash] for folder, slash, _ in split], np.uint32)),
        "files": [file for *_, file in split],
    }


def _packed(kind: str, values: np.ndarray) -> Packed:
    return {"kind": kind, "data": base64.b64encode(values.astype(f"<{kind}").tobytes()).decode()}
