"""Runs of several tools on several numbers of images: medians, what one more image costs, and what is asked of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import nan
from statistics import median

from tests.benchmarks.clocks import Cost, middle
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

    def cost(self, tool: str, size: int) -> Cost:
        """Medians."""
        return middle(spent.cost for spent in self.spent[tool, size])

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


def stage_slopes(stages: dict[int, Sequence[dict[str, Cost]]]) -> dict[str, Cost]:
    """Seconds per added image of each stage.

    Parameters
    ----------
    stages : by number of images, for each round the stages' costs.
    """
    names = list(dict.fromkeys(name for rounds in stages.values() for costs in rounds for name in costs))
    return {
        name: slope({size: middle(costs[name] for costs in rounds) for size, rounds in stages.items()})
        for name in names
    }


def targets(runs: Runs) -> list[Target]:
    """What is asked for; a figure that could not be had is NaN."""
    return [
        Target("time per added image, in times of fastdup's", _of_fastdup(runs), OF_FASTDUP, at_most=True),
        Target(f"cleanvision's time, in times of measure's, {max(runs.sizes):,} images", _of_measure(runs), OF_MEASURE),
    ]


def short(asked: Sequence[Target]) -> list[Target]:
    """Those that fall short; one that could not be measured does not."""
    return [target for target in asked if target.figure.n and not target.is_met]


def _of_fastdup(runs: Runs) -> Figure:
    if not {WINNOW, FASTDUP} <= set(runs.tools):
        return NONE
    theirs = runs.added(FASTDUP).wall
    # Where noise makes their slope nothing or less, there is no ratio.
    return _counted(runs.added(WINNOW).wall / theirs, runs) if theirs > 0 else NONE


def _of_measure(runs: Runs) -> Figure:
    if not {MEASURE, CLEANVISION} <= set(runs.tools):
        return NONE
    most = max(runs.sizes)
    return _counted(runs.cost(CLEANVISION, most).wall / runs.cost(MEASURE, most).wall, runs)


def _counted(value: float, runs: Runs) -> Figure:
    rounds = min(len(each) for each in runs.spent.values())
    return Figure(round(value, 2), nan, nan, rounds)
