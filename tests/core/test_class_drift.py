from __future__ import annotations

import numpy as np
import pandas as pd

from stages.core.class_drift import FEWEST, class_drift


def version(*classes: tuple[str, int, float, int]) -> tuple[tuple[np.ndarray, np.ndarray], pd.DataFrame]:
    """Vectors and labels from (label, rows, where they lie, seed); the same seed gives the same contents."""
    ids, vectors, labels = [], [], []
    for label, count, place, seed in classes:
        vectors.append(np.random.default_rng(seed).normal(place, 1, (count, 3)))
        ids += [f"{label}-{seed}-{i}" for i in range(count)]
        labels += [label] * count
    order = np.random.default_rng(9).permutation(len(ids))
    names = np.array(ids, dtype=object)
    return (names[order], np.concatenate(vectors)[order]), pd.DataFrame({"content_id": names, "label": labels})


def test_the_class_that_shifted_is_told_from_those_that_did_not() -> None:
    before = version(("cat", 40, 0, 0), ("dog", 40, 5, 1), ("cow", 40, 9, 2))
    after = version(("cat", 40, 2, 3), ("dog", 40, 5, 4), ("cow", 40, 9, 2))
    found = class_drift(before[0], after[0], before[1], after[1]).set_index("label")
    assert found.loc["cat", "q_value"] < 0.01
    assert found.loc["dog", "q_value"] > 0.05
    assert "cow" not in found.index, "it is the same"


def test_small_and_missing_classes_are_not_tested() -> None:
    before = version(("cat", FEWEST - 1, 0, 0), ("dog", 30, 5, 1))
    after = version(("cat", 30, 2, 3), ("cow", 30, 5, 4))
    assert class_drift(before[0], after[0], before[1], after[1]).empty


def test_nothing_labelled_is_no_class() -> None:
    vectors, labels = version(("cat", 30, 0, 0))
    none = labels.assign(label=None)
    found = class_drift(vectors, vectors, none, none)
    assert list(found.columns) == ["label", "statistic", "p_value", "q_value"]
    assert found.empty


def test_contents_without_a_vector_are_left_out() -> None:
    (ids, vectors), labels = version(("cat", 30, 0, 0))
    other, labels_after = version(("cat", 30, 0, 1))
    more = pd.concat([labels, pd.DataFrame({"content_id": ["unread"], "label": ["cat"]})])
    found = class_drift((ids, vectors), other, more, labels_after)
    assert found["label"].tolist() == ["cat"]
