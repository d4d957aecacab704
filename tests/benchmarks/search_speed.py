"""How fast and how well the index searches, on vectors drawn from a mixture: 300 kinds, each of 24 directions of its
own around its middle, and noise in all. Queries are new draws, as an image would be, and points far from all vectors
(cosine about 0.4), as a text is.

make bench-search                       100,000 vectors of 512 dimensions (CLIP), and of 1,280 (packaged)
make bench-search ROWS=1000000 DIMS=512
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from stages.contracts.params.index import Params
from stages.contracts.schemas.embeddings import Embeddings
from stages.engines.index_update import update
from stages.engines.vector_index import VectorIndex, open_index

KINDS, DIRECTIONS = 300, 24
QUERIES = 100
K = 10
AT_ONCE = 4_096


class Mixture:
    """Vectors drawn with a seed.

    Parameters
    ----------
    dim : length of a vector.
    """

    def __init__(self, dim: int) -> None:
        rng = np.random.default_rng(0)
        self.dim = dim
        self.middles = rng.normal(size=(KINDS, dim)).astype(np.float32) / np.float32(dim**0.5)
        self.axes = rng.normal(size=(KINDS, DIRECTIONS, dim)).astype(np.float32) / np.float32((DIRECTIONS * dim) ** 0.5)

    def images(self, n: int, seed: int) -> np.ndarray:
        """(n, dim) float32 unit rows."""
        rng = np.random.default_rng(seed)
        kinds = rng.integers(KINDS, size=n)
        found = np.empty((n, self.dim), np.float32)
        for at in range(0, n, AT_ONCE):
            rows = kinds[at : at + AT_ONCE]
            noise = rng.normal(size=(len(rows), self.dim)).astype(np.float32) / np.float32(self.dim**0.5)
            found[at : at + AT_ONCE] = self.middles[rows] + 0.35 * noise
            for kind in np.unique(rows):
                own = np.flatnonzero(rows == kind)
                found[at + own] += 0.8 * rng.normal(size=(len(own), DIRECTIONS)).astype(np.float32) @ self.axes[kind]
        return unit(found)

    def texts(self, n: int, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        noise = rng.normal(size=(n, self.dim)).astype(np.float32) / np.float32(self.dim**0.5)
        return unit(0.5 * self.middles[rng.integers(KINDS, size=n)] + 0.9 * noise)


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def measured(rows: int, dim: int, folder: Path) -> None:
    """Build, search, filter, update; print what each takes."""
    mixture, params = Mixture(dim), Params()
    new = rows // 100
    rng = np.random.default_rng(1)
    content_ids = np.array(sorted(f"{number:032x}" for number in rng.integers(2**60, size=rows + new)), dtype=object)
    everything = Embeddings(content_ids, mixture.images(rows + new, seed=1))
    chosen = np.sort(rng.choice(rows + new, rows, replace=False))
    first = Embeddings(content_ids[chosen], everything.vectors[chosen])
    print(f"{rows:,} vectors of {dim:,} dimensions")
    told("build", lambda: update(folder, first, {}, params.exact_below, params.recall))
    searched(open_index(folder), first, mixture)
    told(f"update, {new:,} new", lambda: update(folder, everything, {}, params.exact_below, params.recall))
    searched(open_index(folder), everything, mixture)


def told(name: str, work: Callable[[], object]) -> None:
    started, used = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    print(f"  {name:<34}{wall:8.2f} s   {cpu:8.2f} s of processor")


def searched(index: VectorIndex, truth: Embeddings, mixture: Mixture) -> None:
    told("open, and read the ids", lambda: index.content_ids)
    at = np.searchsorted(truth.content_ids, index.content_ids)
    for name, queries in (("image", mixture.images(QUERIES, seed=2)), ("text", mixture.texts(QUERIES, seed=3))):
        timed(f"{name} query", index, truth, at, queries, None)
        for share in (0.1, 0.01):
            passes = np.random.default_rng(4).random(len(index)) < share
            timed(f"{name} query, {share:.0%} pass", index, truth, at, queries[:30], passes)


def timed(
    name: str, index: VectorIndex, truth: Embeddings, at: np.ndarray, queries: np.ndarray, passes: np.ndarray | None
) -> None:
    """Latency of warm queries, one after another; then recall against all vectors."""
    index.nearest(queries[0], K, passes)
    walls, cpus, found = [], [], []
    for query in queries:
        started, used = time.perf_counter(), time.process_time()
        found.append(index.nearest(query, K, passes)[0])
        walls.append(time.perf_counter() - started)
        cpus.append(time.process_time() - used)
    shared = [
        len(set(rows.tolist()) & exact(truth, at, query, passes)) / K
        for rows, query in zip(found, queries, strict=True)
    ]
    low, middle, high = (1e3 * value for value in np.percentile(walls, [5, 50, 95]))
    print(
        f"  {name:<34}{middle:8.1f} ms  (5 % {low:.1f}, 95 % {high:.1f}; {1e3 * np.median(cpus):.1f} ms of processor)"
        f"  recall@{K} {np.mean(shared):.3f}"
    )


def exact(truth: Embeddings, at: np.ndarray, query: np.ndarray, passes: np.ndarray | None) -> set[int]:
    """Rows of the index that are nearest among all."""
    similarities = (truth.vectors @ query)[at]
    if passes is not None:
        similarities[~passes] = -2
    return set(np.argpartition(-similarities, K)[:K].tolist())


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    for dim in [int(word) for word in sys.argv[2:]] or [512, 1280]:
        with tempfile.TemporaryDirectory() as folder:
            measured(rows, dim, Path(folder) / "index.lance")


if __name__ == "__main__":
    main()
