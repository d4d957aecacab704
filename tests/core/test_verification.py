from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import cv2
import numpy as np
import pytest
from skimage import data

from stages.contracts.params.duplicates import DEFAULT_THRESHOLD, Params
from stages.core.local_features import describe
from stages.core.verification import Verification, accepted, verify
from tests.pictures import busy, captioned, cropped, noisy, recoded, resized, turned

Picture = np.ndarray
COPIES: dict[str, Callable[[Picture], Picture]] = {
    "the same": lambda picture: picture,
    "jpeg 20": lambda picture: recoded(picture, 20),
    "resized": lambda picture: resized(picture, 0.4),
    "stretched": lambda picture: cv2.resize(picture, (240, 240)),
    "darker": lambda picture: (picture * 0.6).astype(np.uint8),
    "less contrast": lambda picture: (picture * 0.5 + 64).astype(np.uint8),
    "mirrored": lambda picture: picture[:, ::-1].copy(),
    "cropped 5 %": lambda picture: cropped(picture, 0.05),
    "cropped 15 %": lambda picture: cropped(picture, 0.15),
    "cropped 30 %": lambda picture: cropped(picture, 0.30),
    "mirrored and cropped": lambda picture: cropped(picture[:, ::-1], 0.1),
    "turned": lambda picture: turned(picture, 5),
    "captioned": captioned,
    "blurred": lambda picture: cv2.GaussianBlur(picture, (0, 0), 2.5),
    "noisy": lambda picture: noisy(picture, 15),
    "framed": lambda picture: cv2.copyMakeBorder(picture, 20, 20, 20, 20, cv2.BORDER_CONSTANT, value=255),
}


def compare(a: Picture, b: Picture) -> Verification:
    return verify(describe(a), describe(b))


def are_copies(a: Picture, b: Picture) -> bool:
    return accepted(compare(a, b), DEFAULT_THRESHOLD, Params().threshold_pixels)


@pytest.mark.parametrize("change", COPIES)
@pytest.mark.parametrize("seed", [1, 2])
def test_copies_are_found_whichever_way_round(change: str, seed: int) -> None:
    picture = busy(seed)
    copy = COPIES[change](picture)
    assert are_copies(picture, copy)
    assert are_copies(copy, picture)
    assert compare(picture, copy).mirrored == ("mirrored" in change)


@pytest.mark.parametrize("change", ["jpeg 20", "darker", "mirrored", "cropped 5 %", "captioned", "noisy"])
def test_small_pictures_are_told_by_their_pixels(change: str) -> None:
    picture = cv2.resize(busy(3), (48, 36), interpolation=cv2.INTER_AREA)
    assert are_copies(picture, COPIES[change](picture) if change != "jpeg 20" else recoded(picture, 60))


def test_a_picture_too_soft_for_features_is_told_by_its_pixels() -> None:
    soft, other = (cv2.GaussianBlur(busy(seed), (0, 0), 20) for seed in (4, 5))
    found = compare(soft, np.ascontiguousarray(soft[:, ::-1]))
    assert (found.inliers, found.mirrored) == (0, True)
    assert accepted(found, 0.6, 0.9)
    assert not are_copies(soft, other)


def test_different_pictures_are_not_copies() -> None:
    pictures = [describe(busy(seed)) for seed in range(8)]
    assert max(verify(a, b).agreement for a, b in combinations(pictures, 2)) < 0.4


def test_another_subject_before_the_same_background_is_no_copy() -> None:
    first, second = busy(5), busy(5)
    first[50:190, 80:240], second[50:190, 80:240] = busy(6, 160, 140), busy(7, 160, 140)
    found = compare(first, second)
    assert found.is_sure, "the background alone gives a geometry"
    assert not accepted(found, 0.6, 0.9)


def test_a_shared_logo_is_no_copy() -> None:
    logo = busy(8, 90, 70)
    first, second = busy(9), busy(10)
    first[20:90, 200:290] = second[150:220, 20:110] = logo
    assert not are_copies(first, second)


@pytest.mark.parametrize("name", ["brick", "gravel", "grass"])
@pytest.mark.parametrize("side", [64, 128])
def test_tiles_of_one_texture_are_not_copies(name: str, side: int) -> None:
    texture = getattr(data, name)()
    places = [(y, x) for y in range(0, 512 - side + 1, side) for x in range(0, 512 - side + 1, side)][:16]
    tiles = [describe(texture[y : y + side, x : x + side]) for y, x in places]
    assert not any(accepted(verify(a, b), 0.6, 0.9) for a, b in combinations(tiles, 2))


def test_views_that_share_half_are_not_copies() -> None:
    wide = busy(11, 480, 240)
    assert not are_copies(wide[:, :320].copy(), wide[:, 160:].copy())


@pytest.mark.parametrize("grey", [0, 255])
def test_blank_pictures_are_not_copies_of_each_other(grey: int) -> None:
    blank = np.full((240, 320), grey, np.uint8)
    assert compare(blank, blank).agreement == 0
    assert compare(blank, noisy(blank, 2)).agreement == 0
    assert compare(blank, busy(1)).agreement == 0


@pytest.mark.parametrize("side", [1, 8, 15])
def test_under_sixteen_pixels_nothing_is_compared(side: int) -> None:
    tiny = busy(12, 64, 64)[:side, :side].copy()
    assert compare(tiny, tiny).agreement == 0


def test_the_threshold_is_stricter_where_only_pixels_tell() -> None:
    by_features = Verification(0.7, False, np.eye(2, 3), 40, 42, 100, compare(busy(1), busy(1)).overlap)
    by_pixels = Verification(0.7, False, np.eye(2, 3), 0, 0, 3, by_features.overlap)
    assert accepted(by_features, 0.6, 0.9)
    assert not accepted(by_pixels, 0.6, 0.9)
    assert not accepted(by_pixels, 0.6, 0.9, distance=60)
    assert accepted(by_pixels, 0.6, 0.9, distance=16), "the hashes vouch for it"
