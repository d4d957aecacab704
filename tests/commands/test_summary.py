from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from stages.commands.summary import five_lines, summary
from stages.contracts import tables
from stages.contracts.errors import TableError
from stages.contracts.params.data import Params
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.verdicts import VERDICTS
from stages.contracts.vocabulary import QualityIssue, Rule
from tests import frames

METRICS = {
    "decisions": {"applied": 0, "ambiguous": 0, "unmatched": 0},
    "images": 1234,
    "readable": 1230,
    "clusters": 7,
    "exact_duplicate_images": 3,
    "near_duplicate_images": 1002,
    "leaks": 2,
    "leaks_between_protected": 0,
    "label_conflicts": 1,
    "outliers": 5,
    "label_issues": 7,
    "quality_issues": dict.fromkeys(QualityIssue, 0) | {"dark": 4, "low_information": 2},
    "kept": 225,
    "removed": dict.fromkeys(Rule, 0) | {"near_duplicate": 1002, "unreadable": 7},
}


def test_five_lines_say_what_the_metrics_say() -> None:
    assert five_lines(METRICS, "photos") == [
        "Images      1,234 in photos, 1,230 readable, 7 clusters",
        "Copies      1,005 (3 exact, 1,002 near), 2 leaking into a protected split, 1 with labels that differ",
        "Outliers    5; labels in doubt: 7",
        "Quality     4 dark, 2 low information",
        "Kept        225, removed 1,009 (7 unreadable, 1,002 near duplicate)",
    ]


def test_one_cluster_is_no_clusters_and_copies_between_protected_splits_are_told() -> None:
    lines = five_lines(METRICS | {"clusters": 1, "leaks_between_protected": 4}, "photos")
    assert lines[0].endswith("1,230 readable, 1 cluster")
    assert "2 leaking into a protected split, 4 in two protected splits, 1 with labels" in lines[1]


def test_too_few_images_to_judge_are_not_said_to_be_clean() -> None:
    lines = five_lines(METRICS, "photos", {"fitted": False, "n": 34, "fewest": 50})
    assert lines[2] == "Outliers    not judged: 34 different images without a defect, 50 are needed; labels in doubt: 7"


def test_clean_data_is_said_to_be_clean() -> None:
    clean = METRICS | {"quality_issues": {"dark": 0}, "removed": {"leak": 0}, "kept": 1234}
    lines = five_lines(clean, "photos")
    assert lines[3] == "Quality     nothing wrong"
    assert lines[4] == "Kept        1,234, removed 0 (none)"


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """A project whose last run came to its end."""
    images = frames.images({"path": "a.jpg"})
    tables.write(IMAGES, images, tmp_path, tables.origin(Params(source="photos"), [], tmp_path))
    blank = {"verdict": "keep", "rule": None, "detail": None, "keeper_id": None, "label": None, "original_label": None}
    verdicts = pd.DataFrame([{"item_id": item, **blank} for item in images["item_id"]])
    tables.write(VERDICTS, verdicts, tmp_path, tables.origin(Params(), [IMAGES.path], tmp_path))
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/metrics.json").write_text(json.dumps(METRICS))
    return tmp_path


def test_the_last_line_opens_the_report(ran: Path) -> None:
    lines = summary(Params(source="photos"), ran)
    assert len(lines) == 6
    assert lines[-1] == f"Open {(ran / 'reports/index.html').as_uri()}"


def test_decisions_that_reach_nothing_are_told(ran: Path) -> None:
    told = METRICS | {"decisions": {"applied": 8, "ambiguous": 0, "unmatched": 2}}
    (ran / "reports/metrics.json").write_text(json.dumps(told))
    assert "Decisions   8 applied, 2 unmatched" in summary(Params(source="photos"), ran)


def test_results_are_never_told_under_another_sources_name(ran: Path) -> None:
    with pytest.raises(TableError, match="another data section"):
        summary(Params(source="other photos"), ran)


def test_a_run_that_did_not_end_is_not_told_with_the_numbers_of_the_one_before(ran: Path) -> None:
    tables.write(IMAGES, frames.images({"path": "b.jpg"}), ran, tables.origin(Params(source="photos"), [], ran))
    with pytest.raises(TableError, match="did not come to its end"):
        summary(Params(source="photos"), ran)


def test_before_any_run_it_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(TableError) as raised:
        summary(Params(source="photos"), tmp_path)
    assert raised.value.do == "dvc repro"
