"""Copies laid on each other."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data as photographs

from stages.review.overlay import GAIN, SIDE, Overlay, lay


@pytest.fixture(scope="module")
def coffee() -> np.ndarray:
    return np.ascontiguousarray(photographs.coffee())


def mean_difference(found: Overlay) -> float:
    """Grey levels, where both show something."""
    apart = found.difference[..., :3][found.second[..., 3] > 0]
    return float(apart.mean()) / GAIN


def test_a_picture_on_itself_shows_no_difference(coffee: np.ndarray) -> None:
    found = lay(coffee, coffee)
    assert found.is_aligned
    assert found.first.shape[:2] == found.second.shape[:2] == found.difference.shape[:2] == coffee.shape[:2]
    assert mean_difference(found) < 1


def test_a_mirrored_crop_lies_where_it_was_cut_from(coffee: np.ndarray) -> None:
    crop = coffee[40:340, 80:520]
    found = lay(coffee, np.ascontiguousarray(crop[:, ::-1]))
    assert found.is_aligned
    assert found.found.mirrored
    rows, columns = np.nonzero(found.second[..., 3])
    assert np.abs([rows.min() - 40, rows.max() - 339, columns.min() - 80, columns.max() - 519]).max() <= 2
    assert mean_difference(found) < 1


def test_what_was_painted_over_is_what_differs(coffee: np.ndarray) -> None:
    painted = cv2.resize(coffee, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    painted[60:100, 60:120] = 255
    found = lay(coffee, painted)
    grey = found.difference[..., :3].mean(-1)
    inside, outside = grey[130:190, 130:230], np.delete(grey, np.s_[110:210], axis=0)
    assert inside.mean() > 10 * outside.mean()


def test_a_finer_copy_is_made_as_coarse_first(coffee: np.ndarray) -> None:
    small = cv2.resize(coffee, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    assert mean_difference(lay(small, coffee)) < 3


def test_pictures_that_are_no_copies_are_laid_as_they_are(coffee: np.ndarray) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 500, 3)).astype(np.uint8)
    found = lay(coffee, noise)
    assert not found.is_aligned
    assert (found.second[..., 3] > 0).mean() > 0.98


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 3000, 3), (5, 5, 3)])
def test_every_size_gets_an_answer(coffee: np.ndarray, shape: tuple[int, int, int]) -> None:
    tiny = np.full(shape, 90, np.uint8)
    assert lay(coffee, tiny).second.shape == (*coffee.shape[:2], 4)
    assert max(lay(tiny, coffee).first.shape[:2]) <= SIDE
