"""How far the work is: a bar on a terminal, a line now and then elsewhere. On stderr."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

LINE_EVERY_S = 10.0


class Progress:
    """Counts what is done out of `total`, with the rate and the time left.

    Use as a context manager; call `advance` as results arrive.
    """

    def __init__(self, label: str, total: int) -> None:
        self.label = label
        self.total = total
        self.done = 0
        self.started = self.told = time.monotonic()
        self.bar = _bar() if sys.stderr.isatty() and total else None

    def __enter__(self) -> Progress:
        if self.bar:
            self.bar.start()
            self.task = self.bar.add_task(self.label, total=self.total, rate="")
        return self

    def advance(self, count: int = 1) -> None:
        self.done += count
        if self.bar:
            self.bar.update(self.task, advance=count, rate=self.speed())
        elif time.monotonic() - self.told > LINE_EVERY_S:
            self.told = time.monotonic()
            left = (self.total - self.done) / max(self.rate(), 1e-9)
            print(
                f"{self.label}: {self.done:,} of {self.total:,}, {self.speed()}, {left:.0f} s left",
                file=sys.stderr,
            )

    def rate(self) -> float:
        """Items per second so far."""
        return self.done / max(time.monotonic() - self.started, 1e-9)

    def speed(self) -> str:
        """`110/s`, `0.42/s`."""
        rate = self.rate()
        return f"{rate:.0f}/s" if rate >= 1 else f"{rate:.2g}/s"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar:
            self.bar.stop()
        if kind is None and self.total:
            elapsed = time.monotonic() - self.started
            print(f"{self.label}: {self.done:,} in {elapsed:.1f} s ({self.speed()})", file=sys.stderr)


def _bar() -> Bar:
    # Only where there is a terminal: the import takes as long as a small stage.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
