"""libjpeg's warnings, and how they are judged."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from stages.contracts.errors import ImageError
from stages.core.jpeg import decode_jpeg, is_whole, scale_for
from tests.encoded import encoded, picture


@pytest.mark.parametrize(
    ("width", "height", "min_side", "scale"),
    [
        (800, 600, None, 1),
        (800, 600, 600, 1),
        (800, 600, 301, 1),
        (800, 600, 300, 2),
        (800, 600, 150, 4),
        (800, 600, 149, 4),
        (800, 600, 75, 8),
        (800, 600, 1, 8),
        (7, 7, 1, 4),
        (1, 1, 1, 1),
        (10, 10, 500, 1),
    ],
)
def test_scale_is_the_largest_that_leaves_enough(width: int, height: int, min_side: int | None, scale: int) -> None:
    assert scale_for(width, height, min_side) == scale_for(height, width, min_side) == scale


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"subsampling": 0}, {"keep_rgb": True}, {"quality": 30}]
)
def test_pixels_are_those_of_pillow(options: dict) -> None:
    data = encoded(picture(), **options)
    assert np.array_equal(decode_jpeg(data, 120, 90), np.asarray(Image.open(io.BytesIO(data))))


def test_a_grey_jpeg_has_three_channels() -> None:
    data = encoded(picture()[..., 0])
    grey = np.asarray(Image.open(io.BytesIO(data)))
    assert np.array_equal(decode_jpeg(data, 120, 90), np.stack([grey] * 3, axis=-1))


@pytest.mark.parametrize("scale", [1, 2, 4, 8])
@pytest.mark.parametrize("size", [(120, 90), (121, 91), (17, 64)])
def test_sides_are_divided_and_rounded_up(size: tuple[int, int], scale: int) -> None:
    width, height = size
    found = decode_jpeg(encoded(picture(*size)), *size, scale)
    assert found.shape == (-(-height // scale), -(-width // scale), 3)


def test_a_whole_jpeg_is_whole() -> None:
    assert is_whole(encoded(picture()))
    assert is_whole(encoded(Image.fromarray(picture()).convert("CMYK")), is_cmyk=True)


def test_a_harmless_warning_leaves_it_to_others() -> None:
    data = encoded(picture(400, 300))
    padded = data[:-2] + bytes(16) + b"\xff\xd9"
    assert not is_whole(padded)
    assert decode_jpeg(padded, 400, 300) is None


def test_much_that_is_left_over_means_that_the_place_was_lost() -> None:
    data = encoded(picture(400, 300))
    with pytest.raises(ImageError, match="damaged"):
        is_whole(data[:-2] + bytes(len(data) // 10) + b"\xff\xd9")


def test_left_over_bytes_within_the_scan_are_damage() -> None:
    data = encoded(picture(400, 300), restart_marker_blocks=10)
    restart = data.index(b"\xff\xd3")
    with pytest.raises(ImageError, match="damaged"):
        is_whole(data[:restart] + bytes(16) + data[restart:])


def test_an_end_without_a_scan_is_truncated() -> None:
    data = encoded(picture())
    with pytest.raises(ImageError, match="truncated"):
        is_whole(data[: len(data) // 2] + b"\xff\xd9")
    with pytest.raises(ImageError, match="truncated"):
        decode_jpeg(data[:-2], 120, 90)


def test_what_is_not_understood_is_left_to_others() -> None:
    assert decode_jpeg(encoded(picture(), "PNG"), 120, 90) is None
    assert not is_whole(encoded(picture(), "PNG"))
