"""Keeping libtiff from printing: what is wrong with a file belongs into its row, not into the progress bar."""

from __future__ import annotations

import contextlib
import ctypes
from pathlib import Path

import PIL

PLACES = ("../pillow.libs/libtiff*.so*", ".dylibs/libtiff*.dylib")
"""Where Pillow's wheels for Linux and macOS keep the libtiff that they load."""


def hush_libtiff() -> None:
    """Take away libtiff's printing error handler, which Pillow leaves in place.

    Where the library is not found (another build of Pillow) some lines of it may be seen, and nothing else changes.
    """
    package = Path(PIL.__file__).parent
    for library in [path for place in PLACES for path in sorted(package.glob(place))]:
        with contextlib.suppress(OSError, AttributeError):
            tiff = ctypes.CDLL(str(library))
            tiff.TIFFSetErrorHandler(None)
            tiff.TIFFSetWarningHandler(None)
