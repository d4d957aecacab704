from __future__ import annotations

import cv2
import numpy as np
import pytest

from stages.core.local_features import CONTRASTS, ENOUGH, LIMIT, SIDE, align, describe, matches, mirrored, pack, unpack
from tests.pictures import busy, cropped, turned


def test_a_picture_has_at_most_so_many_features_inside_itself() -> None:
    found = describe(busy(1, 700, 500))
    assert 50 < len(found) <= LIMIT
    assert found.descriptors.shape == (len(found), 128)
    assert max(found.size) == pytest.approx(SIDE)
    assert (found.points >= 0).all()
    assert (found.points < found.size).all()


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (1, 300), (40, 40)])
def test_a_flat_picture_of_any_shape_has_no_features(shape: tuple[int, int]) -> None:
    found = describe(np.full(shape, 128, np.uint8))
    assert len(found) == 0
    assert found.descriptors.shape == (0, 128)
    assert align(found, found) is None


def test_mirroring_features_is_finding_them_in_the_mirrored_picture() -> None:
    picture = busy(2)
    expected, found = describe(np.ascontiguousarray(picture[:, ::-1])), mirrored(describe(picture))
    rows, others = matches(found.descriptors, expected.descriptors)
    near = np.linalg.norm(found.points[rows] - expected.points[others], axis=1) < 1
    assert near.sum() > 0.8 * len(expected)
    np.testing.assert_array_equal(found.frame, expected.frame)


def test_mirrored_twice_is_the_same() -> None:
    picture = describe(busy(3))
    twice = mirrored(mirrored(picture))
    np.testing.assert_array_equal(twice.descriptors, picture.descriptors)
    np.testing.assert_allclose(twice.points, picture.points, atol=1e-3)


def test_matches_are_one_to_one_and_do_not_depend_on_the_order() -> None:
    a, b = describe(busy(4)).descriptors, describe(cropped(busy(4), 0.2)).descriptors
    rows_a, rows_b = matches(a, b)
    assert len(set(rows_a)) == len(rows_a) == len(set(rows_b)) == len(rows_b) > 20
    back_b, back_a = matches(b, a)
    assert set(zip(rows_a, rows_b, strict=True)) == set(zip(back_a, back_b, strict=True))


@pytest.mark.parametrize(("m", "n"), [(0, 0), (0, 5), (1, 1), (5, 0)])
def test_too_few_descriptors_match_nothing(m: int, n: int) -> None:
    rows, others = matches(np.zeros((m, 128), np.uint8), np.zeros((n, 128), np.uint8))
    assert len(rows) == len(others) == 0


def test_alignment_tells_turn_and_zoom() -> None:
    picture = busy(5)
    found = align(describe(picture), describe(turned(picture, 10)))
    assert found is not None
    assert found.degrees == pytest.approx(-10, abs=0.3)
    assert found.scale == pytest.approx(1, abs=0.01)
    crop = align(describe(picture), describe(cropped(picture, 0.2)))
    assert crop is not None
    assert crop.scale == pytest.approx(1 / 0.8, abs=0.02)


@pytest.mark.parametrize("picture", [busy(6), busy(7, 31, 77), np.zeros((20, 20), np.uint8)])
def test_unpacking_gives_back_what_was_packed(picture: np.ndarray) -> None:
    before = describe(picture)
    after = unpack(pack(before))
    assert after.size == before.size
    for name in ("points", "descriptors", "frame"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))


@pytest.mark.parametrize("blur", [0.1, 6, 40])
def test_features_are_those_of_a_second_look_where_the_first_finds_too_few(blur: float) -> None:
    picture = cv2.GaussianBlur(busy(5, SIDE, 240), (0, 0), blur)
    for contrast in CONTRASTS:
        points = cv2.SIFT_create(nfeatures=LIMIT, contrastThreshold=contrast).detect(picture, None)
        if len(points) >= ENOUGH:
            break
    assert len(describe(picture)) == min(len(points), LIMIT)
    assert {tuple(point) for point in describe(picture).points.tolist()} == {point.pt for point in points}
