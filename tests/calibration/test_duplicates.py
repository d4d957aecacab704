from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stages.calibration import duplicates
from stages.calibration.duplicates import Lookalike
from stages.calibration.known import Known
from stages.contracts import calibration_record as record
from stages.contracts.params.duplicates import Params
from stages.contracts.schemas.embeddings import Embeddings
from stages.contracts.schemas.neighbors import Neighbors
from stages.core.alterations import ALTERATIONS
from stages.core.calibration_planting import Copy, Original
from stages.core.knn import nearest
from stages.core.looks import Look, look
from stages.core.verification import NOT_ALIKE, Verification
from tests.pictures import busy
from tests.vectors import content_ids, unit

BLANK = look(np.full((20, 20), 128, np.uint8))
SURE = replace(NOT_ALIKE, inliers=50, matches=50)


def world(n: int, hashes: np.ndarray | None = None) -> Known:
    ids, vectors = content_ids(n), unit(n, 16)
    plain = np.random.default_rng(0).integers(0, 256, (n, 32), dtype=np.uint8) if hashes is None else hashes
    contents = pd.DataFrame(
        {
            "phash": [row.tobytes().hex() for row in plain],
            "phash_mirrored": [(255 - row).tobytes().hex() for row in plain],
        }
    )
    return Known(Embeddings(ids, vectors), Neighbors(ids, *nearest(vectors, 30)), contents)


def original(known: Known, number: int, row: int) -> Original:
    return Original(number, row, known.embeddings.content_ids[row], BLANK, ())


def copy(number: int, agreement: float, by_hash: bool = True, mistaken: tuple = (), kind: int = 0) -> Copy:
    return Copy(number, kind, seen(agreement), 100, by_hash, None, mistaken)


def seen(agreement: float) -> Verification:
    return replace(SURE, agreement=agreement)


def test_lookalikes_are_the_nearest_by_cosine_and_by_hash_each_once() -> None:
    hashes = np.random.default_rng(0).integers(0, 256, (20, 32), dtype=np.uint8)
    known = world(20, hashes)
    far = int(known.graph.indices[0, -1])
    hashes[far] = hashes[0]
    found = duplicates.candidates(world(20, hashes), [0, 5], Params())
    of_first = [other for number, row, other in found if number == 0]
    assert of_first == [*known.graph.indices[0, :4].tolist(), far]
    assert {(number, row) for number, row, _ in found} == {(0, 0), (1, 5)}
    assert all(row != other for _, row, other in found)


def test_a_lone_picture_has_no_lookalike() -> None:
    assert duplicates.candidates(world(1), [0], Params()) == []


def test_copies_are_held_against_the_likest_that_are_no_copies_themselves() -> None:
    known = world(8)
    features: dict[int, Look] = {row: look(busy(row, 60, 40)) for row in range(8)}
    pairs = [
        Lookalike(0, 0, 1, seen(0.2), 100),
        Lookalike(0, 0, 2, seen(0.5), 100),
        Lookalike(0, 0, 3, seen(0.4), 100),
        Lookalike(0, 0, 4, seen(0.95), 3),
    ]
    first, second = duplicates.originals(known, [0, 7], features, pairs)
    assert [rival.row for rival in first.rivals] == [2, 3]
    assert (second.number, second.row, second.rivals) == (1, 7, ())


def test_recall_is_counted_end_to_end_and_per_alteration() -> None:
    known = world(40)
    sampled = [original(known, number, number) for number in range(40)]
    planted = [(copy(number, 0.9, kind=number % 2), None) for number in range(40)]
    hidden = [(copy(number, 0.9, by_hash=False, kind=2), -known.embeddings.vectors[number]) for number in range(40)]
    near = [(copy(number, 0.9, by_hash=False, kind=3), known.embeddings.vectors[number]) for number in range(40)]
    found = duplicates.calibrated(known, sampled, [], [*planted, *hidden, *near], Params(), 0.99)
    assert [(part.share.found, part.share.n) for part in found.transforms[:5]] == [
        (20, 20),
        (20, 20),
        (0, 40),
        (40, 40),
        (0, 0),
    ]
    assert (found.recall.found, found.recall.n) == (80, 120)
    assert [part.kind for part in found.transforms] == [alteration.kind for alteration in ALTERATIONS]
    assert not found.transforms[4].share.enough


def test_wrong_pairs_count_against_precision_and_raise_the_threshold() -> None:
    known = world(60)
    sampled = [original(known, number, number) for number in range(40)]
    planted = [(copy(number, 0.95, mistaken=((50, seen(0.7), 100),)), None) for number in range(40)]
    lookalikes = [Lookalike(number, number, 51, seen(0.7), 100) for number in range(40)]
    found = duplicates.calibrated(known, sampled, lookalikes, planted, Params(), 0.99)
    assert found.source == "calibrated"
    assert found.threshold == 0.725
    assert found.precision.share == 1
    assert found.negatives == 80
    at_default = next(point for point in found.curve if point.threshold == 0.6)
    assert (at_default.precision.found, at_default.precision.n) == (40, 120)


def test_ones_own_copies_are_no_mistake_neither_of_the_original_nor_of_its_copies() -> None:
    known = world(60)
    sampled = [original(known, number, number) for number in range(40)]
    planted = [(copy(0, 0.95, mistaken=((50, seen(0.95), 100),)), None)]
    planted += [(copy(number, 0.95), None) for number in range(1, 40)]
    found = duplicates.calibrated(known, sampled, [Lookalike(0, 0, 50, seen(0.95), 3)], planted, Params(), 0.99)
    assert found.negatives == 0
    assert found.precision.share == 1
    assert "One pair of your own" in found.why


def own_pairs(agreement: float, distance: int, partners: int = 40) -> record.Duplicates:
    """Pictures, each with a partner that verification accepts as it does all their copies; embeddings say nothing."""
    known = world(80)
    sampled = [original(known, number, number) for number in range(40)]
    planted = [
        (copy(number, 0.95, kind=kind, mistaken=((40 + number, seen(agreement), distance),)), None)
        for number in range(40)
        for kind in range(5)
    ]
    lookalikes = [Lookalike(number, number, 40 + number, seen(agreement), distance) for number in range(partners)]
    return duplicates.calibrated(known, sampled, lookalikes, planted, Params(), 0.99)


@pytest.mark.parametrize(("agreement", "distance"), [(0.95, 120), (0.7, 10), (0.7, 120)])
def test_a_pair_of_ones_own_that_nothing_else_confirms_counts_once_and_does_not_move_the_threshold(
    agreement: float, distance: int
) -> None:
    found = own_pairs(agreement, distance)
    assert (found.threshold, found.source) == (0.6, "default")
    assert (found.precision.found, found.precision.n) == (200, 240), "once, not once more for each copy"
    assert (found.precision_at_most.found, found.precision_at_most.n) == (200, 200)
    assert found.precision.low < found.precision.share < found.precision.high == found.precision_at_most.high
    assert [pair.picture for pair in found.unconfirmed] == found.transforms[0].trials.pictures
    assert {pair.level for pair in found.unconfirmed} == {agreement}
    assert "hangs on 40 pairs" in found.why


def test_copies_that_are_accepted_where_their_originals_are_not_are_mistakes_and_move_it() -> None:
    found = own_pairs(0.7, 120, partners=0)
    assert (found.threshold, found.source) == (0.725, "calibrated")
    assert found.unconfirmed == []
    assert len(found.mistakes.pictures) == 200


def test_copies_beside_a_picture_for_which_one_signal_speaks_are_no_mistakes() -> None:
    """A blurred copy of one's own: the hash knows it, verification does not, but for some alterations of the other."""
    known = world(80)
    sampled = [original(known, number, number) for number in range(40)]
    planted = [(copy(number, 0.95, mistaken=((40 + number, seen(0.7), 10),)), None) for number in range(40)]
    for distance, mistakes in ((10, 0), (120, 40)):
        pairs = [Lookalike(number, number, 40 + number, seen(0.5), distance) for number in range(40)]
        found = duplicates.calibrated(known, sampled, pairs, planted, Params(), 0.99)
        assert len(found.mistakes.pictures) == mistakes
        assert found.threshold == (0.725 if mistakes else 0.6)


def test_a_pair_seen_from_both_sides_is_one() -> None:
    known = world(60)
    sampled = [original(known, number, number) for number in range(40)]
    planted = [(copy(number, 0.95), None) for number in range(40)]
    both = [Lookalike(0, 0, 1, seen(0.7), 120), Lookalike(1, 1, 0, seen(0.7), 120)]
    found = duplicates.calibrated(known, sampled, both, planted, Params(), 0.99)
    assert found.negatives == len(found.unconfirmed) == 1
    assert (found.precision.found, found.precision.n) == (40, 41)
