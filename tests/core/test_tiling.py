import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.errors import ParamsError
from stages.core.tiling import cut_lines, edges, entropy, grid, is_clear, largest_tiles, luminance, neighbours, stream


def textured(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@given(st.integers(1, 2000), st.integers(1, 40), st.integers(0, 5))
def test_cuts_cover_the_length_in_order(length: int, parts: int, seed: int):
    lines = cut_lines(length, parts, stream(seed))
    assert (lines[0], lines[-1], len(lines)) == (0, length, parts + 1)
    assert (np.diff(lines) >= 0).all()
    assert np.diff(lines).max() <= length / parts * 1.1 + 1


def test_tiles_cover_a_photograph_and_share_no_pixel():
    pixels = textured(240, 330)
    seen = np.zeros(pixels.shape[:2], int)
    for tile in grid("a", pixels, 3, 4, seed=1):
        height, width = tile.pixels.shape[:2]
        seen[tile.top : tile.top + height, tile.left : tile.left + width] += 1
        assert (tile.pixels == pixels[tile.top : tile.top + height, tile.left : tile.left + width]).all()
    assert (seen == 1).all()


def test_tiles_are_as_large_as_the_count_allows():
    photographs = {"a": textured(300, 300), "b": textured(200, 400, 1)}
    assert {tile.pixels.shape[0] for tile in largest_tiles(photographs, 4, 0)} <= set(range(130, 301))
    assert len(largest_tiles(photographs, 12, 0)) >= 12


def test_another_seed_cuts_elsewhere_and_the_same_seed_does_not():
    photographs = {"a": textured(400, 400)}
    places = [[(tile.top, tile.left) for tile in largest_tiles(photographs, 16, seed)] for seed in (0, 0, 1)]
    assert places[0] == places[1] != places[2]


def test_too_many_tiles_are_refused_with_the_number_there_is():
    with pytest.raises(ParamsError) as caught:
        largest_tiles({"a": textured(100, 100)}, 50, 0)
    assert (caught.value.got, caught.value.where) == (4, "params.yaml, demo.images")


def test_a_tile_with_a_fault_is_not_clear():
    sharp = textured(100, 100)
    ramp = np.repeat(np.linspace(90, 160, 100).astype(np.uint8), 300).reshape(100, 100, 3)
    assert is_clear(sharp)
    assert not is_clear(sharp // 4)
    assert not is_clear(240 + sharp // 17)
    assert not is_clear(np.full_like(sharp, 128))
    assert not is_clear(ramp)
    smooth = cv2.GaussianBlur(textured(100, 100), (0, 0), 6).astype(float)
    stretched = (smooth - smooth.min()) / np.ptp(smooth) * 255
    assert not is_clear(stretched.astype(np.uint8))


def test_measures_on_known_pictures():
    assert luminance(np.full((2, 3, 3), 255, np.uint8)) == pytest.approx(np.ones((2, 3)))
    half = np.repeat([[0.0, 1.0]], 50, axis=0)
    assert entropy(half) == pytest.approx(1)
    assert entropy(np.zeros((5, 5))) == 0
    step = np.zeros((100, 100))
    step[:, 50:] = 1
    assert edges(step) == pytest.approx(0.01, abs=0.005)
    assert edges(np.zeros((100, 100))) == 0


def test_neighbours_are_side_by_side_in_one_photograph():
    tiles = grid("a", textured(200, 300), 2, 3, 0) + grid("b", textured(100, 100, 1), 1, 1, 0)
    pairs = neighbours(tiles)
    assert len(pairs) == 4
    for left, right in pairs:
        assert (left.label, left.row, left.column + 1) == (right.label, right.row, right.column)
    assert neighbours([]) == []


def test_streams_differ_by_seed_and_by_name_only():
    draws = [stream(*names).random() for names in ((0, "a"), (0, "a"), (1, "a"), (0, "b"), (0, "a", "b"))]
    assert draws[0] == draws[1]
    assert len(set(draws)) == 4
