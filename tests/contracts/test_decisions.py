from __future__ import annotations

from pathlib import Path

import pytest

from stages.contracts.decisions import COLUMNS, PATH, read_decisions, read_decisions_file
from stages.contracts.errors import DecisionsError

HEADER = ",".join(COLUMNS)


def project(folder: Path, text: str) -> Path:
    (folder / "data").mkdir(exist_ok=True)
    (folder / PATH).write_text(text, encoding="utf-8")
    return folder


def test_a_header_alone_is_no_decision(tmp_path: Path) -> None:
    assert read_decisions(project(tmp_path, HEADER + "\n")).empty


def test_rows_are_text_and_know_their_line(tmp_path: Path) -> None:
    row = 'i,c,a b.jpg,,relabel,cat,"a, ""b""",ann,2026-01-01'
    found = read_decisions(project(tmp_path, f"{HEADER}\n{row}\n")).iloc[0]
    assert (found["path"], found["reason"], found["label"], found["line"]) == ("a b.jpg", 'a, "b"', "cat", 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,decision\n", "another header"),
        (f"{HEADER}\ni,c,a.jpg,,maybe,,,,\n", "not known"),
        (f"{HEADER}\ni,c,a.jpg,,relabel,,,,\n", "names no label"),
        (f"{HEADER}\ni,c,a.jpg\n", "number of cells"),
    ],
)
def test_what_is_not_understood_names_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DecisionsError, match=said) as raised:
        read_decisions(project(tmp_path, text))
    assert "line" in str(raised.value.where)


def test_a_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(DecisionsError) as raised:
        read_decisions(tmp_path)
    assert HEADER in raised.value.do


def test_a_missing_file_of_somebody_else_does_not_tell_to_empty_the_decisions(tmp_path: Path) -> None:
    with pytest.raises(DecisionsError, match="no such file") as raised:
        read_decisions_file(tmp_path / "nope.csv")
    assert not raised.value.do
    with pytest.raises(DecisionsError, match="cannot be read"):
        read_decisions_file(tmp_path)


@pytest.mark.parametrize("time", ["", "2026-01-31", "2026-01-31T09:30Z", "2026-01-31 09:30:00.5+02:00"])
def test_times_as_people_and_pages_write_them_are_taken(tmp_path: Path, time: str) -> None:
    assert len(read_decisions(project(tmp_path, f"{HEADER}\n,,a.jpg,,drop,,,ann,{time}\n"))) == 1


def test_a_time_that_is_none_names_its_line(tmp_path: Path) -> None:
    text = f"{HEADER}\n,,a.jpg,,drop,,,ann,2026-01-31\n,,b.jpg,,drop,,,ann,yesterday\n"
    with pytest.raises(DecisionsError, match="no valid time") as raised:
        read_decisions(project(tmp_path, text))
    assert str(raised.value.where).endswith("line 3")
