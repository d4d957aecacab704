from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stages.contracts.schemas.pairs import PAIRS
from stages.core.copies import Copies, duplicates_table, pairs_table
from stages.core.groups import ranked
from stages.core.verification import HASHES_VOUCH, NOT_ALIKE
from tests import frames


@pytest.mark.parametrize(
    ("inliers", "distance", "vouched", "how"),
    [
        (50, 120, True, "50 of 50 matched details fit one geometry"),
        (0, HASHES_VOUCH, True, "but the hashes are as near as those of copies"),
        (0, HASHES_VOUCH + 1, False, "so the pixels alone tell"),
    ],
)
def test_a_pair_says_what_vouched_for_it(inliers: int, distance: int, vouched: bool, how: str) -> None:
    """Which of the two thresholds held for it follows from that."""
    images = frames.images({"path": "a.jpg"}, {"path": "b.jpg"})
    items = ranked(images.merge(frames.quality(["a.jpg", "b.jpg"]), on="item_id"), ())
    seen = replace(NOT_ALIKE, agreement=0.95, inliers=inliers, matches=inliers)
    ids = np.array([sorted(items["content_id"])], dtype=object)
    copies = Copies(ids, [seen], np.array([0.5]), np.array([distance]))
    pairs = pairs_table(items, copies)
    assert list(pairs.columns) == PAIRS.names
    assert pairs["vouched"].tolist() == [vouched]
    told = duplicates_table(items, copies, pairs)["evidence"]
    assert told.str.contains(how, regex=False).sum() == 1


def test_no_pairs_have_the_columns_too() -> None:
    images = frames.images({"path": "a.jpg"})
    items = ranked(images.merge(frames.quality(["a.jpg"]), on="item_id"), ())
    pairs = pairs_table(items, Copies(np.empty((0, 2), object), [], np.empty(0), np.empty(0)))
    assert pairs["vouched"].dtype == bool
