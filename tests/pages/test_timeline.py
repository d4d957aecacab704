"""The timeline page holds what was seen."""

from __future__ import annotations

import json

import numpy as np
import pytest

from stages.core.timeline import segments
from stages.pages.timeline import Footage, build, clock, rows

LABELS = ["coffee cup", "<b>person</b>"]


@pytest.fixture
def files() -> dict:
    confidences = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    footage = Footage("=clip </script>.mp4", np.array([0.0, 1.0, 2.0]), confidences, LABELS, [b"jpg"] * 3)
    found = segments(footage.times_s, footage.confidences, LABELS)
    return dict(build(footage, found, 0.5, "packaged"))


def data(files: dict) -> dict:
    text = files["assets/data/timeline.js"].split('WINNOW["timeline"] = ', 1)[1]
    return json.loads(text.rstrip().rstrip(";"))


def test_frames_and_segments_are_those_given(files):
    found = data(files)
    assert [(frame["time"], frame["best"], frame["confidence"]) for frame in found["frames"]] == [
        (0, 0, 0.9),
        (1, 0, 0.8),
        (2, 1, 0.7),
    ]
    assert found["segments"] == [{"label": 0, "start": 0, "end": 2}, {"label": 1, "start": 2, "end": 3}]
    assert all(f"assets/{frame['file']}" in files for frame in found["frames"])


def test_texts_of_users_are_text(files):
    assert "<b>person" not in files["timeline.html"]
    assert "&lt;b&gt;person" in files["timeline.html"]
    assert "</script>.mp4" not in files["timeline.html"]


def test_the_same_video_gives_the_same_bytes(files):
    again = Footage(
        "=clip </script>.mp4",
        np.array([0.0, 1.0, 2.0]),
        np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]),
        LABELS,
        [b"jpg"] * 3,
    )
    assert dict(build(again, segments(again.times_s, again.confidences, LABELS), 0.5, "packaged")) == files


def test_no_segment_is_said():
    footage = Footage("a.mp4", np.array([0.0]), np.array([[0.5, 0.5]]), LABELS, [b"jpg"])
    assert "No segment" in dict(build(footage, [], 0.9, "packaged"))["timeline.html"]


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0:00.0"), (62.51, "1:02.5"), (3602.5, "1:00:02.5"), (59.96, "1:00.0")]
)
def test_times_are_told_as_players_do(seconds, told):
    assert clock(seconds) == told


def test_a_row_per_segment():
    (row,) = rows(segments(np.array([0.0, 2.0]), np.array([[0.1], [0.9]]), ["cup"]))
    assert row == {
        "label": "cup",
        "start": "0:02.0",
        "end": "0:04.0",
        "duration": "2.0 s",
        "peak": "90%",
        "peak_at": "0:02.0",
    }
