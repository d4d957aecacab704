"""`data/encoder.json`: written and read back, checked, the same bytes for the same encoder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stages.contracts.encoder_record import PATH, read_record, write_record
from stages.contracts.errors import TableError
from tests.encoder_records import CLIP as RECORD


def test_a_record_comes_back(tmp_path: Path) -> None:
    write_record(RECORD, tmp_path)
    assert read_record(tmp_path) == RECORD
    assert RECORD.encoder_id == "clip:openai/clip-vit-base-patch32@3d74acf9a28c"


def test_the_same_record_is_the_same_bytes(tmp_path: Path) -> None:
    write_record(RECORD, tmp_path)
    first = (tmp_path / PATH).read_bytes()
    write_record(RECORD, tmp_path)
    assert (tmp_path / PATH).read_bytes() == first
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["encoder.json"]


def test_no_record_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="not resolved yet") as caught:
        read_record(tmp_path)
    assert caught.value.do == "dvc repro fetch"


@pytest.mark.parametrize(
    ("change", "key"),
    [({"kind": "magic"}, "kind"), ({"dim": "many"}, "dim"), ({"extra": 1}, "extra"), ({"revision": None}, "revision")],
)
def test_a_wrong_record_names_the_key(change: dict, key: str, tmp_path: Path) -> None:
    write_record(RECORD, tmp_path)
    (tmp_path / PATH).write_text(json.dumps(RECORD.model_dump() | change))
    with pytest.raises(TableError, match="not understood") as caught:
        read_record(tmp_path)
    assert str(caught.value.where).endswith(f", {key}")


def test_half_a_file_is_told(tmp_path: Path) -> None:
    write_record(RECORD, tmp_path)
    (tmp_path / PATH).write_text((tmp_path / PATH).read_text()[:40])
    with pytest.raises(TableError, match="not understood"):
        read_record(tmp_path)
