"""What the yardstick says: tables and targets, printed, and kept as Markdown and CSV."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path

from tests.benchmarks.figures import Figure

Cell = str | int | Figure


@dataclass(frozen=True)
class Table:
    """Rows of cells under names; the first column says what the row is about."""

    title: str
    rows: list[dict[str, Cell]]
    note: str = ""


@dataclass(frozen=True)
class Target:
    """What is asked of a figure. `asked` is a least value, or a greatest one where `at_most`."""

    what: str
    figure: Figure
    asked: float
    at_most: bool = False

    @property
    def is_met(self) -> bool:
        if isnan(self.figure.value):
            return False
        return self.figure.value <= self.asked if self.at_most else self.figure.value >= self.asked

    def row(self) -> dict[str, Cell]:
        sign = "at most" if self.at_most else "at least"
        return {
            "target": self.what,
            "asked": f"{sign} {self.asked:g}",
            "reached": self.figure,
            "n": self.figure.n,
            "": "met" if self.is_met else "FALLS SHORT",
        }


@dataclass
class Family:
    """What one family of sets found."""

    name: str
    tables: list[Table] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)


def show(tables: list[Table]) -> None:
    """Print tables."""
    from rich.console import Console
    from rich.table import Table as Drawn

    console = Console(width=None if Console().is_terminal else 160)
    for table in tables:
        drawn = Drawn(title=table.title, caption=table.note or None, title_justify="left", caption_justify="left")
        for name in _names(table):
            drawn.add_column(name, overflow="fold")
        for row in table.rows:
            drawn.add_row(*(_text(row.get(name, "")) for name in _names(table)))
        console.print(drawn)


def keep(families: list[Family], folder: Path, heading: str) -> None:
    """Write `tables.md` and `figures.csv` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [f"# {heading}", *(_markdown(table) for family in families for table in family.tables)]
    parts.append(_markdown(verdict(families)))
    (folder / "tables.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    with (folder / "figures.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["family", "table", "row", "figure", "value", "low", "high", "n"])
        writer.writerows(row for family in families for row in _figures(family))


def verdict(families: list[Family]) -> Table:
    """All targets in one table."""
    return Table("What was asked", [target.row() for family in families for target in family.targets])


def _figures(family: Family) -> list[list]:
    rows = []
    for table in family.tables:
        for row in table.rows:
            words = " ".join(str(cell) for cell in row.values() if isinstance(cell, str))
            rows += [
                [family.name, table.title, words, name, cell.value, cell.low, cell.high, cell.n]
                for name, cell in row.items()
                if isinstance(cell, Figure)
            ]
    return rows


def _markdown(table: Table) -> str:
    names = _names(table)
    lines = [f"## {table.title}", "", f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    lines += [f"| {' | '.join(_text(row.get(name, '')) for name in names)} |" for row in table.rows]
    return "\n".join([*lines, *(["", table.note] if table.note else [])])


def _names(table: Table) -> list[str]:
    return list(dict.fromkeys(name for row in table.rows for name in row))


def _text(cell: Cell) -> str:
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
