"""Pictures for the benchmarks of time: some of a folder of yours, or parts of photographs that ship with packages."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from stages.sources.folder import walk
from stages.sources.photographs import CLASSES, photograph

SIZE = (640, 480)
QUALITY = 90
LEAST_PART = 0.5
"""How much of a photograph a part of it shows at least, of the side that is cut less."""


def provide(folder: Path | None, count: int, into: Path) -> None:
    """Put up to `count` files of `folder`, chosen by a fixed seed, into a folder; or so many parts of photographs."""
    into.mkdir(parents=True)
    if folder is None:
        _parts(count, into)
    else:
        _copies(folder, count, into)


def _copies(folder: Path, count: int, into: Path) -> None:
    paths = [file.path for file in walk(folder).files]
    chosen = np.random.default_rng(0).permutation(len(paths))[:count]
    for number, row in enumerate(sorted(chosen)):
        shutil.copyfile(folder / paths[row], into / f"{number:06d}{Path(paths[row]).suffix}")


def _parts(count: int, into: Path) -> None:
    photographs = [Image.fromarray(photograph(path)) for path in CLASSES.values()]
    rng = np.random.default_rng(0)
    for number in range(count):
        whole = photographs[number % len(photographs)]
        part = whole.resize(SIZE, Image.Resampling.BICUBIC, box=_box(whole, rng))
        part.save(into / f"{number:06d}.jpg", quality=QUALITY)


def _box(whole: Image.Image, rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Some part of the shape of `SIZE`, in pixels: left, top, right, bottom."""
    scale = min(whole.width / SIZE[0], whole.height / SIZE[1]) * rng.uniform(LEAST_PART, 1)
    width, height = SIZE[0] * scale, SIZE[1] * scale
    left, top = rng.uniform(0, whole.width - width), rng.uniform(0, whole.height - height)
    return left, top, left + width, top + height
