from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import data

from stages.core.phash import BITS, halves, hamming, perceptual_hashes, to_bits, without_frame


def grey(pixels: np.ndarray) -> np.ndarray:
    return pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)


PHOTOS = [grey(photo()) for photo in (data.astronaut, data.camera, data.chelsea, data.coffee, data.rocket, data.coins)]


def distance(a: str, b: str) -> int:
    return int(hamming(to_bits([a]), to_bits([b]))[0])


def test_a_hash_is_64_hex_digits() -> None:
    for told in perceptual_hashes(PHOTOS[0]):
        assert len(told) * 4 == BITS == 256
        assert set(told) <= set("0123456789abcdef")


@pytest.mark.parametrize("photo", PHOTOS)
def test_the_mirrors_hash_is_the_hash_of_the_mirror(photo: np.ndarray) -> None:
    hashes = perceptual_hashes(photo)
    mirrored = perceptual_hashes(np.ascontiguousarray(photo[:, ::-1]))
    assert distance(hashes[1], mirrored[0]) <= 2
    assert distance(hashes[0], mirrored[1]) <= 2
    assert distance(*hashes) > 64


@pytest.mark.parametrize("photo", PHOTOS)
def test_mirroring_turns_the_odd_half_and_leaves_the_even_one(photo: np.ndarray) -> None:
    (even, odd), (other_even, other_odd) = (halves(to_bits([told])) for told in perceptual_hashes(photo))
    assert hamming(even, other_even)[0] <= 8
    assert hamming(odd, ~other_odd)[0] <= 8


@pytest.mark.parametrize("photo", PHOTOS)
def test_resizing_compression_and_light_leave_most_bits(photo: np.ndarray) -> None:
    original = perceptual_hashes(photo)[0]
    half = cv2.resize(photo, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    rough = cv2.imdecode(cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 30])[1], cv2.IMREAD_GRAYSCALE)
    darker = np.rint(photo * 0.7).astype(np.uint8)
    for changed in (half, rough, darker):
        assert distance(original, perceptual_hashes(changed)[0]) <= 24


def test_different_photographs_differ_in_about_half_of_the_bits() -> None:
    hashes = to_bits([perceptual_hashes(photo)[0] for photo in PHOTOS])
    apart = hamming(hashes[:, None], hashes[None])
    assert (apart[~np.eye(len(PHOTOS), dtype=bool)] > 90).all()
    assert (np.diag(apart) == 0).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (32, 32), (5, 700)])
def test_any_shape_has_a_hash(shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert [len(told) for told in perceptual_hashes(pixels)] == [64, 64]


def test_no_hashes_are_an_array_of_no_rows() -> None:
    assert to_bits([]).shape == (0, 32)


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=8), st.binary(min_size=32, max_size=32))
def test_hamming_counts_bits_as_integers_do(rows: list[bytes], other: bytes) -> None:
    packed = to_bits([row.hex() for row in rows])
    assert packed.dtype == np.uint8
    found = hamming(packed, to_bits([other.hex()]))
    expected = [(int.from_bytes(row) ^ int.from_bytes(other)).bit_count() for row in rows]
    assert found.tolist() == expected


@pytest.mark.parametrize("photo", PHOTOS)
@pytest.mark.parametrize("colour", [0, 128, 255])
def test_a_frame_changes_little(photo: np.ndarray, colour: int) -> None:
    framed = np.pad(photo, photo.shape[0] // 12, constant_values=colour)
    assert distance(perceptual_hashes(photo)[0], perceptual_hashes(framed)[0]) < 16


def test_bars_on_two_sides_are_no_frame() -> None:
    bars = np.pad(PHOTOS[0], ((9, 9), (0, 0)))
    assert without_frame(bars) is bars
    assert without_frame(PHOTOS[0]) is PHOTOS[0]


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (40, 40)])
def test_a_picture_of_one_colour_keeps_its_middle(shape: tuple[int, int]) -> None:
    assert without_frame(np.full(shape, 7, np.uint8)).size > 0
