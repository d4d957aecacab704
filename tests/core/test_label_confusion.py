"""Who is taken for whom."""

from __future__ import annotations

import numpy as np

from stages.core.label_confusion import confusion


def test_images_are_counted_by_the_label_they_have_and_the_one_suggested() -> None:
    found = confusion(
        ["cat", "cat", "cat", "dog", None, "dog"],
        ["cat", "dog", "dog", "dog", "dog", None],
        [False, True, False, False, True, False],
        9,
    )
    assert found.names == ["cat", "dog"]
    assert found.counts.tolist() == [[1, 2], [0, 1]]
    assert found.doubted.tolist() == [[0, 1], [0, 0]]
    assert found.left_out == 0


def test_of_many_labels_those_that_are_confused_most_stay() -> None:
    given = ["a"] * 50 + ["b"] * 3 + ["c"] * 2 + ["d"]
    suggested = ["a"] * 50 + ["c"] * 3 + ["b"] * 2 + ["a"]
    found = confusion(given, suggested, [False] * 56, 2)
    assert found.names == ["b", "c"]
    assert found.counts.tolist() == [[0, 3], [2, 0]]
    assert found.left_out == 2
    assert found.counts.sum() <= 56


def test_without_judged_labels_there_is_no_table() -> None:
    for labels in ([], [None, None]):
        found = confusion(labels, labels, [False] * len(labels), 5)
        assert found.names == []
        assert found.counts.shape == (0, 0)
        np.testing.assert_array_equal(found.counts, found.doubted)
