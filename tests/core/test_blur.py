from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from stages.contracts.params.measure import Params
from stages.core.blur import SMALLEST_SIDE, edge_spread, noise
from stages.core.quality import WORKING_DIAGONAL, shrunk

PHOTOS = (data.astronaut, data.camera, data.chelsea, data.coffee, data.rocket, data.coins)
WIDEST_SHARP = 1 / Params().blurry - 1
"""the blur radius at the default threshold, pixels at the working size"""


def grey(pixels: np.ndarray) -> np.ndarray:
    return pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)


def disc(spread: float, height: float = 150, side: int = 300) -> np.ndarray:
    """A disc with edges of a known spread, drawn four times as large and averaged down."""
    large = np.full((side * 4, side * 4), 60, np.float32)
    cv2.circle(large, (side * 2, side * 2), side, 60 + height, -1)
    picture = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)
    return np.rint(cv2.GaussianBlur(picture, (0, 0), spread)).astype(np.uint8)


def defocused(pixels: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(pixels, (0, 0), sigma)


def moved(pixels: np.ndarray, length: int, degrees: float) -> np.ndarray:
    line = np.zeros((length, length), np.float32)
    line[length // 2] = 1
    line = cv2.warpAffine(line, cv2.getRotationMatrix2D((length // 2, length // 2), degrees, 1), (length, length))
    return cv2.filter2D(pixels, -1, line / line.sum(), borderType=cv2.BORDER_REFLECT)


def product(pixels: np.ndarray) -> np.ndarray:
    """The middle of a picture as one object on a plain, light ground."""
    mask = np.zeros(pixels.shape, np.float32)
    height, width = pixels.shape
    cv2.ellipse(mask, (width // 2, height // 2), (width // 4, height // 4), 20, 0, 360, 1, -1, cv2.LINE_AA)
    return np.rint(pixels * mask + 240 * (1 - mask)).astype(np.uint8)


def light(pixels: np.ndarray, name: str, rng: np.random.Generator) -> np.ndarray:
    levels = pixels.astype(np.float32)
    changed = {
        "plain": levels,
        "dark": levels * 0.15,
        "washed out": 255 - (255 - levels) * 0.2,
        "noisy": levels + rng.normal(0, 6, levels.shape),
    }[name]
    return np.rint(np.clip(changed, 0, 255)).astype(np.uint8)


def saved(pixels: np.ndarray, quality: int = 80) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)


def is_blurry(pixels: np.ndarray) -> bool:
    return edge_spread(shrunk(pixels, WORKING_DIAGONAL)) > WIDEST_SHARP


@pytest.mark.parametrize("condition", ["plain", "dark", "washed out", "noisy"])
def test_blurred_photographs_are_told_from_sharp_ones(condition: str) -> None:
    rng = np.random.default_rng(0)
    photos = [grey(photo()) for photo in PHOTOS]
    photos += [product(photo) for photo in photos]
    sharp = [saved(light(photo, condition, rng)) for photo in photos]
    blurred = [defocused(photo, sigma) for photo in photos for sigma in (2, 3, 6)]
    blurred += [moved(photo, length, rng.uniform(0, 180)) for photo in photos for length in (9, 15, 25)]
    blurred = [saved(light(photo, condition, rng)) for photo in blurred]
    found, false = sum(map(is_blurry, blurred)), sum(map(is_blurry, sharp))
    assert found / len(blurred) >= 0.9
    # As many sharp ones as blurred ones; so this is the precision that planted sets of equal halves would show.
    assert found / (found + false * len(blurred) / len(sharp)) >= 0.9


@pytest.mark.parametrize("spread", [1.5, 2.5, 4.0, 6.0])
@pytest.mark.parametrize("height", [20, 150])
def test_the_spread_of_a_clean_edge_is_measured_whatever_its_height(spread: float, height: float) -> None:
    assert edge_spread(disc(spread, height)) == pytest.approx(spread, rel=0.15)


@given(st.floats(1.0, 5.0), st.floats(0.5, 1.5))
@settings(max_examples=20, deadline=None)
def test_more_blur_is_never_sharper(spread: float, more: float) -> None:
    assert edge_spread(disc(spread + more)) > edge_spread(disc(spread))


@pytest.mark.parametrize("degrees", [0, 30, 45, 90, 110, 135])
def test_motion_along_any_line_is_seen_though_edges_along_it_stay_sharp(degrees: float) -> None:
    picture = grey(data.astronaut())
    assert edge_spread(moved(picture, 15, degrees)) > 1.6 > 1.0 > edge_spread(picture)


def test_turning_or_mirroring_a_picture_changes_little() -> None:
    picture = defocused(grey(data.coffee()), 3)
    spread = edge_spread(picture)
    for other in (picture.T, picture[::-1], picture[:, ::-1]):
        assert edge_spread(np.ascontiguousarray(other)) == pytest.approx(spread, rel=0.1)


@pytest.mark.parametrize("side", [32, 48])
def test_small_pictures_are_judged_too(side: int) -> None:
    """Shrunk to a side as image sets for training have it, and blurred by a tenth of that."""
    small = [cv2.resize(grey(photo()), (side, side), interpolation=cv2.INTER_AREA) for photo in PHOTOS]
    soft = [cv2.GaussianBlur(picture, (0, 0), 0.1 * side) for picture in small]
    assert [edge_spread(picture) > WIDEST_SHARP for picture in small] == [False] * len(PHOTOS)
    assert [edge_spread(picture) > WIDEST_SHARP for picture in soft] == [True] * len(PHOTOS)


@pytest.mark.parametrize("side", [1, 2, 17, SMALLEST_SIDE - 1])
def test_of_tiny_pictures_nothing_is_told(side: int) -> None:
    picture = cv2.resize(grey(data.camera()), (side, 400), interpolation=cv2.INTER_AREA)
    assert math.isnan(edge_spread(picture))


@given(level=st.integers(0, 255), sigma=st.floats(0, 8), seed=st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_a_flat_picture_with_noise_is_not_blurry(level: int, sigma: float, seed: int) -> None:
    noisy = np.random.default_rng(seed).normal(level, sigma, (240, 320))
    assert not is_blurry(np.rint(np.clip(noisy, 0, 255)).astype(np.uint8))


def test_some_hot_pixels_do_not_make_a_blurred_picture_sharp() -> None:
    picture = defocused(grey(data.coffee()), 4)
    rng = np.random.default_rng(3)
    picture[rng.integers(20, 380, 6), rng.integers(20, 580, 6)] = 255
    assert is_blurry(picture)


def test_a_sharp_object_before_a_blurred_ground_is_sharp() -> None:
    picture = grey(data.astronaut())
    ground = defocused(picture, 8)
    ground[100:400, 150:350] = picture[100:400, 150:350]
    assert not is_blurry(ground)


def test_the_radius_is_relative_to_the_size_of_a_large_picture() -> None:
    picture = cv2.resize(grey(data.coffee()), (3600, 2400), interpolation=cv2.INTER_CUBIC)
    assert not is_blurry(defocused(picture, 2))
    assert is_blurry(defocused(picture, 20))


@pytest.mark.parametrize("sigma", [2, 5, 10])
def test_noise_is_measured_through_edges(sigma: float) -> None:
    rng = np.random.default_rng(1)
    picture = disc(1.5) + rng.normal(0, sigma, (300, 300))
    assert noise(np.rint(picture).astype(np.uint8)) == pytest.approx(sigma, rel=0.15)
