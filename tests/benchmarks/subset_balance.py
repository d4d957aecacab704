"""How even `winnow select`'s subsets are over kinds that it is not told: `make bench-subset`.

A seeded mixture of 30 kinds, 2,000 down to 34 of each by a power law; and, where the project holds embeddings of
labelled images, these, as they are and thinned out to a power law. Each line: the coefficient of variation of the
kinds' counts (0: equal shares), and the smallest count as a share of an equal one, on average over seeds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from stages.contracts import tables
from stages.contracts.errors import exit_on_error
from stages.contracts.schemas.embeddings import read_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.vocabulary import Status
from stages.core.subsets.balanced import balanced
from stages.core.subsets.diverse import diverse
from stages.core.subsets.representative import representative
from tests.blobs import blobs

SEEDS = 5
POWER = 1.2
PER_KIND = 10

Chooser = Callable[[np.ndarray, int, int], np.ndarray]
WAYS: dict[str, Chooser] = {
    "a draw": lambda vectors, n, seed: np.random.default_rng(seed).permutation(len(vectors))[:n],
    "diverse": lambda vectors, n, _: diverse(vectors, n).rows,
    "representative": lambda vectors, n, seed: representative(vectors, n, seed).rows,
    "balanced": lambda vectors, n, seed: balanced(vectors, n, seed).rows,
}


def main() -> None:
    sizes = _falling(2_000, 30)
    told("mixture", blobs(sizes.tolist(), 0.3, d=64), np.repeat(np.arange(30), sizes))
    if (Path() / IMAGES.path).exists():
        vectors, kinds = labelled(Path())
        told("labels of this project", vectors, kinds)
        some = thinned(kinds)
        told("the same, thinned out", vectors[some], kinds[some])


def labelled(root: Path) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of distinct contents that have a label, and the numbers of the labels."""
    images, embeddings = tables.read(IMAGES, root), read_embeddings(root)
    rows = images[(images["status"] == Status.OK) & images["label"].notna()].drop_duplicates("content_id")
    vectors = embeddings.vectors[embeddings.rows_of(rows["content_id"].to_numpy(dtype=object))]
    return vectors, pd.factorize(rows["label"], sort=True)[0]


def thinned(kinds: np.ndarray, seed: int = 0) -> np.ndarray:
    """Rows of which the kinds' sizes follow a power law, in an order of kinds drawn by lot."""
    rng = np.random.default_rng(seed)
    count = kinds.max() + 1
    wanted = rng.permutation(_falling(np.bincount(kinds).max(), count))
    return np.concatenate([rng.permutation(np.flatnonzero(kinds == kind))[: wanted[kind]] for kind in range(count)])


def told(name: str, vectors: np.ndarray, kinds: np.ndarray) -> None:
    """Print a table of one set."""
    count = int(kinds.max()) + 1
    n = min(PER_KIND * count, len(kinds) // 3)
    sizes = np.bincount(kinds)
    print(f"{name}: {n:,} of {len(kinds):,}, {count} kinds of {sizes.min():,} to {sizes.max():,}")
    for way, choose in WAYS.items():
        found = np.array([evenness(kinds[choose(vectors, n, seed)], count) for seed in range(SEEDS)])
        print(f"  {way:<16}{found[:, 0].mean():6.2f}{found[:, 1].mean():6.2f}", flush=True)


def evenness(kinds: np.ndarray, count: int) -> tuple[float, float]:
    """The coefficient of variation of the kinds' counts, and the smallest as a share of the mean."""
    counts = np.bincount(kinds, minlength=count)
    return float(counts.std() / counts.mean()), float(counts.min() / counts.mean())


def _falling(largest: int, count: int) -> np.ndarray:
    return (largest / np.arange(1, count + 1) ** POWER).round().astype(int)


if __name__ == "__main__":
    sys.exit(exit_on_error(main))
