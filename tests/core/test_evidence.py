from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stages.contracts.vocabulary import DuplicateKind, QualityIssue
from stages.core import evidence
from stages.core.evidence import Copy
from tests.frames import THRESHOLDS

NEAR, EXACT = str(DuplicateKind.NEAR), str(DuplicateKind.EXACT)


@pytest.mark.parametrize(
    ("issue", "score", "told"),
    [
        (QualityIssue.DARK, 0.21, "99 % of the picture is darker than 0.21 (1 is white); score 0.21, threshold 0.32."),
        (
            QualityIssue.BRIGHT,
            0.2,
            "Light shadows, or light that was too much, leave 20 % of the scale; score 0.20, threshold 0.32.",
        ),
        (
            QualityIssue.BLURRY,
            0.25,
            "Even the sharpest edges are blurred over 3.0 pixels at a diagonal of 640; score 0.25, threshold 0.32.",
        ),
        (
            QualityIssue.LOW_INFORMATION,
            0.125,
            "The tones hold 1.0 of 8 bits of information; score 0.12, threshold 0.32.",
        ),
        (
            QualityIssue.ODD_ASPECT,
            0.2,
            "1,000 × 200 pixels: one side is 5.0 times the other; score 0.20, threshold 0.32.",
        ),
        (QualityIssue.ODD_SIZE, 0.3, "1,000 × 200 pixels, far from the usual size here; score 0.30, threshold 0.32."),
        (QualityIssue.GRAYSCALE, 0.2, "The colour channels differ by 0.5 % of the tones; score 0.20, threshold 0.32."),
    ],
)
def test_a_quality_issue_tells_its_measure_its_score_and_the_threshold(
    issue: QualityIssue, score: float, told: str
) -> None:
    assert evidence.of_quality(issue, score, 1000, 200, 0.32) == told


@pytest.mark.parametrize("issue", list(QualityIssue))
@pytest.mark.parametrize("score", [0.0, 1.0])
def test_the_ends_of_the_scale_are_told_too(issue: QualityIssue, score: float) -> None:
    told = evidence.of_quality(issue, score, 1, 1, None)
    assert told.endswith(f"score {score:.2f}.")
    assert not {"inf", "nan"} & set(told.replace(";", "").split())


def test_a_near_copy_tells_what_was_done_how_far_they_agree_and_why_the_other_stays() -> None:
    told = evidence.of_copy(Copy(NEAR, 0.8799, "cropped"), "train/a.jpg", THRESHOLDS, "is larger: 9 × 9 against 3 × 3")
    assert told == (
        "Near copy of train/a.jpg (cropped): 87 % of the content is the same, threshold 60 %; "
        "that one is larger: 9 × 9 against 3 × 3."
    )


@pytest.mark.parametrize(
    ("vouched", "limit"), [(True, "threshold 60 %"), (False, "threshold 90 %, since little detail shows")]
)
def test_of_two_thresholds_the_one_that_held_for_the_pair_is_told(vouched: bool, limit: str) -> None:
    told = evidence.of_copy(Copy(NEAR, 0.93, vouched=vouched), "a.jpg", THRESHOLDS, "")
    assert told == f"Near copy of a.jpg: 93 % of the content is the same, {limit}."


def test_agreement_is_told_as_finely_as_its_threshold() -> None:
    told = evidence.of_copy(Copy(NEAR, 0.7257), "a.jpg", replace(THRESHOLDS, agreement=0.725), "")
    assert "72.5 % of the content is the same, threshold 72.5 %" in told
    exactly = evidence.of_copy(Copy(NEAR, float(np.float32(0.725))), "a.jpg", replace(THRESHOLDS, agreement=0.725), "")
    assert "72.5 % of the content is the same, threshold 72.5 %" in exactly


@pytest.mark.parametrize(
    ("score", "told"), [(0.5, "0.50"), (0.598, "0.598"), (0.5996, "0.5996"), (0.6, "0.60"), (0.7, "0.70")]
)
def test_a_score_under_its_threshold_looks_like_it(score: float, told: str) -> None:
    assert evidence.of_quality(QualityIssue.DARK, score, 9, 9, 0.6).endswith(f"; score {told}, threshold 0.6.")


def test_a_score_a_hair_under_its_threshold_still_ends() -> None:
    assert "score 0.6000000, threshold 0.6." in evidence.of_quality(QualityIssue.DARK, 0.6 - 1e-12, 9, 9, 0.6)


def test_equal_bytes_need_no_threshold() -> None:
    assert evidence.of_copy(Copy(EXACT, 1.0, "same bytes"), "a.jpg", THRESHOLDS, "stays") == (
        "The same bytes as a.jpg; that one stays."
    )


def test_agreement_is_rounded_down() -> None:
    assert [evidence.percent(share) for share in (0.999, 1.0, 0.6, 0.0)] == ["99 %", "100 %", "60 %", "0 %"]


ITEM = {"labelled": False, "label": None, "protected": False, "split": None, "pixels": 100, "width": 10, "height": 10,
        "sharpness": 0.5, "bytes": 100, "path": "a.jpg"}  # fmt: skip


@pytest.mark.parametrize(
    ("better", "told"),
    [
        ({"labelled": True, "label": "cat"}, "is labelled: cat, against no label"),
        ({"protected": True, "split": "test"}, "is in test, a protected split"),
        ({"pixels": 200, "width": 20}, "is larger: 20 × 10 against 10 × 10"),
        ({"sharpness": 0.7}, "is sharper: 0.70 against 0.50"),
        ({"bytes": 1200}, "has more bytes: 1,200 against 100"),
        ({}, "comes first by path"),
    ],
)
def test_why_the_other_stays_reads_on_from_that_one(better: dict, told: str) -> None:
    keeper, other = ITEM | better | {"rank": 0}, ITEM | {"path": "b.jpg", "rank": 1}
    assert evidence.why_that_one(keeper, other, decided=False) == told
    assert evidence.why_that_one(keeper, other, decided=True) == "stays by your decision"


def test_a_worse_keeper_is_not_called_better() -> None:
    keeper, other = ITEM | {"rank": 1}, ITEM | {"pixels": 400, "rank": 0}
    assert evidence.why_that_one(keeper, other, decided=False) == "stays"
