from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.core import looks
from stages.core.local_features import RATIO
from stages.core.looks import Look, compare, look, pack, unpack
from stages.core.verification import NOT_ALIKE, verify
from tests.pictures import busy, cropped, noisy, recoded, resized

CHANGES = {
    "re-encoded": lambda picture: recoded(picture, 30),
    "smaller": lambda picture: resized(picture, 0.5),
    "cropped": lambda picture: cropped(picture, 0.15),
    "mirrored": lambda picture: np.ascontiguousarray(picture[:, ::-1]),
    "noisy": lambda picture: noisy(picture, 12),
    "darker": lambda picture: (picture * 0.6).astype(np.uint8),
    "turned upside down": lambda picture: np.ascontiguousarray(picture[::-1, ::-1]),
}


def forbidden(*_: object) -> None:
    raise AssertionError("a full look was not called for")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("seed", [1, 2])
def test_plain_copies_are_told_at_the_first_look(
    change: Callable[[np.ndarray], np.ndarray], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = busy(seed)
    a, b = look(picture), look(change(picture))
    full = verify(a.features, b.features)
    monkeypatch.setattr(looks, "verify", forbidden)
    quick = compare(a, b)
    assert quick.agreement == pytest.approx(full.agreement, abs=0.03)
    assert quick.agreement >= looks.BEYOND_DOUBT
    assert quick.mirrored == full.mirrored
    corners = np.array([[0, 0, 1], [319, 0, 1], [319, 239, 1], [0, 239, 1]])
    np.testing.assert_allclose(quick.matrix @ corners.T, full.matrix @ corners.T, atol=2.5)


@pytest.mark.parametrize("seed", range(4))
def test_other_pictures_are_turned_away_at_the_first_look(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "verify", forbidden)
    assert compare(look(busy(seed)), look(busy(seed + 100))).agreement == 0


def test_pictures_with_too_little_in_them_are_looked_at_in_full() -> None:
    soft = cv2.GaussianBlur(busy(1), (0, 0), 25)
    a, b = look(soft), look(recoded(soft, 90))
    assert len(a) < looks.ENOUGH_QUICK
    found, full = compare(a, b), verify(a.features, b.features)
    assert (found.agreement, found.inliers) == (full.agreement, full.inliers)
    assert found.agreement > 0.5


def test_where_few_agree_a_full_look_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = busy(3)
    monkeypatch.setattr(looks, "PLAIN", 10_000)
    a, b = look(picture), look(cropped(picture, 0.1))
    found, full = compare(a, b), verify(a.features, b.features)
    assert (found.agreement, found.inliers) == (full.agreement, full.inliers)


def test_a_picture_pressed_together_is_found_though_no_features_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = busy(5)
    pressed = np.ascontiguousarray(np.repeat(picture[::2], 2, axis=0))
    monkeypatch.setattr(looks, "align_codes", lambda *_: None)
    assert compare(look(picture), look(pressed)).agreement > 0.5


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (10, 8), (15, 15)])
def test_tiny_pictures_are_never_copies(shape: tuple[int, int]) -> None:
    tiny = look(np.full(shape, 7, np.uint8))
    assert compare(tiny, tiny) is NOT_ALIKE
    assert compare(look(busy(1)), tiny) is NOT_ALIKE


def test_a_flat_picture_shows_nothing_that_could_be_the_same() -> None:
    flat = look(np.full((240, 320), 90, np.uint8))
    assert compare(flat, flat).agreement == 0


@pytest.mark.parametrize("picture", [busy(1), busy(2, 100, 150), np.full((20, 30), 9, np.uint8)])
def test_packing_loses_nothing(picture: np.ndarray) -> None:
    one = look(picture)
    other = unpack(pack(one))
    assert isinstance(other, Look)
    np.testing.assert_array_equal(one.picture, other.picture)
    for mine, its in zip(one.codes, other.codes, strict=True):
        np.testing.assert_array_equal(mine, its)
    np.testing.assert_array_equal(one.poses, other.poses)
    assert one.size == other.size


@settings(max_examples=50)
@given(codes=st.lists(st.integers(0, 40), max_size=12), others=st.lists(st.integers(0, 40), max_size=12))
def test_matches_are_those_of_opencv(codes: list[int], others: list[int]) -> None:
    drawn = np.random.default_rng(0).integers(0, 256, (41, 32), dtype=np.uint8)
    drawn[1::2] = drawn[:-1:2] ^ np.uint8(1)  # near ones, so that the ratio test has something to do
    a, b = drawn[codes].reshape(-1, 32), drawn[others].reshape(-1, 32)
    found = list(zip(*(rows.tolist() for rows in looks.matched(a, b)), strict=True))
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(a, b, 2) if len(a) and len(b) > 1 else []
    passed = [first for first, second in pairs if first.distance < RATIO * second.distance]
    assert {there for _, there in found} == {match.trainIdx for match in passed}
    assert set(found) <= {(match.queryIdx, match.trainIdx) for match in passed}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_mirror_image_has_the_same_features_described_as_they_are_there(seed: int) -> None:
    one = look(busy(seed))
    flipped = one.mirrored
    np.testing.assert_array_equal(flipped.picture, one.picture[:, ::-1])
    afresh = look(np.ascontiguousarray(one.picture[:, ::-1]))
    here, there = looks.matched(flipped.codes[1], afresh.codes[1])
    apart = np.linalg.norm(flipped.codes[0][here] - afresh.codes[0][there], axis=1)
    assert len(here) > 0.7 * len(one)
    assert np.median(apart) < 1
    back = flipped.mirrored
    assert len(looks.matched(back.codes[1], one.codes[1])[0]) > 0.9 * len(one)


@pytest.mark.parametrize("shape", [(1, 320), (320, 1), (2, 320), (1, 1), (4, 640)])
def test_a_line_is_looked_at_too(shape: tuple[int, int]) -> None:
    thin = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    seen = look(thin)
    assert len(seen) == len(seen.mirrored) == 0
    assert compare(seen, look(busy(1))) == NOT_ALIKE
