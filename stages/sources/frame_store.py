"""Frames of videos, kept as files, so that a video is decoded once, by `ingest`, and never again.

A frame lies in ``.winnow/frames/<first two digits>/<content id>.jpg``, in JPEG of quality 95 without subsampling:
later stages open it like any photograph, at a reduced size if they like. The id is that of the decoded pixels.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import simplejpeg

from stages.contracts.identity import digest

FOLDER = ".winnow/frames"
QUALITY = 95


def id_of(pixels: np.ndarray) -> str:
    """Content id of a frame (h, w, 3) uint8: of its pixels and shape, whatever file they came from."""
    return digest(repr(pixels.shape).encode() + pixels.tobytes())


def place(store: Path, content_id: str) -> Path:
    """Where a frame lies."""
    return store / content_id[:2] / f"{content_id}.jpg"


def keep(store: Path, pixels: np.ndarray) -> str:
    """Write a frame unless it is there; returns its content id."""
    content_id = id_of(pixels)
    path = place(store, content_id)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{threading.get_ident()}.partial")
        partial.write_bytes(simplejpeg.encode_jpeg(pixels, QUALITY, colorsubsampling="444"))
        os.replace(partial, path)
    return content_id


def remove_others(store: Path, used: set[str]) -> int:
    """Delete the frames that are not among `used`; returns how many went."""
    old = [path for path in store.glob("??/*.jpg") if path.stem not in used]
    for path in old:
        path.unlink()
    return len(old)
