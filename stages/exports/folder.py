"""A folder of made files: a page with its assets, complete in itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path


def replace_folder(folder: Path, files: Iterable[tuple[str, str | bytes]]) -> None:
    """Write the files, (name, content), and put the folder in the place of what stood there, in one rename."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for name, content in files:
        write_file(partial / name, content)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(partial, folder)


def write_file(path: Path, content: str | bytes) -> None:
    """Write one file and the folders above it. What UTF-8 cannot hold, as half of a surrogate pair, becomes `?`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(errors="replace") if isinstance(content, str) else content)
