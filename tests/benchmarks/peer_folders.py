"""The folders that the tools look at: subsets of one folder, and the demo with what is planted in it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from stages import demo
from stages.contracts.params.base import FILE
from stages.sources.folder import walk
from tests.benchmarks.pictures import provide
from tests.benchmarks.trial_project import SHIPPED


def subsets(folder: Path | None, sizes: list[int], into: Path) -> dict[int, Path]:
    """For each size a folder of so many images, drawn by a fixed seed, a smaller one within every larger one.

    Parameters
    ----------
    folder : whose; None takes parts of photographs that ship with packages.

    Raises
    ------
    SystemExit : it holds too few.
    """
    if folder is None:
        folder = into / "parts"
        provide(None, max(sizes), folder)
    paths = drawn([file.path for file in walk(folder).files], max(sizes), str(folder))
    found = {size: into / f"{size}" / "photos" for size in sizes}
    for size, place in found.items():
        copy(folder, paths[:size], place)
    return found


def drawn(paths: list[str], count: int, folder: str) -> list[str]:
    """So many of them, in a random order that is always the same."""
    if len(paths) < count:
        instead = f"SIZES={len(paths) // 4},{len(paths)}"
        sys.exit(f"{folder} holds {len(paths):,} images, and SIZES asks for {count:,}: type e.g. {instead}")
    return [paths[row] for row in np.random.default_rng(0).permutation(len(paths))[:count]]


def copy(folder: Path, paths: Iterable[str], into: Path) -> None:
    """Have some files of a folder in another, under the same paths; not as links, which a tool could write through."""
    for path in paths:
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / path, into / path)


def warm(folder: Path) -> None:
    """Read every file once, so that whoever comes first does not wait for the disk on behalf of all."""
    for path in folder.rglob("*"):
        if path.is_file():
            path.read_bytes()


def planted(root: Path) -> tuple[Path, pd.DataFrame]:
    """The demo as shipped, made below `root`; and what is planted in it."""
    root.mkdir(parents=True)
    shutil.copyfile(SHIPPED / FILE, root / FILE)
    demo.main(root)
    return root / demo.FOLDER, pd.read_csv(root / demo.TRUTH, keep_default_na=False, dtype=str)


def without_unreadable(folder: Path, truth: pd.DataFrame, into: Path) -> Path:
    """The demo but for the files that nobody can open, for a tool that stops at them."""
    broken = set(truth.loc[truth["kind"] == "unreadable", "path"])
    paths = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    copy(folder, (path for path in paths if path not in broken), into)
    return into
