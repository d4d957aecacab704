from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from stages.contracts.calibration_record import (
    PATH,
    Calibration,
    CurvePoint,
    Duplicates,
    Mistakes,
    Outliers,
    OwnPair,
    Quality,
    Share,
    Strength,
    Transform,
    Trials,
    read_calibration,
    write_calibration,
)
from stages.contracts.errors import TableError

HALF = Share(n=40, found=20, share=0.5, low=0.35, high=0.65, enough=True)
NOTHING = Share(n=0, found=0, share=None, low=None, high=None, enough=False)
CROP = Strength(kind="crop", strength="10 %", told="cropped by 10 %", share=HALF)


def record(**changes: object) -> Calibration:
    point = CurvePoint(threshold=0.6, precision=HALF, recall=NOTHING)
    copies = Duplicates(
        threshold=0.6,
        default=0.6,
        source="default",
        why="It stands.",
        recall=HALF,
        precision=HALF,
        precision_at_most=HALF,
        transforms=[Transform(**CROP.model_dump(), trials=Trials(pictures=[0], levels=[0.7]))],
        mistakes=Mistakes(pictures=[0], levels=[0.7], above=[0.0]),
        unconfirmed=[OwnPair(picture=0, a="a", b="b", level=0.7, agreement=0.7, phash_distance=9, cosine=0.5)],
        curve=[point],
        negatives=7,
    )
    dark = Quality(
        issue="dark",
        threshold=None,
        recommended=None,
        why="Off.",
        recall=NOTHING,
        false_flags=HALF,
        strengths=[],
        curve=[point],
    )
    strange = Outliers(rate=0.1, foreign=[CROP], recall=HALF, false_flags=HALF, why="So.")
    known = {"encoder": "e", "sample": 64, "seed": 0, "precision": 0.99, "params": "p", "inputs": {"a": "b"}}
    return Calibration(**known | {"duplicates": copies, "quality": [dark], "outliers": strange} | changes)


@pytest.mark.parametrize("given", [record(), record(outliers=None, quality=[])])
def test_what_is_written_is_read_again_and_the_same_bytes_each_time(given: Calibration, tmp_path: Path) -> None:
    write_calibration(given, tmp_path)
    first = (tmp_path / PATH).read_bytes()
    assert read_calibration(tmp_path) == given
    write_calibration(given, tmp_path)
    assert (tmp_path / PATH).read_bytes() == first
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["calibration.json"]


def test_without_a_record_it_is_told_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="dvc repro calibrate"):
        read_calibration(tmp_path)


@pytest.mark.parametrize("content", [b"{}", b"<<<<<<< HEAD", b"\xff\xfe", b'{"sample": "64"}'])
def test_what_is_not_understood_is_told(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / PATH).write_bytes(content)
    with pytest.raises(TableError, match="not understood"):
        read_calibration(tmp_path)


def test_no_unknown_key_no_other_type_no_change() -> None:
    with pytest.raises(ValidationError):
        Share(**HALF.model_dump(), more=1)
    with pytest.raises(ValidationError):
        Share(**HALF.model_dump() | {"n": "40"})
    with pytest.raises(ValidationError):
        HALF.n = 3
