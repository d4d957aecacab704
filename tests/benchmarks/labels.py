"""Label errors: a twentieth of a folder's labels exchanged for another of its classes, and ranked again.

Average precision of the ranking, and the share of the exchanged labels in its first tenth. The folder's own label
errors count as wrong. Needs class folders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from stages.contracts import tables
from stages.contracts.schemas.images import IMAGES
from stages.core.tiling import stream
from tests.benchmarks import figures
from tests.benchmarks.bench import Bench
from tests.benchmarks.report import Family, Table, Target

FLIPPED = 0.05
FIRST = 0.1
FOLDS = 5
NEIGHBORS = 20
FEWEST_OF_A_CLASS = 2 * FOLDS
BEFORE = ("measure", "embed", "connect", "cluster", "deduplicate")


def run(bench: Bench, seeds: Sequence[int], tell: Callable[[str], None] = print) -> Family:
    """The table of all sets; empty for a folder without classes."""
    rows = classed(bench.originals)
    if rows["label"].nunique() < 2:
        tell("labels: the folder has no two classes of ten pictures")
        return Family("labels")
    root = bench.run(rows.assign(split=None), BEFORE, "labels")
    vectors = bench.vectors(rows["path"].tolist(), root)
    found = []
    for done, seed in enumerate(seeds):
        given, flipped = exchanged(rows["label"].to_numpy(dtype=object), seed)
        scores = rivals(vectors, given, seed) | winnow(bench, root, rows["path"], given)
        found.append((flipped, scores))
        tell(f"labels: set {done + 1} of {len(seeds)}")
    return family(found)


def classed(originals: pd.DataFrame) -> pd.DataFrame:
    """The pictures of classes that are large enough to be cross-validated."""
    sizes = originals["label"].map(originals["label"].value_counts())
    return originals[sizes >= FEWEST_OF_A_CLASS].reset_index(drop=True)


def exchanged(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The labels (n,) with a twentieth exchanged for another class, and which (n,) bool."""
    rng = stream(seed, "labels")
    flipped = np.zeros(len(labels), bool)
    flipped[rng.permutation(len(labels))[: max(round(FLIPPED * len(labels)), 1)]] = True
    classes = sorted(set(labels))
    given = labels.copy()
    for row in np.flatnonzero(flipped):
        given[row] = rng.choice([name for name in classes if name != labels[row]])
    return given, flipped


def rivals(vectors: np.ndarray, labels: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Suspicion (n,) of each label, higher is worse, from the vectors and the labels alone."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier

    numbers = np.unique(labels, return_inverse=True)[1]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    models = {
        "self-confidence, logistic regression": LogisticRegression(max_iter=1000),
        f"self-confidence, {NEIGHBORS} neighbours": KNeighborsClassifier(NEIGHBORS, weights="distance"),
    }
    found = {}
    for name, model in models.items():
        chances = cross_val_predict(model, vectors, numbers, cv=folds, method="predict_proba")
        found[name] = 1 - chances[np.arange(len(numbers)), numbers]
    return found


def winnow(bench: Bench, root: Path, paths: pd.Series, labels: np.ndarray) -> dict[str, np.ndarray]:
    """What the stage `classify` makes of these labels; nothing where there is no such stage."""
    if find_spec("stages.classify") is None:
        return {}
    from stages.contracts.schemas.labels import LABELS

    images = tables.read(IMAGES, root).set_index("path")
    images.loc[paths, "label"] = labels
    tables.write(IMAGES, images.reset_index(), root)
    bench.go_on(root, ["classify"])
    rows = tables.read(LABELS, root).set_index("item_id").loc[images.loc[paths, "item_id"]]
    return {
        "Winnow": 1 - rows["label_score"].fillna(1.0).to_numpy(float),
        "flagged": rows["is_label_issue"].to_numpy(bool),
    }


# Figures


def family(found: list[tuple[np.ndarray, dict[str, np.ndarray]]]) -> Family:
    """The table from all sets: which were exchanged, and the scores."""
    rows = []
    for name in [name for name in found[0][1] if name != "flagged"]:
        precisions = [figures.average_precision(scores[name], flipped) for flipped, scores in found]
        in_first = [first_tenth(scores[name], flipped) for flipped, scores in found]
        row = {"method": name, "exchanged": int(sum(flipped.sum() for flipped, _ in found))}
        row |= {"average precision": figures.mean(precisions), "in the first tenth": figures.mean(in_first)}
        if name == "Winnow":
            row |= _flags(found)
        rows.append(row)
    targets = [
        target
        for row in rows
        if row["method"] == "Winnow"
        for target in (
            Target("labels: average precision", row["average precision"], 0.80),
            Target("labels: share of the exchanged in the first tenth", row["in the first tenth"], 0.90),
        )
    ]
    return Family("labels", [Table("Label errors: 5 % of the labels exchanged", rows)], targets)


def first_tenth(scores: np.ndarray, flipped: np.ndarray) -> float:
    """Share of the exchanged labels among the tenth that is most suspect."""
    first = np.argsort(-scores, kind="stable")[: max(round(FIRST * len(scores)), 1)]
    return float(flipped[first].sum() / flipped.sum())


def _flags(found: list[tuple[np.ndarray, dict[str, np.ndarray]]]) -> dict[str, figures.Figure]:
    flagged = sum(int(scores["flagged"].sum()) for _, scores in found)
    right = sum(int((scores["flagged"] & flipped).sum()) for flipped, scores in found)
    planted = sum(int(flipped.sum()) for flipped, _ in found)
    return {"precision of the flagged": figures.share(right, flagged), "recall": figures.share(right, planted)}
