"""What a cluster shows, in a word, where that is plain; a name that is not plain is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SHARE = 2 / 3
"""Share of a cluster's members that must have one label for the label to be its name."""
CORE = 0.5
"""Strength above which a member is of the dense core: members that the core adopted have this at most."""


@dataclass(frozen=True)
class Named:
    """A name, how far it stands out, and whether labels or the vocabulary gave it; None, 0 and None without one."""

    name: str | None
    margin: float
    source: str | None


NAMELESS = Named(None, 0.0, None)


def by_labels(labels: Sequence[str | None]) -> Named:
    """The label that two thirds of all the members have; its lead over the next one, as a share of the members."""
    names, counts = np.unique([label for label in labels if label is not None], return_counts=True)
    if not len(names):
        return NAMELESS
    order = np.argsort(-counts, kind="stable")
    shares = counts[order] / len(labels)
    if shares[0] < SHARE:
        return NAMELESS
    return Named(str(names[order[0]]), float(shares[0] - (shares[1] if len(shares) > 1 else 0)), "label")


def contradicts(name: str | None, labels: Sequence[str | None], known: Sequence[str]) -> bool:
    """Whether a name is a label of the data set, and over half of the cluster's labelled members have another one.

    Parameters
    ----------
    labels : of the members, None where one has none.  known : all labels of the data set.
    """
    if name is None or name.casefold() not in {label.casefold() for label in known}:
        return False
    counts = Counter(label.casefold() for label in labels if label is not None)
    prevailing, count = counts.most_common(1)[0] if counts else (None, 0)
    return 2 * count > counts.total() and prevailing != name.casefold()


def by_vocabulary(centres: np.ndarray, names: Sequence[str], texts: np.ndarray, least: float) -> list[Named]:
    """A name for each cluster, by contrast with its siblings.

    The difference between a cluster's centre and the mean of all centres is compared with every name. The name that
    fits it best is taken if it stands out from all names by `least` standard deviations, and fits this cluster better
    than any sibling. The best of n names without relation to it stands out by about sqrt(2 ln n): 3.8 for 1,400.

    Parameters
    ----------
    centres : (c, d) unit rows.  texts : (v, d) unit rows, of `names`.
    """
    if not len(names) or not len(centres):
        return [NAMELESS] * len(centres)
    fits = centres @ texts.T
    apart = fits - fits.mean(axis=0) if len(centres) > 1 else fits
    spread = np.maximum(apart.std(axis=1), 1e-12)
    outstanding = (apart - apart.mean(axis=1, keepdims=True)) / spread[:, None]
    best = outstanding.argmax(axis=1)
    return [
        Named(names[name], float(outstanding[cluster, name]), "vocabulary")
        if outstanding[cluster, name] >= least and fits[:, name].argmax() == cluster
        else NAMELESS
        for cluster, name in enumerate(best)
    ]


def key_content(content_ids: Sequence[str], strengths: np.ndarray) -> str:
    """The content that a cluster is known by: of its core the one with the smallest id.

    Ids are hashes, so this is a fair draw that nobody needs to remember (min-wise hashing, Broder 1997): a cluster that
    keeps its core keeps it, and one that gains a few per cent keeps it with that much less than certainty.
    """
    core = [content for content, strength in zip(content_ids, strengths, strict=True) if strength > CORE]
    return min(core or content_ids)
