"""Runs of several tools on several numbers of images: medians, what one more image costs, and what is asked of that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import isnan, nan
from statistics import median

from tests.benchmarks.clocks import Cost, middle, together
from tests.benchmarks.figures import NONE, Figure
from tests.benchmarks.process_tree import Spent
from tests.benchmarks.report import Target

WINNOW, MEASURE, FASTDUP, CLEANVISION = "Winnow", "Winnow's measure", "fastdup", "cleanvision"
TOOLS = (WINNOW, FASTDUP, MEASURE, CLEANVISION)
"""In the order in which they take turns."""
OF_FASTDUP = 1.0
"""An added image may take at most so many times what it takes fastdup, by the clock."""
OF_MEASURE = 2.0
"""cleanvision takes at least so many times as long as `measure`."""
CLOCKS = {"wall": "by the clock", "cpu": "in processor time"}
"""The two parts of a `Cost`, in words."""
REST = "DVC, and exits"
MB = 1e6


@dataclass
class Runs:
    """What was spent, by tool and number of images, a run a round."""

    sizes: list[int]
    spent: dict[tuple[str, int], list[Spent]] = field(default_factory=dict)

    def add(self, tool: str, size: int, spent: Spent) -> None:
        self.spent.setdefault((tool, size), []).append(spent)

    def drop(self, tool: str) -> None:
        """Take a tool out that did not get through."""
        self.spent = {key: runs for key, runs in self.spent.items() if key[0] != tool}

    @property
    def tools(self) -> list[str]:
        """Those that were run on every number of images."""
        return [tool for tool in TOOLS if all(self.spent.get((tool, size)) for size in self.sizes)]

    def walls(self, tool: str, size: int) -> list[float]:
        return [spent.cost.wall for spent in self.spent[tool, size]]

    def cost(self, tool: str, size: int, turn: int | None = None) -> Cost:
        """Of one round, or the medians of all."""
        runs = self.spent[tool, size]
        return middle(spent.cost for spent in (runs if turn is None else runs[turn : turn + 1]))

    def memory(self, tool: str, size: int) -> float:
        """Median of the peaks, MB."""
        return median(spent.memory for spent in self.spent[tool, size]) / MB

    def load(self, tool: str, size: int) -> float:
        return median(spent.load for spent in self.spent[tool, size])

    def added(self, tool: str) -> Cost:
        """Seconds per added image, between the fewest and the most."""
        return slope({size: self.cost(tool, size) for size in self.sizes})


def slope(costs: dict[int, Cost]) -> Cost:
    """Seconds per image added between the fewest and the most."""
    few, many = min(costs), max(costs)
    return (costs[many] - costs[few]).per(many - few)


def stage_slopes(stages: dict[int, Sequence[dict[str, Cost]]], whole: Cost) -> dict[str, Cost]:
    """Seconds per added image of each stage, and of what lies between them.

    Parameters
    ----------
    stages : by number of images, for each round the stages' costs.
    whole : seconds per added image of all.
    """
    names = list(dict.fromkeys(name for rounds in stages.values() for costs in rounds for name in costs))
    found = {
        name: slope({size: middle(costs[name] for costs in rounds) for size, rounds in stages.items()})
        for name in names
    }
    return {**found, REST: whole - together(found.values())}


def targets(runs: Runs) -> list[Target]:
    """What is asked for, by the clock and of the processors; where a tool is missing, a figure that rests on 0 rounds.

    Where noise makes an added image cost nothing or less in most rounds, it is NaN, and the target is not met.
    """
    most = f"{max(runs.sizes):,} images"
    return [
        *(
            Target(f"time per added image, {clock}, in times of fastdup's", figure, OF_FASTDUP, at_most=True)
            for clock, figure in _ratios(runs, WINNOW, FASTDUP, _added)
        ),
        *(
            Target(f"cleanvision's time, {clock}, in times of measure's, {most}", figure, OF_MEASURE)
            for clock, figure in _ratios(runs, CLEANVISION, MEASURE, _whole)
        ),
    ]


def short(asked: Sequence[Target]) -> list[Target]:
    """Those that fall short, or that noise hides; one for which a tool is missing does not."""
    return [target for target in asked if target.figure.n and not target.is_met]


def _added(runs: Runs, tool: str, turn: int) -> Cost:
    """Of an added image, in one round."""
    return slope({size: runs.cost(tool, size, turn) for size in runs.sizes})


def _whole(runs: Runs, tool: str, turn: int) -> Cost:
    """Of the most images, in one round."""
    return runs.cost(tool, max(runs.sizes), turn)


def _ratios(runs: Runs, above: str, below: str, cost: Callable[[Runs, str, int], Cost]) -> list[tuple[str, Figure]]:
    """By either clock: the median of what single rounds give, and the least and the most.

    The two of one round ran within minutes of each other, under much the same load; medians of each by itself would not
    have.
    """
    if not {above, below} <= set(runs.tools):
        return [(title, NONE) for title in CLOCKS.values()]
    rounds = range(min(len(each) for each in runs.spent.values()))
    costs = [(cost(runs, above, turn), cost(runs, below, turn)) for turn in rounds]
    return [
        (title, _middle([_ratio(getattr(over, clock), getattr(under, clock)) for over, under in costs]))
        for clock, title in CLOCKS.items()
    ]


def _ratio(over: float, under: float) -> float:
    return over / under if over > 0 and under > 0 else nan


def _middle(ratios: list[float]) -> Figure:
    """NaN unless more than half of the rounds say anything."""
    known = [ratio for ratio in ratios if not isnan(ratio)]
    if 2 * len(known) <= len(ratios):
        return Figure(nan, nan, nan, len(ratios))
    return Figure(median(known), min(known), max(known), len(ratios))
