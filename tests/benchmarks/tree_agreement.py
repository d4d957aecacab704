"""How far the clusters of the neighbour graph agree with those of exact HDBSCAN, whose tree is over all pairs.

python -m tests.benchmarks.tree_agreement 20000

Compared by the adjusted Rand index (Hubert & Arabie 1985), noise counting as a cluster of its own: the exact graph's
clusters, then those of the graph as it is looked for in cells, each with those of all pairs, both as HDBSCAN's leaves
leave them and as the stage ends. The last number printed is the least of them.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.metrics import adjusted_rand_score

from stages.cluster import GRAPH_NEIGHBORS
from stages.contracts.params.cluster import Params
from stages.core.cells import graph
from stages.core.clustering import cluster_size, clusters_of_tree
from stages.core.density_leaves import density_leaves
from stages.core.spanning_tree import euclidean, spanning_tree
from tests.benchmarks.mixture import mixture

DIM = 512


def tree_of_all_pairs(vectors: np.ndarray, min_samples: int) -> csr_matrix:
    """Minimum spanning tree of the mutual reachability distances between all n rows, by Prim's algorithm."""
    n = len(vectors)
    cosine = vectors @ vectors.T
    np.fill_diagonal(cosine, -1)
    core = euclidean(-np.partition(-cosine, min_samples - 1, axis=1)[:, min_samples - 1])
    waiting = np.ones(n, bool)
    nearest, distance, here = np.zeros(n, np.int64), np.full(n, np.inf), 0
    ends, lengths = np.empty((n - 1, 2), np.int64), np.empty(n - 1)
    for step in range(n - 1):
        waiting[here] = False
        reach = np.maximum(euclidean(cosine[here]), np.maximum(core[here], core))
        closer = waiting & (reach < distance)
        nearest[closer], distance[closer] = here, reach[closer]
        there = np.where(waiting, distance, np.inf).argmin()
        ends[step], lengths[step], here = (nearest[there], there), distance[there], there
    rows, columns = np.concatenate([ends, ends[:, ::-1]]).T
    return csr_matrix((np.tile(lengths, 2), (rows, columns)), shape=(n, n))


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    vectors, params, size = mixture(n, DIM, np.empty(0, np.int64)).vectors, Params(), cluster_size(n)
    exact = graph(vectors, GRAPH_NEIGHBORS, exact_up_to=n)
    started = time.process_time()
    tree = tree_of_all_pairs(vectors, params.min_samples)
    print(f"tree over all pairs of {n:,}: {time.process_time() - started:.0f} s of processor")
    least = 1.0
    for near in (exact, graph(vectors, GRAPH_NEIGHBORS, exact_up_to=0)):
        started = time.process_time()
        ours = spanning_tree(vectors, near.indices, near.similarities, params.min_samples)
        took = time.process_time() - started
        raw = adjusted_rand_score(density_leaves(tree, size)[0], density_leaves(ours, size)[0])
        whole = [clusters_of_tree(one, near.indices, near.similarities, size).labels for one in (tree, ours)]
        joined = adjusted_rand_score(*whole)
        counts = " and ".join(str(labels.max() + 1) for labels in whole)
        print(
            f"neighbour graph ({near.told['search']}): {took:.0f} s; ARI of leaves {raw:.4f}, of clusters {joined:.4f}"
            f" ({counts})"
        )
        least = min(least, raw, joined)
    print(f"clusters of {n:,} against exact HDBSCAN: ARI at least {least:.4f}")


if __name__ == "__main__":
    main()
