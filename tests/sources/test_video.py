"""Frames of real files, made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stages.contracts.errors import ImageError
from stages.core.sampling import Sampling
from stages.sources.video import Reach, frames
from tests.videos import CODECS, scene, write_video

LIMIT = 1_000_000
EACH_SECOND = Sampling("seconds", 1.0)


def all_of(path: Path, sampling: Sampling = EACH_SECOND, limit: int = LIMIT) -> list:
    return list(frames(path, sampling, limit))


@pytest.mark.parametrize("suffix", CODECS)
def test_every_format_gives_its_frames_at_their_times(tmp_path, suffix):
    pictures = scene(1, 20) + scene(2, 15)
    found = all_of(write_video(tmp_path / f"v{suffix}", pictures))
    assert [(frame.number, round(frame.time_s, 2)) for frame in found] == [(0, 0), (10, 1), (20, 2), (30, 3)]
    for frame in found:  # lossy, and GIF has 256 colours, but no other frame
        assert np.abs(frame.pixels.astype(int) - pictures[frame.number]).mean() < 25


@pytest.mark.parametrize("suffix", CODECS)
@pytest.mark.parametrize("count", [1, 13])
def test_how_far_a_video_goes_is_told_whatever_is_taken_of_it(tmp_path, suffix, count):
    reach = Reach()
    taken = list(frames(write_video(tmp_path / f"v{suffix}", scene(1, count)), EACH_SECOND, LIMIT, reach))
    assert len(taken) == 1 + (count > 10)
    assert reach.end_s == pytest.approx(count / 10, abs=0.02)


def test_scenes_are_found_in_a_compressed_video(tmp_path):
    path = write_video(tmp_path / "v.mp4", scene(1, 20) + scene(2, 15) + scene(3, 12))
    assert [frame.number for frame in all_of(path, Sampling("scenes"))] == [0, 20, 35]


def test_a_file_that_breaks_off_gives_the_frames_before_and_then_the_reason(tmp_path):
    whole = write_video(tmp_path / "v.mkv", [p for seed in range(6) for p in scene(seed, 10)])
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    found = []
    with pytest.raises(ImageError, match=r"truncated: ends after \d\.\d of 6\.0 s|damaged: after") as error:
        found.extend(frames(cut, EACH_SECOND, LIMIT))  # keeps what came before the error
    assert 1 <= len(found) < 6
    assert error.value.status == "unreadable"


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [(b"", "empty", "empty"), (b"no video at all" * 50, "unreadable", "not a video")],
)
def test_what_is_no_video_says_so(tmp_path, data, status, reason):
    path = tmp_path / "v.mp4"
    path.write_bytes(data)
    with pytest.raises(ImageError, match=reason) as error:
        all_of(path)
    assert error.value.status == status


def test_a_huge_video_is_refused_before_a_frame_is_decoded(tmp_path):
    path = write_video(tmp_path / "v.mp4", scene(1, 3))
    with pytest.raises(ImageError, match="too large: 160 x 120"):
        all_of(path, limit=1000)


def test_the_same_file_gives_the_same_pixels(tmp_path):
    path = write_video(tmp_path / "v.mp4", scene(1, 25))
    first, second = all_of(path), all_of(path)
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(first, second, strict=True))
