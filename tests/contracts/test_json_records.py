"""What is common to the records in JSON; `test_encoder_record` and `test_calibration_record` try the rest."""

import os
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from stages.contracts.errors import TableError
from stages.contracts.json_records import read_json, write_json, write_text


class Spot(BaseModel):
    model_config = ConfigDict(extra="forbid")

    x: int
    why: str


def read(path: Path) -> Spot:
    return read_json(Spot, path, "no spot yet", made_by="embed")


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    write_json(Spot(x=1, why="\u00e9"), tmp_path / "a" / "spot.json")
    assert read(tmp_path / "a" / "spot.json") == Spot(x=1, why="\u00e9")


def test_a_write_that_fails_leaves_the_old_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "spot.json"
    write_text(path, "old")

    def fails(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="disk full"):
        write_text(path, "new")
    assert path.read_text() == "old"


@pytest.mark.parametrize(
    ("content", "where"), [(b"\xff\xfe", "the whole of it"), (b"", "the whole of it"), (b'{"x": 1}', "why")]
)
def test_what_is_not_understood_says_where_and_what_to_run(content: bytes, where: str, tmp_path: Path) -> None:
    path = tmp_path / "spot.json"
    path.write_bytes(content)
    with pytest.raises(TableError, match=r"spot\.json is not understood") as caught:
        read(path)
    assert caught.value.where == f"{path}, {where}"
    assert caught.value.do == "dvc repro --force embed"


def test_absence_is_told_in_the_words_of_the_record(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no spot yet") as caught:
        read(tmp_path / "spot.json")
    assert caught.value.do == "dvc repro embed"
