from __future__ import annotations

import json
from pathlib import Path

import pytest

from stages.commands.summary import five_lines, summary
from stages.contracts.errors import TableError
from stages.contracts.vocabulary import QualityIssue, Rule

METRICS = {
    "images": 1234,
    "readable": 1230,
    "clusters": 7,
    "exact_duplicate_images": 3,
    "near_duplicate_images": 1002,
    "leaks": 2,
    "label_conflicts": 1,
    "outliers": 5,
    "quality_issues": dict.fromkeys(QualityIssue, 0) | {"dark": 4, "low_information": 2},
    "kept": 225,
    "removed": dict.fromkeys(Rule, 0) | {"near_duplicate": 1002, "unreadable": 7},
}


def test_five_lines_say_what_the_metrics_say() -> None:
    assert five_lines(METRICS, "photos") == [
        "Images      1,234 in photos, 1,230 readable, 7 clusters",
        "Copies      1,005 (3 exact, 1,002 near), 2 leaking into a protected split, 1 with labels that differ",
        "Outliers    5",
        "Quality     4 dark, 2 low information",
        "Kept        225, removed 1,009 (7 unreadable, 1,002 near duplicate)",
    ]


def test_clean_data_is_said_to_be_clean() -> None:
    clean = METRICS | {"quality_issues": {"dark": 0}, "removed": {"leak": 0}, "kept": 1234}
    lines = five_lines(clean, "photos")
    assert lines[3] == "Quality     nothing wrong"
    assert lines[4] == "Kept        1,234, removed 0 (none)"


def test_the_last_line_opens_the_report(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/metrics.json").write_text(json.dumps(METRICS))
    lines = summary("photos", tmp_path)
    assert len(lines) == 6
    assert lines[-1] == f"Open {(tmp_path / 'reports/index.html').as_uri()}"


def test_before_any_run_it_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(TableError) as raised:
        summary("photos", tmp_path)
    assert raised.value.do == "dvc repro"
