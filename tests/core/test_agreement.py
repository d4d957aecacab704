from __future__ import annotations

import numpy as np
import pytest

from stages.core.agreement import overlap
from tests.pictures import busy, noisy

AS_IT_IS = np.eye(2, 3)
PICTURE = busy(1, 192, 144)


def test_a_picture_is_the_same_as_itself() -> None:
    found = overlap(PICTURE, PICTURE, AS_IT_IS)
    assert (found.same, found.of_a, found.of_b) == (1, 1, 1)
    assert found.fine == pytest.approx(1)
    assert found.gain == pytest.approx(1)
    assert found.offset == pytest.approx(0, abs=1e-3)


def test_brightness_and_contrast_change_nothing_and_are_told() -> None:
    found = overlap(PICTURE, (PICTURE * 0.5 + 60).astype(np.uint8), AS_IT_IS)
    assert found.same > 0.98
    assert found.gain == pytest.approx(0.5, abs=0.02)
    assert found.offset == pytest.approx(60, abs=3)


def test_two_pictures_share_little() -> None:
    assert overlap(PICTURE, busy(2, 192, 144), AS_IT_IS).same < 0.3


def test_what_is_pasted_over_counts_as_much_as_it_covers() -> None:
    pasted = PICTURE.copy()
    pasted[:, :96] = busy(2, 192, 144)[:, :96]
    assert overlap(PICTURE, pasted, AS_IT_IS).same == pytest.approx(0.5, abs=0.15)


def test_blank_pictures_agree_on_nothing() -> None:
    white, grey = np.full((144, 192), 255, np.uint8), np.full((144, 192), 128, np.uint8)
    assert overlap(white, white, AS_IT_IS).same == 0
    assert overlap(white, noisy(grey, 1.0), AS_IT_IS).same == 0


def test_only_the_overlap_is_compared() -> None:
    shifted = np.array([[1.0, 0, -96], [0, 1, 0]])
    found = overlap(PICTURE, PICTURE[:, 96:].copy(), np.array([[1.0, 0, -96], [0, 1, 0]]))
    assert found.same > 0.99
    assert found.of_a == pytest.approx(0.5, abs=0.02)
    assert found.of_b == pytest.approx(1, abs=0.03)
    assert overlap(PICTURE, PICTURE, shifted * [[1, 1, 3]]).of_a == 0


@pytest.mark.parametrize("zoom", [0.0, 0.01, 50.0])
def test_a_collapsed_geometry_is_no_overlap(zoom: float) -> None:
    assert overlap(PICTURE, PICTURE, np.array([[zoom, 0, 0], [0, zoom, 0]])).same == 0
