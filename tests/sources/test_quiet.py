"""libtiff keeps still."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from PIL import Image
from stages.sources.quiet import hush_libtiff
from tests.encoded import encoded, picture
import io
data = encoded(picture(), "TIFF", compression="tiff_lzw")
if sys.argv[1] == "hushed":
    hush_libtiff()
    hush_libtiff()
try:
    Image.open(io.BytesIO(data[:2000] + bytes(2000) + data[4000:])).load()
except OSError:
    print("refused")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="libtiff is part of Pillow itself there")
def test_a_broken_tiff_prints_nothing() -> None:
    loud, hushed = (
        subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
        for how in ("loud", "hushed")
    )
    assert loud.stdout == hushed.stdout == "refused\n"
    assert loud.stderr  # else there is nothing to hush any more, and quiet.py can go
    assert hushed.stderr == ""
