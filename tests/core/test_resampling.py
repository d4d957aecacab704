"""Tests of `stages.core.resampling`: Pillow's pixels, whatever the picture's shape."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from stages.core import resampling
from stages.core.resampling import centre_square


def by_pillow(pixels: np.ndarray, side: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    shorter = min(height, width)
    left, top = (width - shorter) / 2, (height - shorter) / 2
    box = (left, top, left + shorter, top + shorter)
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC, box=box))


def noise(height: int, width: int) -> np.ndarray:
    """Of middle greys: what is beyond black and white after one side, Pillow cuts off before the other."""
    return np.random.default_rng(height * 1000 + width).integers(64, 192, (height, width, 3), np.uint8)


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 40))
def test_pixels_are_those_of_pillow_but_for_its_rounding_between_the_sides(height: int, width: int, side: int) -> None:
    pixels = noise(height, width)
    difference = centre_square(pixels, side).astype(int) - by_pillow(pixels, side)
    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("shape", [(480, 640), (533, 400), (448, 449), (1, 3000), (3000, 7)])
def test_pictures_of_usual_and_unusual_sizes(shape: tuple[int, int]) -> None:
    pixels = noise(*shape)
    assert np.abs(centre_square(pixels, 224).astype(int) - by_pillow(pixels, 224)).max() <= 1


def test_a_picture_in_strips_is_the_same_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = noise(90, 70)
    whole = centre_square(pixels, 32)
    monkeypatch.setattr(resampling, "STRIP", 7)
    np.testing.assert_array_equal(centre_square(pixels, 32), whole)


def test_a_large_picture_takes_little_more_memory_than_it_has() -> None:
    pixels = noise(3000, 4000)
    tracemalloc.start()
    centre_square(pixels, 224)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.6 * pixels.nbytes


def test_a_picture_of_the_right_size_stays_as_it_is() -> None:
    pixels = noise(32, 32)
    np.testing.assert_array_equal(centre_square(pixels, 32), pixels)


@pytest.mark.parametrize("level", [0, 1, 127, 255])
def test_a_colour_stays_what_it_is(level: int) -> None:
    assert (centre_square(np.full((70, 50, 3), level, np.uint8), 32) == level).all()


def test_black_beside_white_goes_neither_under_nor_over() -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, 32:] = 255
    found = centre_square(pixels, 48)
    assert (found[:, :22] == 0).all()
    assert (found[:, 26:] == 255).all()


def test_pictures_that_are_views_of_others_are_taken() -> None:
    pixels = noise(60, 80)
    np.testing.assert_array_equal(centre_square(pixels[:, ::-1], 24), centre_square(pixels[:, ::-1].copy(), 24))
