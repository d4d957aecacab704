"""Every pixel mode becomes right RGB."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from stages.core import rgb
from stages.core.rgb import to_rgb
from tests.encoded import picture

WHITE, GREY, BLACK = [255] * 3, [128] * 3, [0] * 3


def deep(values: list[list[int]], mode: str = "I;16") -> Image.Image:
    kind = np.dtype(np.uint16).newbyteorder(">" if mode.endswith("B") else "<")
    array = np.array(values, kind)
    return Image.frombytes(mode, array.shape[::-1], array.tobytes())


def test_rgb_stays_as_it_is_and_can_be_written_to() -> None:
    pixels = to_rgb(Image.fromarray(picture()))
    assert np.array_equal(pixels, picture())
    assert pixels.flags.writeable
    assert pixels.flags.c_contiguous


def test_grey_has_three_equal_channels() -> None:
    grey = picture()[..., 0]
    assert np.array_equal(to_rgb(Image.fromarray(grey)), np.stack([grey] * 3, axis=-1))


def test_one_bit_is_black_and_white() -> None:
    image = Image.fromarray(np.array([[True, False]]))
    assert image.mode == "1"
    assert to_rgb(image).tolist() == [[WHITE, BLACK]]


@pytest.mark.parametrize("mode", ["I;16", "I;16L", "I;16B"])
def test_sixteen_bits_are_scaled_and_not_clipped(mode: str) -> None:
    image = deep([[0, 256, 128 * 257, 65_535]], mode)
    assert to_rgb(image)[0].tolist() == [BLACK, [1] * 3, GREY, WHITE]


def test_sixteen_bits_keep_their_order() -> None:
    image = deep([list(range(0, 65_536, 16))])
    assert (np.diff(to_rgb(image)[0, :, 0].astype(int)) >= 0).all()


@pytest.mark.parametrize("steps", [[], ["LA"], ["RGBa"], ["LA", "La"]])
def test_what_is_transparent_is_white_whatever_lies_behind(steps: list[str]) -> None:
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 255))
    for mode in steps:
        image = image.convert(mode)
    assert to_rgb(image).tolist() == [[WHITE, BLACK]]


def test_a_palette_with_an_alpha_channel_beside_it() -> None:
    image = Image.frombytes("PA", (2, 1), bytes([1, 0, 1, 255]))
    image.putpalette([0, 0, 0, 10, 200, 30])
    assert image.mode == "PA"
    assert to_rgb(image).tolist() == [[WHITE, [10, 200, 30]]]


def test_a_grey_that_stands_for_transparent_in_sixteen_bits() -> None:
    image = deep([[1000, 0, 65_535]])
    image.info["transparency"] = 1000
    assert to_rgb(image).tolist() == [[WHITE, BLACK, WHITE]]


def test_half_transparent_black_is_grey() -> None:
    assert to_rgb(Image.new("RGBA", (1, 1), (0, 0, 0, 127))).tolist() == [[GREY]]


def test_a_palette_with_a_transparent_entry() -> None:
    image = Image.new("P", (3, 1))
    image.putpalette([0, 0, 0, 10, 200, 30, 0, 0, 0])
    image.putdata([0, 1, 2])
    image.info["transparency"] = 0
    assert to_rgb(image).tolist() == [[WHITE, [10, 200, 30], BLACK]]


def test_a_palette_with_an_alpha_for_each_entry() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([0, 0, 0, 0, 0, 0])
    image.putdata([0, 1])
    image.info["transparency"] = bytes([255, 127])
    assert to_rgb(image).tolist() == [[BLACK, GREY]]


@pytest.mark.parametrize(("mode", "key", "left"), [("L", 0, 0), ("RGB", (0, 0, 0), (0, 0, 0))])
def test_a_colour_that_stands_for_transparent(mode: str, key: object, left: object) -> None:
    image = Image.new(mode, (2, 1), left)
    image.putpixel((1, 0), 9 if mode == "L" else (9, 9, 9))
    image.info["transparency"] = key
    assert to_rgb(image).tolist() == [[WHITE, [9] * 3]]


def test_cmyk_without_ink_is_white_and_full_black_is_black() -> None:
    image = Image.new("CMYK", (3, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 255))
    image.putpixel((2, 0), (255, 0, 0, 0))
    assert to_rgb(image).tolist() == [[WHITE, BLACK, [0, 255, 255]]]


def test_lab_becomes_the_colour_that_it_means() -> None:
    image = Image.new("LAB", (2, 1), (255, 128, 128))
    image.putpixel((1, 0), (136, 128 + 80, 128 + 67))  # L 53, a 80, b 67 is pure red
    white, red = to_rgb(image)[0].astype(int)
    assert white.min() > 250
    assert np.abs(red - [255, 0, 0]).max() < 12


def test_floats_within_one_are_shares_of_white() -> None:
    assert to_rgb(Image.fromarray(np.array([[0.0, 0.25, 0.5]], np.float32)))[0, :, 0].tolist() == [0, 64, 128]


def test_other_floats_are_stretched_and_what_is_no_number_is_black() -> None:
    values = np.array([[-100, 0, 100, np.nan, np.inf, -np.inf]], np.float32)
    assert to_rgb(Image.fromarray(values))[0, :, 0].tolist() == [0, 128, 255, 0, 255, 0]


def test_floats_that_are_all_equal_or_no_numbers_do_not_fail() -> None:
    for value in (7.0, np.nan):
        assert to_rgb(Image.fromarray(np.full((2, 2), value, np.float32))).tolist() == [[BLACK] * 2] * 2


def test_long_integers_are_stretched() -> None:
    values = np.array([[-5, 0, 5]], np.int32)
    assert to_rgb(Image.fromarray(values))[0, :, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "I;16", "F"])
@pytest.mark.parametrize("factor", [1, 3])
def test_bands_give_what_the_whole_gives(mode: str, factor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.fromarray(picture(50, 41)).convert({"I;16": "L", "F": "F"}.get(mode, mode))
    if mode == "I;16":
        image = deep((np.asarray(image).astype(int) * 257).tolist())
    whole = to_rgb(image, factor)
    monkeypatch.setattr(rgb, "BAND_PIXELS", 50 * 7)
    assert np.array_equal(to_rgb(image, factor), whole)
    assert whole.shape == (-(-41 // factor), -(-50 // factor), 3)


def test_reduction_is_the_mean() -> None:
    pixels = picture(8, 8)
    means = pixels.reshape(2, 4, 2, 4, 3).mean(axis=(1, 3))
    assert np.abs(to_rgb(Image.fromarray(pixels), 4) - means).max() <= 0.5
