"""Memory that is given back and asked for again."""

from __future__ import annotations

import ctypes
from contextlib import suppress

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Of mallopt(3)."""
KEPT, LARGE = 1 << 28, 1 << 25
"""Bytes that stay with a process though nothing uses them, and bytes from which a piece is taken and given back alone:
the most that glibc lets one say."""


def keep_freed() -> None:
    """Let the C library keep what is freed for whoever asks next, where it is glibc.

    Finding features takes and frees some megabytes for each picture. By itself glibc hands them back to the system,
    which then has to clear each page anew: a tenth of the time.
    """
    with suppress(AttributeError, OSError, TypeError):  # another C library; none that can be asked
        library = ctypes.CDLL(None)
        library.mallopt(TRIM_THRESHOLD, KEPT)
        library.mallopt(MMAP_THRESHOLD, LARGE)
