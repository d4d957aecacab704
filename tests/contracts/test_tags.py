from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from stages.contracts.errors import DecisionsError
from stages.contracts.tags import COLUMNS, PATH, read_tags, read_tags_file, write_tags

HEADER = ",".join(COLUMNS)


def test_without_a_file_there_are_no_tags(tmp_path: Path) -> None:
    assert read_tags(tmp_path).empty


@pytest.mark.parametrize("name", ['=1+1 "x", y', "a\nb", "a\rb", "\u202egpj", "\U0001f483<script>", "'=a"])
def test_every_name_survives_the_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "data").mkdir()
    write_tags(pd.DataFrame([["i", "c", name, "3", name]], columns=COLUMNS), tmp_path)
    assert read_tags(tmp_path).to_numpy().tolist() == [["i", "c", name, "3", name]]
    cells = (tmp_path / PATH).read_text(encoding="utf-8").splitlines()[1].split(",")
    assert not [cell for cell in cells if cell.strip('"')[:1] in ("=", "+", "-", "@")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,tag\na,b\n", "another header"),
        (f"{HEADER}\n,,a.jpg,x\n", "wrong number of cells"),
        (f"{HEADER}\n,,a.jpg,,\n", "empty or holds a semicolon"),
        (f"{HEADER}\n,,a.jpg,,one;two\n", "empty or holds a semicolon"),
    ],
)
def test_what_cannot_be_understood_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "tags.csv"
    path.write_text(text)
    with pytest.raises(DecisionsError, match=message):
        read_tags_file(path)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DecisionsError, match="not there"):
        read_tags_file(tmp_path / "tags.csv")
