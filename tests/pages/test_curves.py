from __future__ import annotations

import pytest

from stages.calibration.shares import share
from stages.contracts.calibration_record import CurvePoint
from stages.core.intervals import proportion
from stages.pages.curves import curve

NAMED = {"recall": "Found", "precision": "Right"}


def told(measured: object) -> str:
    return f"{measured.share:.2f}"


def points(*rows: tuple[float, int, int], n: int = 100) -> list[CurvePoint]:
    """(threshold, found, right) of n."""
    return [
        CurvePoint(threshold=t, recall=share(proportion(found, n)), precision=share(proportion(right, n)))
        for t, found, right in rows
    ]


def test_lines_go_through_what_was_measured() -> None:
    drawn = curve(points((0.3, 100, 80), (0.5, 90, 90), (0.7, 50, 100)), NAMED, 0.4, told)
    found, right = drawn.lines
    assert (found.key, right.key) == ("recall", "precision")
    # The interval of 50 in 100 reaches below 0.41, so the drawing begins at 0.4.
    assert drawn.up[0] == (0.0, "40")
    assert drawn.up[-1] == (100.0, "100")
    assert found.points == "0,0 50,16.67 100,83.33"
    assert right.points == "0,33.33 50,16.67 100,0"
    assert drawn.across == [(0.0, "0.3"), (50.0, "0.5"), (100.0, "0.7")]
    assert drawn.threshold_at == 25
    assert "at a threshold of 0.5, found 0.90 and right 0.90" in drawn.label


def test_the_band_runs_out_along_the_upper_ends_and_back_along_the_lower() -> None:
    line = curve(points((0.3, 100, 80), (0.5, 90, 90)), NAMED, None, told).lines[0]
    corners = [tuple(map(float, corner.split(","))) for corner in line.band.split()]
    assert [x for x, _ in corners] == [0, 100, 100, 0]
    assert corners[0][1] == 0
    assert corners[3][1] > corners[0][1]


def test_a_threshold_off_the_drawing_is_not_marked() -> None:
    assert curve(points((0.3, 100, 80), (0.5, 90, 90)), NAMED, 0.9, told).threshold_at is None


@pytest.mark.parametrize(
    "few", [[], points((0.3, 10, 10)), points((0.3, 10, 10), (0.5, 9, 9), n=12), points((0.3, 0, 0), (0.5, 0, 0), n=0)]
)
def test_nothing_is_drawn_of_too_few(few: list[CurvePoint]) -> None:
    assert curve(few, NAMED, 0.3, told) is None


def test_a_curve_that_is_right_everywhere_still_has_a_scale() -> None:
    drawn = curve(points((0.32, 1000, 1000), (0.38, 1000, 1000), n=1000), NAMED, 0.35, told)
    assert [text for _, text in drawn.up] == ["90", "100"]
    assert drawn.across == [(0.0, "0.32"), (100.0, "0.38")]
