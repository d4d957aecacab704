"""How close `measure` and `embed` come to what the machine can do, in one run on the same files.

make bench                                  parts of photographs that ship with packages
make bench FOLDER=/images N=512 ROUNDS=5    your own

Timed in turns, several rounds of them, and the medians told: the two stages as they are; the encoder's forward pass
alone, on pictures that are ready; the decoding alone, at the reduced size, of bytes in memory; and the plain loop that
a user would write (`plain_loop`). The stages are timed on few and on many images, and a cost per image is the
difference, so that what a run costs before any image (`make bench-fixed`) is not in it. CPU time is that of all
threads. Whoever else uses the machine slows both sides of each ratio.

Exits with 1 when a figure falls short.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stages.core.pixels import decode
from stages.embed import OVERSAMPLING
from stages.engines.local import in_parallel, worker_count
from tests.benchmarks.clocks import Cost, cost, machine, middle, together
from tests.benchmarks.pictures import provide
from tests.benchmarks.trial_project import PHOTOS, TrialProject

if TYPE_CHECKING:
    from tests.benchmarks.plain_loop import Loop

STAGES = ("measure", "embed")
IMAGES, ROUNDS = 1_024, 3
FEW, NEW = 0.5, 0.01
"""Shares of the images: that the stages are timed on first, and that come to those that are known. Half, so that
`measure` goes about both in one way: for 500 images or more it starts processes, which is part of the fixed cost."""
FORWARD, PLAIN = 256, 64
"""Images of the forward pass, and of the plain loop: it is slow, and as slow per image with more of them."""
OF_ALL = 0.05
"""Of what all images cost, what 1 % new ones may cost beyond the fixed cost; a fifth of the sheets hold one of them."""


@dataclass(frozen=True)
class Contender:
    """An encoder, and what is asked of it.

    of_floor : CPU time per image, in times of what the forward pass and two reduced decodes take, at most.
    of_plain : images a second, in times of the plain loop's, at least.
    """

    name: str
    model: Callable[[Path], str]
    loop: Callable[[str], Loop]
    of_floor: float
    of_plain: float


def _plain_packaged(_: str) -> Loop:
    from tests.benchmarks import plain_loop  # torch: the processes that `measure` starts load this module, too

    return plain_loop.packaged()


def _plain_clip(model: str) -> Loop:
    from tests.benchmarks import plain_loop

    return plain_loop.clip(Path(model))


def _random_clip(root: Path) -> str:
    from tests.benchmarks import random_clip

    return str(random_clip.save(root / "clip"))


CONTENDERS = (
    Contender("packaged", lambda _: "packaged", _plain_packaged, 1.7, 5.0),
    Contender("clip ViT-B/32, random weights", _random_clip, _plain_clip, 1.3, 3.0),
)


class Trial:
    """One encoder on one set of images, everything that is not timed already done."""

    def __init__(self, contender: Contender, folder: Path | None, count: int, root: Path) -> None:
        provide(folder, count, root / PHOTOS)
        model = contender.model(root)
        self.project = TrialProject(root, model)
        images = self.project.images
        self.count = len(images)
        self.few, self.known = images[: max(int(FEW * self.count), 1)], images[: -max(int(NEW * self.count), 1)]
        self.encoder, self.loop = self.project.encoder(), contender.loop(model)
        self.plain = self.project.paths(images[:PLAIN])
        self.bytes = [path.read_bytes() for path in self.project.paths(images)]
        self.views = np.stack([self.encoder.preprocess(pixels) for pixels in islice(self._decoded(), FORWARD)])
        self.costs: dict[str, list[Cost]] = defaultdict(list)

    def warm_up(self) -> None:
        """The first time of everything costs what none after it does."""
        self._afresh(self.few)
        self.encoder.image_features(self.views[:32])
        self.loop(self.plain[:4])

    def round(self) -> None:
        """Time everything once."""
        found = {
            **self._stages(),
            "forward": cost(lambda: self.encoder.image_features(self.views)).per(len(self.views)),
            "decode": cost(lambda: list(self._decoded())).per(self.count),
            "plain": cost(lambda: self.loop(self.plain)).per(len(self.plain)),
        }
        for name, each in found.items():
            self.costs[name].append(each)

    def medians(self) -> dict[str, Cost]:
        return {name: middle(costs) for name, costs in self.costs.items()}

    def _stages(self) -> dict[str, Cost]:
        """`measure` and `embed` per image, what they cost before any, and what `NEW` images among known ones cost."""
        few, many = self._afresh(self.few), self._afresh(self.known)
        each = {name: (many[name] - few[name]).per(len(self.known) - len(self.few)) for name in STAGES}
        self.project.show(self.project.images)
        return {
            **each,
            "fixed": together(few.values()) - together(each.values()).times(len(self.few)),
            "new": cost(partial(self.project.run, *STAGES)),
            "nothing new": cost(partial(self.project.run, *STAGES)),
        }

    def _afresh(self, images: pd.DataFrame) -> dict[str, Cost]:
        """What each stage costs on images that it never saw."""
        self.project.forget()
        self.project.show(images)
        return {stage: cost(partial(self.project.run, stage)) for stage in STAGES}

    def _decoded(self) -> Iterator[np.ndarray]:
        reduced = partial(decode, min_side=OVERSAMPLING * self.encoder.input_size)
        return (pixels for _, pixels in in_parallel(reduced, self.bytes, worker_count(None)))


@dataclass(frozen=True)
class Figure:
    """A figure that something is asked of."""

    what: str
    found: float
    limit: float
    is_most: bool

    @property
    def is_short(self) -> bool:
        return self.found > self.limit if self.is_most else self.found < self.limit

    def __str__(self) -> str:
        asked = f"asked: {'at most' if self.is_most else 'at least'} {self.limit:g}"
        return f"  {self.what}: {self.found:.2f}, {asked}{'  FALLS SHORT' * self.is_short}"


def figures(contender: Contender, trial: Trial) -> list[Figure]:
    """What is asked for, and what was found."""
    found = trial.medians()
    both = together(found[stage] for stage in STAGES)
    floor = found["forward"].cpu + 2 * found["decode"].cpu
    beyond = (found["new"].cpu - found["fixed"].cpu) / (both.cpu * trial.count)
    return [
        Figure("CPU time, in times of the forward pass and two decodes", both.cpu / floor, contender.of_floor, True),
        Figure("images/s, in times of the plain loop's", found["plain"].wall / both.wall, contender.of_plain, False),
        Figure("1 % new images, beyond the fixed cost, as a share of what all cost", beyond, OF_ALL, True),
    ]


def told(trial: Trial) -> list[str]:
    """What was measured."""
    found = trial.medians()
    both = together(found[stage] for stage in STAGES)
    new = trial.count - len(trial.known)
    return [
        _line("measure + embed", both, f"   (measure {_ms(found['measure'].cpu)}, embed {_ms(found['embed'].cpu)})"),
        _line("forward pass alone", found["forward"]),
        _line("decode alone", found["decode"]),
        _line("the plain loop", found["plain"]),
        f"  {new} new images among {len(trial.known)}: {found['new'].cpu:.2f} s of CPU time, "
        f"{found['fixed'].cpu:.2f} of them fixed; none new: {found['nothing new'].cpu:.2f} s",
    ]


def _line(name: str, each: Cost, more: str = "") -> str:
    return f"  {name:<20}{1 / each.wall:8.1f} images/s{_ms(each.cpu):>12} of CPU time an image{more}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def tried(contender: Contender, folder: Path | None, count: int, rounds: int) -> list[Figure]:
    """Time one encoder, and print what comes of it."""
    with tempfile.TemporaryDirectory() as root:
        trial = Trial(contender, folder, count, Path(root))
        trial.warm_up()
        for _ in range(rounds):
            trial.round()
        print(f"{contender.name}, {trial.encoder.engine}; {trial.count} images, {rounds} rounds; {machine()}")
    asked = figures(contender, trial)
    print("\n".join([*told(trial), *map(str, asked)]), flush=True)
    return asked


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", default="")
    parser.add_argument("--images", default="")
    parser.add_argument("--rounds", default="")
    parser.add_argument("--only", default="", help="part of an encoder's name")
    wish = parser.parse_args()
    folder = Path(wish.folder) if wish.folder else None
    chosen = [contender for contender in CONTENDERS if wish.only in contender.name]
    found = [tried(each, folder, int(wish.images or IMAGES), int(wish.rounds or ROUNDS)) for each in chosen]
    if short := sum(figure.is_short for figures_of_one in found for figure in figures_of_one):
        sys.exit(f"{short} of the figures asked for fall short")


if __name__ == "__main__":
    main()
