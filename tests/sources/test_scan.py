"""A file is read and checked once."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pytest

from stages.contracts.identity import digest
from stages.core import pixels
from stages.sources import scan as module
from stages.sources.folder import FoundFile, walk
from stages.sources.scan import SCHEMA, look_at, scan
from tests.encoded import encoded, picture

LIMIT = 1_000_000


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(4):
        (folder / f"{i}.jpg").write_bytes(encoded(picture(seed=i)))
    (folder / "cut.jpg").write_bytes(encoded(picture())[:900])
    return folder


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are looked at from now on."""
    names: list[str] = []
    real = look_at

    def counting(source: Path, file: FoundFile, max_pixels: int) -> dict:
        names.append(file.path)
        return real(source, file, max_pixels)

    monkeypatch.setattr(module, "look_at", counting)
    return names


def scanned(source: Path, limit: int = LIMIT) -> pa.Table:
    return scan(source, walk(source).files, limit, 2, source.parent)


def test_a_row_per_file_sorted_by_path(source: Path) -> None:
    rows = scanned(source)
    assert rows.schema.equals(SCHEMA)
    assert rows["path"].to_pylist() == [b"0.jpg", b"1.jpg", b"2.jpg", b"3.jpg", b"cut.jpg"]
    assert rows["status"].to_pylist() == ["ok"] * 4 + ["unreadable"]
    first = rows.to_pylist()[0]
    data = (source / "0.jpg").read_bytes()
    assert (first["content_id"], first["bytes"]) == (digest(data), len(data))
    assert (first["format"], first["mode"], first["width"], first["height"], first["reason"]) == (
        "JPEG",
        "RGB",
        120,
        90,
        None,
    )


def test_no_files(tmp_path: Path) -> None:
    assert scan(tmp_path, [], LIMIT, 2, tmp_path).num_rows == 0


def test_a_second_scan_reads_nothing_and_finds_the_same(source: Path, opened: list[str]) -> None:
    first = scanned(source)
    assert len(opened) == 5
    opened.clear()
    assert scanned(source).equals(first)
    assert opened == []


def test_only_what_is_new_or_changed_is_read(source: Path, opened: list[str]) -> None:
    scanned(source)
    opened.clear()
    (source / "new.png").write_bytes(encoded(picture(), "PNG"))
    (source / "1.jpg").write_bytes(encoded(picture(seed=9)))
    (source / "2.jpg").unlink()
    rows = scanned(source)
    assert sorted(opened) == ["1.jpg", "new.png"]
    assert rows["path"].to_pylist() == [b"0.jpg", b"1.jpg", b"3.jpg", b"cut.jpg", b"new.png"]
    assert rows["content_id"][1].as_py() == digest((source / "1.jpg").read_bytes())


def test_a_file_of_the_same_size_and_another_time_is_read_again(source: Path, opened: list[str]) -> None:
    scanned(source)
    opened.clear()
    os.utime(source / "1.jpg", ns=(1, 1))
    scanned(source)
    assert opened == ["1.jpg"]


def test_another_file_put_in_its_place_is_read(source: Path, opened: list[str]) -> None:
    scanned(source)
    opened.clear()
    status = (source / "1.jpg").stat()
    data = (source / "1.jpg").read_bytes()
    (source / "other").write_bytes(data[::-1])
    os.utime(source / "other", ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(source / "other", source / "1.jpg")
    rows = scanned(source)
    assert opened == ["1.jpg"]
    assert rows["status"][1].as_py() == "unreadable"


def test_what_changes_a_finding_makes_a_new_scan(
    source: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned(source)
    opened.clear()
    assert set(scanned(source, limit=5000)["status"].to_pylist()) == {"too_large"}
    assert len(opened) == 5
    opened.clear()
    monkeypatch.setattr(pixels, "VERIFIER", "another")
    scanned(source)
    assert len(opened) == 5


def test_a_spoilt_scan_is_made_again(source: Path) -> None:
    first = scanned(source)
    for kept in (source.parent / ".winnow/scan").iterdir():
        kept.write_bytes(b"spoilt")
    assert scanned(source).equals(first)


def test_a_scan_that_is_killed_keeps_what_it_saved(
    source: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SAVE_EVERY_S", 0)
    counting = module.look_at

    def killed_at_three(source: Path, file: FoundFile, max_pixels: int) -> dict:
        if file.path == "3.jpg":
            raise KeyboardInterrupt
        return counting(source, file, max_pixels)

    monkeypatch.setattr(module, "look_at", killed_at_three)
    with pytest.raises(KeyboardInterrupt):
        scanned(source)
    monkeypatch.setattr(module, "look_at", counting)
    opened.clear()
    assert scanned(source).num_rows == 5
    assert "3.jpg" in opened
    assert not {"0.jpg", "1.jpg", "2.jpg"} & set(opened)


def test_a_link_that_leads_nowhere_has_a_reason_and_is_tried_again(source: Path, opened: list[str]) -> None:
    (source / "gone.jpg").symlink_to(source / "nowhere")
    assert scanned(source).to_pylist()[-1]["reason"] == "cannot be opened: no such file or directory"
    opened.clear()
    (source / "nowhere").write_bytes(encoded(picture()))
    assert scanned(source).to_pylist()[-1]["status"] == "ok"
    assert opened == ["gone.jpg"]


def test_files_that_may_not_be_read_are_rows_and_no_copies_of_each_other(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    rows = scanned(source).to_pylist()
    assert {(row["status"], row["reason"]) for row in rows} == {("unreadable", "cannot be opened: permission denied")}
    assert len({row["content_id"] for row in rows}) == 5
    monkeypatch.undo()
    assert scanned(source)["status"].to_pylist() == ["ok"] * 4 + ["unreadable"]


def test_a_file_far_larger_than_any_image_is_not_read(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (source / "huge.jpg").open("wb") as file:
        file.truncate(module.BYTES_PER_PIXEL * LIMIT + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
    found = look_at(source, next(file for file in walk(source).files if file.path == "huge.jpg"), LIMIT)
    assert (found["status"], found["reason"]) == ("too_large", "too large: 8,000,001 bytes")
