"""`winnow decide merge` on files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from stages.commands.decide import merge_files, tag_files
from stages.contracts import tables
from stages.contracts.decisions import COLUMNS, PATH, read_decisions, write_decisions
from stages.contracts.errors import DecisionsError
from stages.contracts.identity import item_id
from stages.contracts.schemas.images import IMAGES
from stages.contracts.tags import read_tags
from tests import frames

HEADER = ",".join(COLUMNS)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / PATH).write_text(f"{HEADER}\n,,a.jpg,,drop,,,ann,2026-01-01\n", encoding="utf-8")
    return tmp_path


def saved(folder: Path, *rows: str) -> Path:
    path = folder / "saved.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def test_what_was_saved_is_folded_in_and_told(project):
    told = merge_files(
        [saved(project, ",,a.jpg,,keep,,,bob,2026-01-02", ",,b.jpg,,relabel,cat,,bob,2026-01-02")], project
    )
    rows = read_decisions(project)
    assert rows[["path", "decision", "label"]].to_numpy().tolist() == [
        ["a.jpg", "keep", ""],
        ["b.jpg", "relabel", "cat"],
    ]
    assert told[0].endswith("1 new, 1 changed")
    assert "conflict: a.jpg: ann said drop, bob said keep; the newer holds, bob" in told[1]


def test_rows_of_one_file_that_disagree_are_told(project):
    rows = [f",,b.jpg,,{word},,,{who},2026-01-0{day}" for word, who, day in [("keep", "bob", 2), ("drop", "eve", 1)]]
    told = merge_files([saved(project, *rows)], project)
    assert told[1] == "  conflict: b.jpg: bob said keep, eve said drop; the newer holds, bob"


def test_a_file_that_is_not_understood_changes_nothing(project):
    before = (project / PATH).read_bytes()
    with pytest.raises(DecisionsError, match="not known"):
        merge_files([saved(project, ",,b.jpg,,perhaps,,,bob,2026-01-02")], project)
    assert (project / PATH).read_bytes() == before


@pytest.mark.parametrize("name", ['=cmd|"x".jpg', "a\nb.jpg", "<script>.jpg", "\u202egpj.exe", "💃,.jpg", "'=a.jpg"])
def test_every_name_survives_the_file_and_writes_nothing_on_the_terminal(project, name):
    row = dict.fromkeys(COLUMNS, "") | {"path": name, "decision": "drop", "reviewer": "ann", "decided_at": "2026-01-01"}
    write_decisions(pd.DataFrame([row]), project)
    copy = project / "copy.csv"
    copy.write_bytes((project / PATH).read_bytes())
    told = merge_files([copy], project)
    assert read_decisions(project)["path"].tolist() == [name]
    assert all(line.isprintable() for line in told)


def test_tags_are_folded_in_once_and_their_names_told_as_one_line(project):
    tags = project / "tags-saved.csv"
    tags.write_text('item_id,content_id,path,frame,tag\n,c,a.jpg,,night\n,c,a.jpg,,"two\nlines"\n', encoding="utf-8")
    assert tag_files([tags], project)[0].endswith("2 new")
    told = tag_files([tags], project)
    assert told[0].endswith("0 new")
    assert told[1] == "data/tags.csv now holds 2: night, two\\nlines"
    assert read_tags(project)["path"].tolist() == ["a.jpg", "a.jpg"]


def test_tags_that_are_not_understood_change_nothing(project):
    tags = project / "tags-saved.csv"
    tags.write_text("item_id,content_id,path,frame,tag\n,c,a.jpg,,one;two\n", encoding="utf-8")
    with pytest.raises(DecisionsError, match="semicolon"):
        tag_files([tags], project)
    assert read_tags(project).empty


def test_a_missing_file_is_told_without_harm(project):
    with pytest.raises(DecisionsError, match="no such file") as raised:
        merge_files([project / "nope.csv"], project)
    assert not raised.value.do


def test_rows_are_held_against_the_images_and_named_by_what_they_have(project):
    tables.write(IMAGES, frames.images({"path": "a.jpg"}), project, {})
    told = merge_files([saved(project, f"{item_id('a.jpg')},,,,keep,,,bob,2025-12-31", "gone,,,,drop,,,bob,")], project)
    assert told[0].endswith("1 new, 0 changed, 1 older than what is held")
    assert "conflict: a.jpg: ann said drop, bob said keep; the newer holds, ann" in told[1]
    assert "unmatched: item_id gone" in told[2]
    assert read_decisions(project)["item_id"].tolist() == [item_id("a.jpg"), "gone"]
