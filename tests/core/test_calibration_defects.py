from __future__ import annotations

import numpy as np
import pytest

from stages.contracts.vocabulary import QualityIssue
from stages.core.calibration_defects import DEFECTS, Defect
from stages.core.quality import WORKING_DIAGONAL, measure
from tests.pictures import busy

BY_NAME = {defect.name.strip(): defect for defect in DEFECTS}


def photo(width: int = 480, height: int = 360) -> np.ndarray:
    return np.dstack([busy(seed, width, height) for seed in (1, 2, 3)])


def planted(name: str, pixels: np.ndarray) -> np.ndarray:
    return BY_NAME[name].change(pixels, np.random.default_rng(0))


def test_names_are_distinct_and_the_issues_of_pixels_are_there() -> None:
    assert len(BY_NAME) == len(DEFECTS)
    assert {defect.issue for defect in DEFECTS} == set(QualityIssue) - {QualityIssue.ODD_ASPECT, QualityIssue.ODD_SIZE}


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (2, 90), (480, 360)])
@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_any_picture_can_be_spoilt(defect: Defect, size: tuple[int, int]) -> None:
    pixels = np.ascontiguousarray(photo()[: size[1], : size[0]])
    found = defect.change(pixels, np.random.default_rng(0))
    assert found.shape == pixels.shape
    assert found.dtype == np.uint8
    assert (found == defect.change(pixels, np.random.default_rng(0))).all()


@pytest.mark.parametrize(
    ("weak", "strong", "column"),
    [
        ("out of focus 2 px", "out of focus 6 px", "sharpness"),
        ("motion 10 px", "motion 20 px", "sharpness"),
        ("under-exposed 3 stops", "under-exposed 5 stops", "highlights"),
        ("emptied 3 %", "emptied 0 %", "entropy"),
    ],
)
def test_a_stronger_defect_measures_worse(weak: str, strong: str, column: str) -> None:
    sound, little, much = (measure(p)[column] for p in (photo(), planted(weak, photo()), planted(strong, photo())))
    assert sound > little > much


def test_a_stop_halves_the_light() -> None:
    grey = np.full((4, 4, 3), 188, np.uint8)  # sRGB 188 is half of full light
    assert planted("under-exposed 3 stops", np.full((4, 4, 3), 255, np.uint8)).mean() == pytest.approx(99, abs=1)
    assert planted("under-exposed 3 stops", grey).mean() == pytest.approx(71, abs=1)


def test_fading_lifts_black_and_leaves_white() -> None:
    pixels = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    assert planted("faded 80 %", pixels)[0, :, 0].tolist() == [204, 255]


def test_an_emptied_picture_keeps_its_colour() -> None:
    pixels = photo()
    assert np.allclose(planted("emptied 0 %", pixels).mean(axis=(0, 1)), pixels.mean(axis=(0, 1)), atol=0.5)


def test_blur_is_as_wide_as_it_says_at_the_working_size() -> None:
    """An edge blurred by sigma rises by the normal distribution: 68 % of it within one sigma either way."""
    for width, height in ((320, 240), (960, 720)):
        edge = np.zeros((height, width, 3), np.uint8)
        edge[:, width // 2 :] = 250
        sigma = 4 * max(np.hypot(width, height) / WORKING_DIAGONAL, 1)
        row = planted("out of focus 4 px", edge)[height // 2, :, 0].astype(float) / 250
        left, right = np.interp([0.159, 0.841], row, np.arange(width))
        assert right - left == pytest.approx(2 * sigma, rel=0.1)


def test_motion_spreads_a_point_along_a_line_of_its_length() -> None:
    point = np.zeros((101, 101, 3), np.uint8)
    point[50, 50] = 255
    smeared = planted("motion 20 px", point)[..., 0] > 2
    rows, columns = np.nonzero(smeared)
    assert np.hypot(np.ptp(rows), np.ptp(columns)) == pytest.approx(20, abs=2)
