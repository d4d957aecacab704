from __future__ import annotations

import pandas as pd
import pytest

from stages.calibration.quality import calibrated, is_sound
from stages.contracts.params.measure import Params
from stages.core.calibration_defects import DEFECTS
from stages.core.quality import measure
from tests.encoded import picture
from tests.frames import quality

PATHS = [f"{number}.jpg" for number in range(40)]
FINE = {
    **measure(picture(300, 200)),
    **{"sharpness": 0.7, "entropy": 7.0, "width": 300.0, "height": 200.0, "aspect_ratio": 0.67},
}


def measured(number: int, **wrong: float) -> list[tuple[int, int, dict]]:
    """What was planted in one picture: every defect, with these measures."""
    return [(number, place, {**FINE, **wrong}) for place in range(len(DEFECTS))]


def parts(sampled: pd.DataFrame, **wrong: float) -> dict:
    planted = [row for number in range(len(sampled)) for row in measured(number, **wrong)]
    return {part.issue: part for part in calibrated(Params(), sampled, planted)}


def test_planted_defects_are_judged_by_the_present_thresholds() -> None:
    dark = parts(quality(PATHS), highlights=0.2)["dark"]
    assert (dark.recall.found, dark.recall.n, dark.false_flags.found) == (120, 120, 0)
    assert [strength.share.n for strength in dark.strengths] == [40, 40, 40]
    assert dark.recommended is None
    assert parts(quality(PATHS))["dark"].recall.found == 0


def test_a_picture_that_has_the_issue_already_is_not_planted_but_counts_as_flagged() -> None:
    grey = parts(quality(PATHS, grayscale=PATHS[:10]), chroma=0.0)["grayscale"]
    assert (grey.recall.n, grey.false_flags.found, grey.false_flags.n) == (30, 10, 40)


def test_an_issue_that_is_switched_off_has_no_recommendation() -> None:
    planted = [row for number in range(40) for row in measured(number, highlights=0.2)]
    dark = next(p for p in calibrated(Params(dark=None), quality(PATHS), planted) if p.issue == "dark")
    assert (dark.threshold, dark.recommended, dark.recall.found) == (None, None, 0)


def test_nothing_planted() -> None:
    for part in calibrated(Params(), quality([]), []):
        assert part.recall.n == part.false_flags.n == 0
        assert "Too few" in part.why


@pytest.mark.parametrize("issue", ["dark", "bright", "blurry", "low_information"])
def test_a_sound_picture_has_none_of_the_issues_of_pixels(issue: str) -> None:
    assert is_sound(quality(PATHS, **{issue: PATHS[:1], "odd_size": PATHS})).tolist() == [False] + [True] * 39
