"""The tables that the benchmark prints, and its page shows."""

from __future__ import annotations

from math import isnan

import pandas as pd

from tests.benchmarks.clocks import Cost
from tests.benchmarks.figures import Figure
from tests.benchmarks.peer_answers import KINDS, Answer
from tests.benchmarks.peer_figures import WINNOW, Runs
from tests.benchmarks.report import Table, Target

NOTHING = "–"
"""A cell of something that a tool does not judge."""


def times(runs: Runs) -> Table:
    """A row per tool and number of images; what an added image costs stands with the most of them."""
    rows = [_time_row(runs, tool, size) for tool in runs.tools for size in runs.sizes]
    return Table(
        "Time and memory",
        rows,
        "Medians, the range of all rounds in brackets; what is asked is taken round by round. Memory is that of all "
        "processes together, at its peak.",
    )


def _time_row(runs: Runs, tool: str, size: int) -> dict[str, str | int]:
    cost, walls, added = runs.cost(tool, size), runs.walls(tool, size), runs.added(tool)
    last = size == max(runs.sizes)
    return {
        "Tool": tool,
        "Images": size,
        "By the clock": f"{cost.wall:.1f} s ({min(walls):.1f}-{max(walls):.1f})",
        "Processor time": f"{cost.cpu:.1f} s",
        "Memory": f"{runs.memory(tool, size):,.0f} MB",
        "Load before": f"{runs.load(tool, size):.1f}",
        "Per added image": f"{milliseconds(added.wall)} (processor {milliseconds(added.cpu)})" if last else "",
    }


def stages(slopes: dict[str, Cost]) -> Table:
    """What an added image costs in each stage of Winnow, the dearest first."""
    order = sorted(slopes, key=lambda name: -slopes[name].wall)
    rows = [
        {
            "Stage": name,
            "By the clock": milliseconds(slopes[name].wall),
            "Processor time": milliseconds(slopes[name].cpu),
        }
        for name in order
    ]
    return Table(
        "Where Winnow's added image goes",
        rows,
        "Between the fewest images and the most; noise can bring one below nothing.",
    )


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def counts(answers: dict[str, Answer]) -> Table:
    """What each tool flags, by kind."""
    rows = []
    for kind, title in KINDS.items():
        found = {tool: answer.count(kind) for tool, answer in answers.items()}
        row = {tool: NOTHING if count is None else count for tool, count in found.items()}
        rows.append({"Flagged": "Outliers" if kind == "foreign" else title, **row})
    return Table(
        "What was found in the folder",
        rows,
        f"{NOTHING}: it does not judge that. How much of it is right nobody knows: the planted set tells. fastdup "
        "does not tell exact copies from near ones: all pairs of a component are near.",
    )


def planted(scores: dict[str, pd.DataFrame], notes: list[str]) -> Table:
    """How much of what was planted each tool found, and how much of what it flags is right."""
    rows = [
        {"Planted": title, **{tool: told(scored, kind) for tool, scored in scores.items()}}
        for kind, title in KINDS.items()
        if kind in scores[WINNOW].index
    ]
    note = "Found of planted; in brackets the share of what it flags that is right: for pictures, that have any fault."
    return Table("What was found of what the demo plants", rows, " ".join([note, *notes]))


def told(scored: pd.DataFrame, kind: str) -> str:
    """`14 of 14 (100 % right)`."""
    if kind not in scored.index:
        return NOTHING
    row = scored.loc[kind]
    right = "" if isnan(row["precision"]) else f" ({row['precision']:.0%} right)"
    return f"{row['found']:.0f} of {row['planted']:.0f}{right}"


def ratio(figure: Figure) -> str:
    return NOTHING if isnan(figure.value) else f"{figure.value:.2f}"


def spread(figure: Figure) -> str:
    """From the least to the most; nothing where a round says nothing."""
    return NOTHING if isnan(figure.low + figure.high) else f"{figure.low:.2f}-{figure.high:.2f}"


def state(target: Target) -> str:
    if not target.figure.n:
        return "not measured"
    if isnan(target.figure.value):
        return "TOO NOISY TO TELL: larger SIZES, or more ROUNDS"
    return "met" if target.is_met else "FALLS SHORT"


def asked(found: list[Target]) -> Table:
    """What is asked for; a figure that could not be had is told as such."""
    rows = [
        {
            "Asked": target.what,
            "Limit": f"at {'most' if target.at_most else 'least'} {target.asked:g}",
            "Measured": ratio(target.figure),
            "Single rounds": spread(target.figure),
            "": state(target),
        }
        for target in found
    ]
    return Table("What is asked", rows)
