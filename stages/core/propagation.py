"""Zero-shot labels that heed the neighbours: pictures that look alike confirm or correct what is said of each.

Zero-shot guesses the label of each picture without having seen any other. Pictures that look alike mostly show the
same, so the guesses are spread over the neighbour graph, as in learning with local and global consistency (Zhou et al.
2004), which does the same for the few labels that it is given, and as for image-text encoders in ZLaP (Stojnić et al.
2024).
"""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import reverse_cuthill_mckee

from stages.core.zero_shot import BLOCK, cosines

NEAREST = 10
"""Neighbours that a picture listens to."""
LABELS_AT_ONCE = 64
"""Labels whose shares in all pictures are held at once."""
CLOSE_ENOUGH = 1e-4
"""Share of what still comes from afar at which the spreading ends."""


def best_labels(
    pictures: np.ndarray,
    texts: np.ndarray,
    logit_scale: float,
    indices: np.ndarray,
    similarities: np.ndarray,
    share: float,
) -> tuple[np.ndarray, np.ndarray]:
    """The column (n,) int64 of the label that suits a picture and its neighbours best, and the picture's own confidence
    (n,) in it.

    The confidences of zero-shot are spread over the graph, and those of each label are then divided by the square root
    of their sum: a text that lies nearer to all pictures than the others would otherwise take too many. To divide by
    the sum itself (class mass normalisation, Zhu et al. 2003) would suppose that all labels are equally common; not to
    divide, that no text lies nearer to all pictures than another. The square root lies between the two.

    Parameters
    ----------
    pictures : (n, d) unit rows.  texts : (m, d) unit rows, m of at least 1.
    indices, similarities : (n, k) the nearest pictures of each, nearest first, and their cosines.
    share : what a picture takes from its neighbours, 0 (its own text alone) to below 1.
    """
    totals = _log_totals(pictures, texts, logit_scale)
    weights, order = walked(graph(indices[:, :NEAREST], similarities[:, :NEAREST]))
    place = np.argsort(order)
    best, highest = np.zeros(len(pictures), np.int64), np.full(len(pictures), -np.inf, np.float32)
    confidence = np.zeros(len(pictures), np.float32)
    for at in range(0, len(texts), LABELS_AT_ONCE):
        some = texts[at : at + LABELS_AT_ONCE]
        own = np.exp(logit_scale * cosines(pictures, some) - totals[:, None]).astype(np.float32)
        # With a share of 0 nothing is spread, so the labels have no totals by which to tell those that take too many.
        found = over_root_of_sum(spread(weights, own[order], share)[place]) if share else own
        column = found.argmax(axis=1)
        rows = np.arange(len(found))
        better = found[rows, column] > highest
        rows, column = rows[better], column[better]
        best[rows], highest[rows], confidence[rows] = at + column, found[rows, column], own[rows, column]
    return best, confidence


def graph(indices: np.ndarray, similarities: np.ndarray) -> sparse.csr_array:
    """The symmetric neighbour graph (n, n), each edge divided by the root of the weights at both its ends."""
    n, k = indices.shape
    weights = np.maximum(similarities, 0).astype(np.float32).ravel()
    one_way = sparse.csr_array((weights, indices.astype(np.int32).ravel(), np.arange(n + 1) * k), shape=(n, n))
    both = one_way.maximum(one_way.T).tocsr()
    degrees = np.sqrt(np.maximum(np.asarray(both.sum(axis=1)), np.finfo(np.float32).tiny)).astype(np.float32)
    both.data /= np.repeat(degrees, np.diff(both.indptr)) * degrees[both.indices]
    return both


def walked(weights: sparse.csr_array) -> tuple[sparse.csr_array, np.ndarray]:
    """The graph with neighbours near each other in memory, and which row each of its rows was.

    Of a million pictures in the order of their ids, every neighbour is a wait for memory: twice the time. The edges of
    a row stay in their order, so that their sum is the same to the last bit.

    References
    ----------
    Cuthill & McKee 1969.
    """
    order = reverse_cuthill_mckee(weights, symmetric_mode=True) if weights.shape[0] else np.empty(0, np.int32)
    rows = weights[order]
    columns = np.argsort(order).astype(rows.indices.dtype)[rows.indices]
    return sparse.csr_array((rows.data, columns, rows.indptr), shape=rows.shape), order


def spread(weights: sparse.csr_array, own: np.ndarray, share: float) -> np.ndarray:
    """What each picture (n, m) has when it takes `share` of what its neighbours have, and the rest is its own."""
    if not 0 < share < 1:
        return own
    found = own
    for _ in range(math.ceil(math.log(CLOSE_ENOUGH) / math.log(share))):
        found = share * (weights @ found) + (1 - share) * own
    return found


def over_root_of_sum(found: np.ndarray) -> np.ndarray:
    """Every column (n, m) divided by the square root of its sum."""
    return found / np.sqrt(np.maximum(found.sum(axis=0), np.finfo(np.float32).tiny), dtype=np.float32)


def _log_totals(pictures: np.ndarray, texts: np.ndarray, logit_scale: float) -> np.ndarray:
    """The logarithm (n,) float32 of what the softmax divides by."""
    totals = np.empty(len(pictures), np.float32)
    for at in range(0, len(pictures), BLOCK):
        logits = logit_scale * cosines(pictures[at : at + BLOCK], texts)
        highest = logits.max(axis=1)
        totals[at : at + BLOCK] = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))
    return totals
