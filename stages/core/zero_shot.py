"""Which of some labels fits a picture best, without any example of them (Radford et al. 2021, CLIP)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BLOCK = 8_192
"""Pictures whose similarities to the labels are held at once."""
MISTAKEN = 0.02
"""Share of the pictures that are known to fit a label of which it may be said that none fits."""
ENOUGH = 50
"""Of such pictures; of fewer, two hundredths are less than one picture."""


def prompts(label: str, synonyms: Sequence[str], templates: Sequence[str]) -> list[str]:
    """Every template filled with every name that a label goes by: `prompts("cat", ["cat", "kitten"], ["a {}."])`."""
    names = [spoken(name) for name in synonyms] or [spoken(label)]
    return [template.replace("{}", name) for name in names for template in templates]


def spoken(name: str) -> str:
    """A label as a person writes it: `stop_sign` is `stop sign`."""
    return " ".join(name.replace("_", " ").split())


def cosines(pictures: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Cosine similarities (n, m) float32 of unit rows (n, d) and (m, d)."""
    return pictures.astype(np.float32, copy=False) @ texts.astype(np.float32, copy=False).T


def confidences(similarities: np.ndarray, logit_scale: float) -> np.ndarray:
    """The softmax (n, m) float64 of logit scale x cosine over the labels; rows sum to 1."""
    logits = logit_scale * similarities.astype(np.float64)
    logits -= logits.max(axis=1, keepdims=True, initial=-np.inf)
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def chance_of_better(best_cosine: np.ndarray, pictures: np.ndarray, vocabulary: np.ndarray, labels: int) -> np.ndarray:
    """The chance (n,) that the best of as many names of anything else fits a picture better than the best label.

    The names of a large vocabulary stand for names of anything else: nearly all of them have nothing to do with a given
    picture. If a share s of them fits better than the best label, then of `labels` names drawn at random at least one
    does so with the chance 1 - (1 - s)**labels. Where it is large, the labels fit no better than any others would, and
    the best of them is best by accident.

    Parameters
    ----------
    best_cosine : (n,) of the best label.
    pictures : (n, d) unit rows.  vocabulary : (v, d) unit rows; without any, nothing fits better.
    labels : how many labels compete.
    """
    better = np.zeros(len(pictures))
    for at in range(0, len(pictures), BLOCK) if len(vocabulary) else ():
        part = slice(at, at + BLOCK)
        # A name that is a label itself must not beat it by the last bit.
        better[part] = (cosines(pictures[part], vocabulary) > best_cosine[part, None] + 1e-6).mean(axis=1)
    return 1 - (1 - better) ** labels


def least_chance(by_chance: np.ndarray, known_to_fit: np.ndarray, asked: float) -> float:
    """The chance above which no label is said to fit: the one asked for, or as much more as known pictures ask for.

    An encoder may hardly know the words of a data set, and then all of its pictures fit other names better. Where
    people have labelled pictures as zero-shot does, these do fit; no more than `MISTAKEN` of them may lie above.

    Parameters
    ----------
    by_chance : (n,) see `chance_of_better`.  known_to_fit : (n,) bool, the pictures that bear the label they are given.
    """
    known = by_chance[known_to_fit]
    if len(known) < ENOUGH:
        return asked
    return max(asked, float(np.quantile(known, 1 - MISTAKEN, method="higher")))


@dataclass(frozen=True, eq=False)
class Fit:
    """The best labels of n pictures: columns (n, k), best first, confidences (n, k), the best one's cosine (n,)."""

    columns: np.ndarray
    confidences: np.ndarray
    cosine: np.ndarray


def fit(pictures: np.ndarray, texts: np.ndarray, logit_scale: float, k: int) -> Fit:
    """Compare pictures (n, d) with labels (m, d), unit rows both, and keep the k best of each."""
    k = min(k, len(texts))
    columns, shares = np.empty((len(pictures), k), np.int64), np.empty((len(pictures), k))
    highest = np.empty(len(pictures), np.float32)
    for at in range(0, len(pictures), BLOCK):
        part = slice(at, at + BLOCK)
        similarities = cosines(pictures[part], texts)
        found = confidences(similarities, logit_scale)
        columns[part] = np.argsort(-similarities, axis=1, kind="stable")[:, :k]
        shares[part] = np.take_along_axis(found, columns[part], axis=1)
        highest[part] = similarities.max(axis=1)
    return Fit(columns, shares, highest)
