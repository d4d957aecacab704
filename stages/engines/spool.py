"""Byte strings that are too many for memory, in a temporary file, read back in any order."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import TracebackType


class Spool:
    """A write-once mapping in a file that vanishes with the process. Reading is safe from several threads.

    What was written last lies in the operating system's page cache, so a small one costs no disk access.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - `__exit__` closes it
        self.places: dict[str, tuple[int, int]] = {}
        self.end = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()

    def __contains__(self, name: object) -> bool:
        return name in self.places

    def add(self, name: str, data: bytes) -> None:
        self.file.write(data)
        self.places[name] = (self.end, len(data))
        self.end += len(data)

    def read(self, name: str) -> bytes:
        start, size = self.places[name]
        return os.pread(self.file.fileno(), size, start)
