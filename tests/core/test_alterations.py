from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.alterations import (
    ALTERATIONS,
    Alteration,
    allotted,
    is_blank,
    is_grey,
    is_symmetric,
    makes_sense,
    saved,
)
from stages.core.pixels import decode
from tests.pictures import busy

BY_NAME = {alteration.name.strip(): alteration for alteration in ALTERATIONS}


def photo(width: int = 160, height: int = 120) -> np.ndarray:
    return np.dstack([busy(seed, width, height) for seed in (1, 2, 3)])


def altered(name: str, pixels: np.ndarray) -> np.ndarray:
    return BY_NAME[name].change(pixels, np.random.default_rng(0))


def test_names_are_distinct_and_every_kind_asked_for_is_there() -> None:
    assert len(BY_NAME) == len(ALTERATIONS)
    kinds = {alteration.kind for alteration in ALTERATIONS}
    assert kinds == {
        *("jpeg", "resize", "crop", "mirror", "rotation", "brightness", "contrast"),
        *("blur", "noise", "text", "border", "greyscale", "format"),
    }


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (3, 200), (160, 120)])
@pytest.mark.parametrize("alteration", ALTERATIONS, ids=lambda alteration: alteration.name)
def test_any_picture_becomes_a_file_that_can_be_read(alteration: Alteration, size: tuple[int, int]) -> None:
    pixels = photo(64, 64)[: size[1], : size[0]] if min(size) < 16 else photo(*size)
    pixels = cv2.resize(pixels, size)
    before = pixels.copy()
    files = [saved(alteration, pixels, np.random.default_rng(7)) for _ in range(2)]
    assert files[0] == files[1], "the same random numbers give the same bytes"
    copy = decode(files[0])
    assert copy.dtype == np.uint8
    assert copy.shape[2] == 3
    assert (pixels == before).all(), "the original is left alone"


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("resize 50 %", (80, 60)),
        ("resize 25 %", (40, 30)),
        ("crop 10 %", (144, 108)),
        ("crop 25 %", (120, 90)),
        ("border 5 %", (172, 132)),
        ("mirror", (160, 120)),
    ],
)
def test_strengths_are_shares_of_the_sides(name: str, size: tuple[int, int]) -> None:
    assert altered(name, photo()).shape[1::-1] == size


def test_a_turned_picture_has_no_corner_of_another_colour() -> None:
    white = np.full((120, 160, 3), 255, np.uint8)
    white[20:100, 20:140] = 200
    turned = altered("rotation 5°", white)
    assert turned.min() > 180
    assert turned.shape[0] < 120
    assert turned.shape[1] < 160


def test_light_and_contrast_do_what_they_say() -> None:
    pixels = np.full((20, 20, 3), 100, np.uint8)
    assert altered("brightness -40 %", pixels).mean() == 60
    assert altered("brightness +40 %", pixels).mean() == 140
    pixels[:10] = 140
    assert altered("contrast +50 %", pixels).std() == pytest.approx(1.5 * pixels.std(), rel=0.05)
    assert altered("contrast -40 %", pixels).mean() == pytest.approx(pixels.mean(), abs=1)


def test_noise_is_as_strong_as_it_says() -> None:
    pixels = np.full((100, 100, 3), 128, np.uint8)
    assert altered("noise 8 levels", pixels).std() == pytest.approx(8, rel=0.05)


def test_a_mirrored_copy_is_the_picture_from_behind() -> None:
    pixels = photo()
    assert (altered("mirror", pixels)[:, ::-1] == pixels).all()


def test_what_changes_nothing_makes_no_sense() -> None:
    pixels = photo()
    grey = np.repeat(pixels[..., :1], 3, axis=2)
    even = np.concatenate([pixels, pixels[:, ::-1]], axis=1)
    assert is_grey(grey)
    assert not is_grey(pixels)
    assert is_symmetric(even)
    assert not is_symmetric(pixels)
    assert not makes_sense(BY_NAME["greyscale"], grey)
    assert makes_sense(BY_NAME["greyscale"], pixels)
    assert not makes_sense(BY_NAME["mirror"], even)
    assert makes_sense(BY_NAME["mirror"], pixels)
    assert makes_sense(BY_NAME["crop 5 %"], even)


def test_flat_and_noisy_pictures_are_blank_and_small_ones_are_not() -> None:
    rng = np.random.default_rng(0)
    assert is_blank(np.full((300, 300, 3), 90, np.uint8))
    assert is_blank(rng.integers(85, 95, (300, 300, 3)).astype(np.uint8))
    assert not is_blank(photo(16, 16))
    assert is_blank(photo()[:1, :1])


@given(st.integers(0, 200), st.integers(1, 40), st.integers(1, 60), st.floats(0, 1))
def test_every_kind_is_planted_about_equally_often(pictures: int, kinds: int, wanted: int, least: float) -> None:
    given_out = allotted(pictures, kinds, wanted, least)
    assert len(given_out) == pictures
    for numbers in given_out:
        assert numbers == sorted(set(numbers))
        assert all(0 <= number < kinds for number in numbers)
    counts = np.bincount([number for numbers in given_out for number in numbers], minlength=kinds)
    assert counts.max() - counts.min() <= 1
    assert counts.min() >= min(wanted, pictures) - 1
