"""Opening what ingest listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from stages.contracts.errors import SourceError
from stages.contracts.identity import digest
from stages.sources.opening import AGAIN, Content, Opener, as_rows, distinct_contents, from_rows, read_content
from stages.sources.scan import FOLDER
from tests.encoded import encoded, picture
from tests.frames import images


def test_each_readable_content_once_by_its_first_path() -> None:
    rows = images(
        {"path": "b.jpg", "content_id": "22"},
        {"path": "a.jpg", "content_id": "22"},
        {"path": "z.jpg", "content_id": "11"},
    )
    assert distinct_contents(rows).to_dict("list") == {"content_id": ["11", "22"], "path": ["z.jpg", "a.jpg"]}


def test_what_cannot_be_read_is_left_out() -> None:
    rows = images({"path": "a.jpg", "status": "unreadable"}, {"path": "b.jpg", "status": "too_large"})
    assert list(distinct_contents(rows).columns) == ["content_id", "path"]
    assert len(distinct_contents(rows)) == 0


def test_no_images() -> None:
    assert len(distinct_contents(images())) == 0


def test_the_bytes_are_those_that_were_listed(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat/a.jpg").write_bytes(b"bytes")
    assert read_content(tmp_path, "cat/a.jpg", digest(b"bytes")) == b"bytes"


def test_a_file_that_changed_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"other")
    with pytest.raises(SourceError, match="another one than ingest saw") as caught:
        read_content(tmp_path, "a.jpg", digest(b"bytes"))
    assert caught.value.do == AGAIN
    assert AGAIN.startswith("dvc repro;")
    assert FOLDER in AGAIN  # what makes ingest believe that the file is the one that it knows
    assert "a.jpg" in str(caught.value)


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be opened"):
        read_content(tmp_path, "a.jpg", digest(b"bytes"))


def opener(source: Path) -> Opener:
    return Opener(source, source / "frames", 1_000_000)


def test_pixels_are_decoded_no_larger_than_need_be(tmp_path: Path) -> None:
    data = encoded(picture(800, 600))
    (tmp_path / "a.jpg").write_bytes(data)
    assert opener(tmp_path)("a.jpg", digest(data), min_side=300).shape == (300, 400, 3)
    assert opener(tmp_path)("a.jpg", digest(data), min_side=301).shape == (600, 800, 3)


@pytest.mark.parametrize("data", [b"\xff\xd8\xff\xe0 not much of a JPEG", encoded(picture(2000, 600))])
def test_a_file_that_cannot_be_decoded_any_more_is_told(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(data)
    with pytest.raises(SourceError, match="cannot be decoded") as caught:
        opener(tmp_path)("a.jpg", digest(data), min_side=448)
    assert "a.jpg" in str(caught.value)


def test_contents_come_back_from_rows_whatever_the_order_of_columns() -> None:
    contents = [Content("a" * 32, "hat/1.jpg"), Content("b" * 32, "cap/2.jpg")]
    assert from_rows(as_rows(contents).select(["path", "content_id"])) == contents
    assert from_rows(as_rows([])) == []
