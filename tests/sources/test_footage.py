"""Videos become rows, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from stages.core.sampling import Sampling
from stages.sources import footage
from stages.sources.folder import walk
from stages.sources.footage import watch
from stages.sources.frame_store import FOLDER, place
from tests.videos import scene, write_video

SAMPLING = Sampling("seconds", 1.0)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "clips"
    write_video(folder / "cat/a.mp4", scene(1, 25))
    write_video(folder / "dog/b.mkv", scene(2, 15))
    (folder / "dog/broken.avi").write_bytes(b"not a video")
    return folder


def watched(source: Path, sampling: Sampling = SAMPLING) -> list[dict]:
    return watch(source, walk(source).videos, sampling, 1_000_000, source.parent).to_pylist()


def test_a_row_per_frame_and_one_per_broken_file(source):
    rows = watched(source)
    assert [(row["path"], row["frame"], row["status"]) for row in rows] == [
        (b"cat/a.mp4", 0, "ok"),
        (b"cat/a.mp4", 10, "ok"),
        (b"cat/a.mp4", 20, "ok"),
        (b"dog/b.mkv", 0, "ok"),
        (b"dog/b.mkv", 10, "ok"),
        (b"dog/broken.avi", None, "unreadable"),
    ]
    assert [row["timestamp_s"] for row in rows[:3]] == [0.0, 1.0, 2.0]
    assert rows[5]["reason"].startswith("not a video")
    for row in rows[:5]:
        assert place(source.parent / FOLDER, row["content_id"]).exists()


def test_a_video_is_decoded_once(source, monkeypatch):
    first = watched(source)
    monkeypatch.setattr(footage, "frames", lambda *_: pytest.fail("decoded again"))
    assert watched(source) == first


def test_a_frame_that_went_missing_is_decoded_again(source):
    first = watched(source)
    gone = place(source.parent / FOLDER, first[0]["content_id"])
    gone.unlink()
    assert watched(source) == first
    assert gone.exists()


def test_other_frames_are_asked_for(source):
    assert len(watched(source)) == 6
    assert [row["frame"] for row in watched(source, Sampling("frames", 20))] == [0, 20, 0, None]


def test_a_removed_video_leaves(source):
    watched(source)
    (source / "cat/a.mp4").unlink()
    assert {row["path"] for row in watched(source)} == {b"dog/b.mkv", b"dog/broken.avi"}
