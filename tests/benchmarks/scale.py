"""What every stage behind `embed` costs as the number of images grows: seconds, processor seconds, peak memory, slope.

make bench-scale ROWS=10000,100000

Each stage is the real command in a process of its own, in a temporary project of so many images drawn as a mixture
(`mixture.py`, `mixture_project.py` say what is drawn, and what stands for what cannot be). Peak memory is the most that
it and the processes it starts were seen to hold, five times a second. The slope is the power of n with which wall
seconds grow: 1 is in proportion. What a stage printed about how it went about it is shown below the table. A figure
over its target is marked, and ends in exit code 1. Last, the clusters of 20,000 are compared with those of all pairs
(`tree_agreement.py`).
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks import process_tree

SHIPPED = Path(__file__).resolve().parents[2]
STAGES = ("connect", "cluster", "deduplicate", "score", "classify", "project", "index", "export", "report")
COMMANDS = {"classify": "tests.benchmarks.classify_blindly"}
"""Stages that need what a mixture has not, and the module that gives it to them."""
TARGETS = {
    100_000: {"connect": 80, "cluster": 180, "deduplicate+score": 30, "project": 150, "export+report": 60},
    1_000_000: {"all": 7200},
}
"""Seconds on two processors."""
MOST_MEMORY = {100_000: 4.0, 1_000_000: 24.0}
"""GB, of any one stage."""
LEAST_AGREEMENT = 0.95
AGREEMENT_ROWS = 20_000


@dataclass(frozen=True)
class Cost:
    """Of a stage: wall and processor seconds, peak memory in GB, load of the machine before, what it printed last."""

    wall: float
    cpu: float
    memory: float
    load: float
    told: str


@dataclass
class Measured:
    """Costs by (rows, stage)."""

    costs: dict[tuple[int, str], Cost] = field(default_factory=dict)

    def wall(self, rows: int, stages: str) -> float:
        """Of one stage, of several joined by +, or of all."""
        names = STAGES if stages == "all" else stages.split("+")
        return sum(self.costs[rows, name].wall for name in names)

    def slope(self, rows: list[int], stage: str, at: int) -> str:
        """From the size before; empty for the smallest."""
        if at == 0:
            return ""
        before, now = rows[at - 1], rows[at]
        return f"{math.log(self.wall(now, stage) / self.wall(before, stage)) / math.log(now / before):.2f}"


def run(module: str, folder: Path, *arguments: str) -> Cost:
    """A module in a process of its own, in that folder.

    Raises
    ------
    SystemExit : it failed; what it printed comes first.
    """
    spent = process_tree.run(
        [sys.executable, "-m", module, *arguments], folder, {**os.environ, "PYTHONPATH": str(SHIPPED)}
    )
    if spent.code:
        sys.exit(f"{spent.said}\n{module} failed with code {spent.code}")
    return Cost(spent.cost.wall, spent.cost.cpu, spent.memory / 1e9, spent.load, spent.last_line)


def measured(rows: list[int], stages: tuple[str, ...] = STAGES) -> Measured:
    found = Measured()
    for n in rows:
        with tempfile.TemporaryDirectory(prefix="scale-") as folder:
            run("tests.benchmarks.mixture_project", SHIPPED, str(n), folder)
            for stage in stages:
                found.costs[n, stage] = cost = run(COMMANDS.get(stage, f"stages.{stage}"), Path(folder))
                print(_row(n, stage, cost, ""), flush=True)
    return found


def _row(n: int, stage: str, cost: Cost, slope: str) -> str:
    return (
        f"{n:>10,}  {stage:<20}{cost.wall:>9.1f} s{cost.cpu:>9.1f} s{cost.memory:>8.2f} GB{cost.load:>8.1f}{slope:>8}"
    )


def table(found: Measured, rows: list[int]) -> str:
    head = f"{'images':>10}  {'stage':<20}{'wall':>11}{'processor':>11}{'peak':>11}{'load':>8}{'slope':>8}"
    lines = [head]
    for stage in STAGES:
        lines += [_row(n, stage, found.costs[n, stage], found.slope(rows, stage, at)) for at, n in enumerate(rows)]
    for at, n in enumerate(rows):
        parts = [found.costs[n, stage] for stage in STAGES]
        cost = Cost(sum(p.wall for p in parts), sum(p.cpu for p in parts), max(p.memory for p in parts), 0, "")
        lines.append(_row(n, "all", cost, found.slope(rows, "all", at)))
    told = [f"  {n:,}: {found.costs[n, stage].told}" for n in rows for stage in STAGES]
    return "\n".join([*lines, "", *told])


def shortfalls(found: Measured, rows: list[int]) -> list[str]:
    """Every figure over its target, in words."""
    told = []
    for n in rows:
        for stages, seconds in TARGETS.get(n, {}).items():
            if found.wall(n, stages) > seconds:
                told.append(f"{n:,} images: {stages} took {found.wall(n, stages):.0f} s; the target is {seconds} s")
        for stage in STAGES if n in MOST_MEMORY else ():
            if found.costs[n, stage].memory > MOST_MEMORY[n]:
                memory = f"{found.costs[n, stage].memory:.1f} GB; the target is {MOST_MEMORY[n]:g} GB"
                told.append(f"{n:,} images: {stage} took {memory}")
    return told


def main() -> None:
    rows = sorted(int(word) for word in sys.argv[1].split(",")) if len(sys.argv) > 1 else [10_000, 100_000]
    print(f"{os.cpu_count()} processors; targets are for 2 that nobody else uses: see the load", flush=True)
    found = measured(rows)
    print("\n" + table(found, rows))
    short = shortfalls(found, rows)
    agreement = run("tests.benchmarks.tree_agreement", SHIPPED, str(AGREEMENT_ROWS)).told
    print(f"\n{agreement}")
    if float(agreement.split()[-1]) < LEAST_AGREEMENT:
        short.append(f"clusters agree less with those of all pairs than an ARI of {LEAST_AGREEMENT}")
    sys.exit("\n" + "\n".join(short) if short else 0)


if __name__ == "__main__":
    main()
