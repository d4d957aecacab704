from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from stages.exports import manifest_files
from stages.exports.manifest_files import write_csv, write_jsonl, write_parquet

ROWS = pd.DataFrame({"path": ['a "b",\nc.jpg', "شجرة🌳.jpg"], "label": ["cat", None], "width": [4, 5]})


def test_csv_comes_back_with_hostile_names(tmp_path: Path) -> None:
    write_csv(ROWS, tmp_path / "deep" / "keep.csv")
    back = pd.read_csv(tmp_path / "deep" / "keep.csv")
    assert back["path"].tolist() == ROWS["path"].tolist()
    assert back["label"].isna().tolist() == [False, True]


def test_jsonl_is_an_object_a_line_with_null_for_nothing(tmp_path: Path) -> None:
    write_jsonl(ROWS, tmp_path / "keep.jsonl")
    lines = (tmp_path / "keep.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == ROWS.astype(object).where(ROWS.notna(), None).to_dict("records")


def test_paths_in_jsonl_can_be_looked_for_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest_files, "LINES_AT_ONCE", 1)
    paths = ["train/cat/1.jpg", "back\\slash/\\/2.jpg", "c\\\\/3.jpg"]
    write_jsonl(pd.DataFrame({"path": paths}), tmp_path / "keep.jsonl")
    text = (tmp_path / "keep.jsonl").read_text(encoding="utf-8")
    assert "train/cat/1.jpg" in text
    assert [json.loads(line)["path"] for line in text.splitlines()] == paths


def test_parquet_comes_back(tmp_path: Path) -> None:
    write_parquet(ROWS, tmp_path / "keep.parquet")
    assert pd.read_parquet(tmp_path / "keep.parquet")["path"].tolist() == ROWS["path"].tolist()


def test_no_rows_still_have_a_header(tmp_path: Path) -> None:
    write_csv(ROWS.iloc[:0], tmp_path / "removed.csv")
    assert (tmp_path / "removed.csv").read_text() == "path,label,width\n"
    write_jsonl(ROWS.iloc[:0], tmp_path / "keep.jsonl")
    assert (tmp_path / "keep.jsonl").read_text().strip() == ""
