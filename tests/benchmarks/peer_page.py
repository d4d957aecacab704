"""`benchmarks.html`: the tables of the benchmark, and time and memory drawn against the number of images; one file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader

from stages.pages import bundle, words
from stages.pages.skeleton import templates
from tests.benchmarks.peer_figures import CLEANVISION, FASTDUP, MB, MEASURE, TOOLS, WINNOW, Runs
from tests.benchmarks.peer_tables import NOTHING, milliseconds, ratio, spread, state
from tests.benchmarks.process_tree import Spent
from tests.benchmarks.report import Table, Target

FOLDER = Path(__file__).parent
STYLES = {WINNOW: "winnow", FASTDUP: "fastdup", MEASURE: "measure", CLEANVISION: "cleanvision"}
"""The class that a tool's line is drawn by."""
STEPS = 5
"""Lines across a drawing, at most."""


@dataclass(frozen=True)
class Line:
    """One tool: the medians as points of an SVG polyline, and every run as a dot; percentages from the left and top."""

    name: str
    style: str
    points: str
    dots: list[tuple[float, float]]


@dataclass(frozen=True)
class Plot:
    """Something against the number of images; both axes begin at nothing.

    across, up : where the axes are marked, in percent from the left and from the bottom, and with what.
    label : what a screen reader says.
    """

    title: str
    unit: str
    lines: list[Line]
    across: list[tuple[float, str]]
    up: list[tuple[float, str]]
    label: str


@dataclass(frozen=True)
class Measured:
    """Something to draw, of these tools: of one run, and the median of all."""

    title: str
    unit: str
    of_run: Callable[[Spent], float]
    of_all: Callable[[Runs, str, int], float]
    tools: tuple[str, ...] = TOOLS


def _wall(spent: Spent) -> float:
    return spent.cost.wall


def _wall_of_all(runs: Runs, tool: str, size: int) -> float:
    return runs.cost(tool, size).wall


DRAWN = (
    Measured("Time by the clock", "seconds", _wall, _wall_of_all),
    Measured("The same without the whole of Winnow", "seconds", _wall, _wall_of_all, TOOLS[1:]),
    Measured("Processor time", "seconds", lambda spent: spent.cost.cpu, lambda runs, *of: runs.cost(*of).cpu),
    Measured("Memory at its peak", "MB", lambda spent: spent.memory / MB, lambda runs, *of: runs.memory(*of)),
)


def build(runs: Runs, tables: list[Table], asked: list[Target], left_out: dict[str, str], about: str) -> str:
    """The page as HTML. Everything that is put in is escaped, but for our own styles and script."""
    environment = templates()
    environment.loader = ChoiceLoader([environment.loader, FileSystemLoader(FOLDER)])
    return environment.get_template("peers.html").render(
        plots=[drawing for what in DRAWN if (drawing := plot(runs, what))],
        tables=[(table, list(dict.fromkeys(name for row in table.rows for name in row))) for table in tables],
        asked=asked,
        state=state,
        nothing=NOTHING,
        ratio=ratio,
        spread=spread,
        added={tool: milliseconds(runs.added(tool).cpu) for tool in runs.tools},
        sizes=words.listed([words.number(size) for size in runs.sizes]),
        left_out=left_out,
        about=about,
        styles=bundle.styles(),
        theme=bundle.bundle("theme"),
    )


def plot(runs: Runs, what: Measured) -> Plot | None:
    """Draw one figure of every tool; None where there is no tool to draw."""
    tools = [tool for tool in what.tools if tool in runs.tools]
    if not tools:
        return None
    values = {(tool, size): [what.of_run(spent) for spent in runs.spent[tool, size]]
              for tool in tools for size in runs.sizes}  # fmt: skip
    top, most = ceiling(max(map(max, values.values()))), max(runs.sizes)

    def at(size: int, value: float) -> tuple[float, float]:
        return round(100 * size / most, 2), round(100 - 100 * value / top, 2)

    lines = []
    for tool in tools:
        medians = [at(size, what.of_all(runs, tool, size)) for size in runs.sizes]
        dots = [at(size, value) for size in runs.sizes for value in values[tool, size]]
        lines.append(Line(tool, STYLES[tool], " ".join(f"{x:g},{y:g}" for x, y in medians), dots))
    return Plot(
        what.title,
        what.unit,
        lines,
        [(round(100 * size / most, 2), words.number(size)) for size in runs.sizes],
        [(round(100 * step / STEPS, 2), f"{top * step / STEPS:,.4g}") for step in range(STEPS + 1)],
        _spoken(runs, what, tools),
    )


def _spoken(runs: Runs, what: Measured, tools: list[str]) -> str:
    each = (
        f"{tool}: " + ", ".join(f"{what.of_all(runs, tool, size):,.0f} {what.unit} for {size:,}" for size in runs.sizes)
        for tool in tools
    )
    return f"{what.title} in {what.unit} against the number of images. {'; '.join(each)}"


def ceiling(value: float) -> float:
    """The next number that fifths of are round: 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 or 10 times a power of ten."""
    power = 1.0
    while value > 10 * power:
        power *= 10
    while value <= power:
        power /= 10
    return next(step * power for step in (1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * power >= value)
