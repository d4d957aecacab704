"""Which labels are probably wrong: the class that the other images suggest, compared with the label.

Measured are out-of-sample class probabilities, by a logistic regression on the embedding, cross-validated, with copies
of one picture in the same fold. The score is the probability of the given label. Judged is by confident learning
(Northcutt, Jiang & Chuang 2021), which learns from the data how confident the model usually is of each class.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

Each = Callable[[Callable[[Any], Any], Iterable], Iterable]
FOLDS = 5
FEWEST = 2
"""Distinct pictures of a class that are needed: one to learn from, one to judge."""
SCALES = (2.5, 5.0, 10.0, 20.0)
"""Unit vectors are made longer by one of these, which is the same as a weaker penalty: the one whose out-of-sample
probabilities fit the given labels best (log loss)."""
MOST_AXES = 256
"""Principal axes that are looked at. They are found without labels, so nothing leaks; more take longer, and on
photographs no more errors are found."""
ROWS_FOR_AXES = 20_000
MOST_HELD, AT_ONCE = 1 << 25, 1 << 23
"""Probabilities that are kept, 256 MB; where there would be more, `AT_ONCE` are computed at a time and none is kept."""
MOST_LEARNED = 20_000
"""Rows that a fold's model is fitted on, at most; more hardly change it, and cost in proportion."""


@dataclass(frozen=True)
class Judged:
    """What was found of n rows.

    classes : (c,) names, ascending.
    confidence : (n,) out-of-sample probability of the most probable class; NaN where not judged.
    score : (n,) confidence in the given label, 0 to 1, lower is more suspect; NaN where not judged.
    suggested : (n,) the most probable class; None where not judged.
    is_issue : (n,) the label is probably wrong.
    """

    classes: np.ndarray
    confidence: np.ndarray
    score: np.ndarray
    suggested: np.ndarray
    is_issue: np.ndarray


@dataclass(frozen=True)
class Seen:
    """What is kept of class probabilities of n rows: of the given class, the most probable class, and of that one."""

    given: np.ndarray
    best: np.ndarray
    highest: np.ndarray


def judge(vectors: np.ndarray, labels: np.ndarray, groups: np.ndarray, seed: int = 0, each: Each = map) -> Judged:
    """Measure, score and judge the labels.

    Parameters
    ----------
    vectors : (n, d) unit rows.
    labels : (n,) object, None where there is no label: such rows are not judged, nor learned from.
    groups : (n,) the same for copies of one picture.
    each : applies a function to each fold; in threads, where there are processors for them.

    Notes
    -----
    A class of one picture cannot be judged: there is nothing else to learn it from. With fewer than two classes left,
    nothing is.
    """
    usable = judgeable(labels, groups)
    classes = np.unique(labels[usable].astype(str)) if usable.any() else np.empty(0, str)
    if len(classes) < 2:
        return _nothing(len(labels), classes)
    given = np.searchsorted(classes, labels[usable].astype(str))
    told = (vectors[usable], given, groups[usable], len(classes), seed, each)
    if len(given) * len(classes) > MOST_HELD:
        seen = seen_out_of_sample(*told)
        return _spread(usable, classes, seen, counted_suspects(seen, given))
    found = probabilities(*told)
    seen = Seen(self_confidence(found, given), found.argmax(axis=1), found.max(axis=1))
    return _spread(usable, classes, seen, suspects(found, given))


def probabilities(
    vectors: np.ndarray, given: np.ndarray, groups: np.ndarray, classes: int, seed: int, each: Each = map
) -> np.ndarray:
    """Class probabilities (n, classes) out of sample, at the scale at which they fit the given labels best."""
    with _one_thread_each():
        axes = principal_axes(vectors)
        # One after another: of many images and classes a few such tables would not fit into memory.
        tries = (out_of_sample(axes, scale, given, groups, classes, seed, each) for scale in SCALES)
        return min(tries, key=lambda found: log_loss(self_confidence(found, given)))


def seen_out_of_sample(
    vectors: np.ndarray, given: np.ndarray, groups: np.ndarray, classes: int, seed: int, each: Each = map
) -> Seen:
    """The same, of which only what is needed is kept: of a million rows and a thousand classes, all is 8 GB.

    The scale is chosen on the first fold: a fold of so many rows tells it as well as all, in a fifth of the time.
    """
    with _one_thread_each():
        axes = principal_axes(vectors)
        losses = each(lambda scale: _loss_of_a_fold(axes, scale, given, groups, classes, seed), SCALES)
        scale = min(zip(losses, SCALES, strict=True))[1]
        return _seen(axes, scale, given, groups, classes, seed, each)


def _loss_of_a_fold(
    axes: np.ndarray, scale: float, given: np.ndarray, groups: np.ndarray, classes: int, seed: int
) -> float:
    parts = _parts(axes, scale, given, groups, classes, seed, folds_judged=1)
    return log_loss(np.concatenate([self_confidence(found, given[rows]) for rows, found in parts]))


def _seen(
    axes: np.ndarray, scale: float, given: np.ndarray, groups: np.ndarray, classes: int, seed: int, each: Each
) -> Seen:
    own, best, highest = np.zeros(len(given)), np.zeros(len(given), np.int64), np.zeros(len(given))
    for rows, found in _parts(axes, scale, given, groups, classes, seed, each):
        own[rows] = self_confidence(found, given[rows])
        best[rows], highest[rows] = found.argmax(axis=1), found.max(axis=1)
    return Seen(own, best, highest)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Threads add up their parts in whatever order they finish, and the last bits would differ from run to run.

    Those of one fit slow each other down, too: its vectors are short, and two threads take three times as long as one.
    """
    import sklearn.linear_model  # noqa: F401 - only libraries that are loaded are limited
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings():
        # Where half of the rows have a class of their own it asks whether classes are meant.
        warnings.simplefilter("ignore", UserWarning)
        yield


def judgeable(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """(n,) whether a row has a label that at least two distinct pictures carry."""
    usable = np.array([label is not None for label in labels], bool)
    _, given = np.unique(labels[usable].astype(str), return_inverse=True)
    _, group_of = np.unique(groups[usable], return_inverse=True)
    pictures = np.unique(np.column_stack([given, group_of]), axis=0)
    usable[usable] = np.bincount(pictures[:, 0], minlength=1)[given] >= FEWEST
    return usable


def out_of_sample(
    axes: np.ndarray,
    scale: float,
    given: np.ndarray,
    groups: np.ndarray,
    classes: int,
    seed: int,
    each: Each = map,
) -> np.ndarray:
    """Class probabilities (n, classes) of each row from models that saw neither it nor a copy of it."""
    found = np.zeros((len(axes), classes))
    for rows, part in _parts(axes, scale, given, groups, classes, seed, each):
        found[rows] = part
    return found


def _parts(
    axes: np.ndarray,
    scale: float,
    given: np.ndarray,
    groups: np.ndarray,
    classes: int,
    seed: int,
    each: Each = map,
    folds_judged: int = FOLDS,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Row numbers (m,) and their class probabilities (m, classes), until all rows of so many folds were there."""
    fold_of = folds(given, groups, seed)
    block = len(given) if len(given) * classes <= MOST_HELD else max(AT_ONCE // classes, 1)
    chosen = np.unique(fold_of)[:folds_judged]
    models = each(lambda fold: _fitted(axes, scale, given, np.flatnonzero(fold_of != fold), seed), chosen)
    for fold, (known, model) in zip(chosen, models, strict=True):
        judged = np.flatnonzero(fold_of == fold)
        for start in range(0, len(judged), block):
            rows = judged[start : start + block]
            found = np.zeros((len(rows), classes))
            found[:, known] = 1.0 if model is None else model.predict_proba(scale * axes[rows])
            yield rows, found


def _fitted(
    axes: np.ndarray, scale: float, given: np.ndarray, others: np.ndarray, seed: int
) -> tuple[np.ndarray, LogisticRegression | None]:
    """The classes that there are among other rows, and a model of them; None where there is but one."""
    from sklearn.linear_model import LogisticRegression

    some = _some(others, given, seed)
    known = np.unique(given[some])
    if len(known) < 2:
        return known, None
    return known, LogisticRegression(max_iter=300, tol=1e-3).fit(scale * axes[some], given[some])


def folds(given: np.ndarray, groups: np.ndarray, seed: int) -> np.ndarray:
    """The fold (n,) of each row, 0 to `FOLDS` - 1: copies share one, and each class is dealt out evenly.

    A group whose labels differ is dealt with the class of one of its rows.
    """
    _, first, group_of = np.unique(groups, return_index=True, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(first))
    order = order[np.argsort(given[first][order], kind="stable")]
    dealt = np.empty(len(first), np.int64)
    # Dealt on from class to class, so that classes smaller than the number of folds do not all land in the first ones.
    dealt[order] = np.arange(len(first)) % FOLDS
    return dealt[group_of]


def principal_axes(vectors: np.ndarray) -> np.ndarray:
    """The rows on their first principal axes, (n, at most 256); axes from evenly spaced rows where there are many."""
    some = vectors[:: max(len(vectors) // ROWS_FOR_AXES, 1)].astype(np.float64)
    middle = some.mean(axis=0)
    _, axes = np.linalg.eigh((some - middle).T @ (some - middle))
    first = axes[:, ::-1][:, :MOST_AXES].astype(vectors.dtype)
    return (vectors - middle.astype(vectors.dtype)) @ first


def log_loss(confidence: np.ndarray) -> float:
    """Mean negative log probability (n,) of the given labels; a probability of 0 counts as one in a million."""
    return float(-np.log(np.maximum(confidence, 1e-6)).mean())


def self_confidence(probabilities: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Probability (n,) of the label that each row has."""
    return probabilities[np.arange(len(given)), given]


def suspects(probabilities: np.ndarray, given: np.ndarray) -> np.ndarray:
    """(n,) whether the label is among the wrong ones: as many as confident learning counts, the least confident ones.

    References
    ----------
    Northcutt, Jiang & Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels"; cleanlab.
    """
    from cleanlab.filter import find_label_issues

    return np.asarray(find_label_issues(given, probabilities, filter_by="low_self_confidence", n_jobs=1), bool)


def counted_suspects(seen: Seen, given: np.ndarray) -> np.ndarray:
    """(n,) the same, from what is kept of the probabilities.

    A row counts as wrong where another class is more probable than the mean probability of that class among the rows
    labelled with it; as many rows as there are of these are issues, those of the lowest confidence in their label.
    cleanlab's `LabelInspector` does so for tables that are read in parts; the two numbers differ by less than 0.1 %.
    """
    members = np.bincount(given)
    usual = np.bincount(given, seen.given) / np.maximum(members, 1)
    usual = np.append(usual, np.full(max(int(seen.best.max()) + 1 - len(usual), 0), np.inf))
    wrong = int(((seen.best != given) & (seen.highest >= usual[seen.best])).sum())
    issue = np.zeros(len(given), bool)
    issue[np.argsort(seen.given, kind="stable")[:wrong]] = True
    return issue


def _some(rows: np.ndarray, given: np.ndarray, seed: int) -> np.ndarray:
    """At most `MOST_LEARNED` of the rows, evenly from every class, so that small ones are not lost."""
    if len(rows) <= MOST_LEARNED:
        return rows
    order = np.random.default_rng(seed).permutation(rows)
    by_class = np.argsort(given[order], kind="stable")
    first = np.searchsorted(given[order][by_class], given[order][by_class])
    rank = np.empty(len(order), np.int64)
    rank[by_class] = np.arange(len(order)) - first
    return np.sort(order[np.argsort(rank, kind="stable")[:MOST_LEARNED]])


def _spread(usable: np.ndarray, classes: np.ndarray, seen: Seen, issue: np.ndarray) -> Judged:
    """From the rows that are judged to all."""
    found = _nothing(len(usable), classes)
    found.confidence[usable], found.score[usable] = seen.highest, seen.given
    found.suggested[usable], found.is_issue[usable] = classes[seen.best], issue
    return found


def _nothing(n: int, classes: np.ndarray) -> Judged:
    return Judged(classes, np.full(n, np.nan), np.full(n, np.nan), np.full(n, None, object), np.zeros(n, bool))
