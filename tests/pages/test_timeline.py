"""The timeline page holds what was seen."""

from __future__ import annotations

import json

import numpy as np
import pytest

from stages.core.timeline import segments
from stages.pages.timeline import Footage, build, chart, clock, rows
from tests.encoder_records import CLIP

LABELS = ["coffee cup", "<b>person</b>"]


@pytest.fixture
def files() -> dict:
    confidences = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    footage = Footage("=clip </script>.mp4", np.array([0.0, 1.0, 2.0]), confidences, LABELS, [b"jpg"] * 3, 2.8)
    found = segments(footage.times_s, footage.confidences, LABELS, end_s=footage.end_s)
    return dict(build(footage, found, 0.5, CLIP))


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
    assert found["segments"] == [{"label": 0, "start": 0, "end": 2}, {"label": 1, "start": 2, "end": 2.8}]
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
        2.8,
    )
    found = segments(again.times_s, again.confidences, LABELS, end_s=2.8)
    assert dict(build(again, found, 0.5, CLIP)) == files


def test_the_axis_and_the_lines_end_where_the_table_does():
    footage = Footage("a.mp4", np.array([0.0, 1.0]), np.array([[0.9, 0.1], [0.2, 0.8]]), LABELS, [b"jpg"] * 2, 1.5)
    told = json.dumps(chart(footage, 0.5))
    assert '"end": 1.5' in told
    ends = [row["end"] for row in rows(segments(footage.times_s, footage.confidences, LABELS, end_s=1.5))]
    assert ends == ["0:01.0", "0:01.5"]


def test_no_segment_is_said():
    footage = Footage("a.mp4", np.array([0.0]), np.array([[0.5, 0.5]]), LABELS, [b"jpg"], 0.1)
    assert "No segment" in dict(build(footage, [], 0.9, CLIP))["timeline.html"]


@pytest.mark.parametrize(("is_fallback", "broke"), [(True, None), (False, "truncated: ends after 1.0 of 5.0 s")])
def test_a_stand_in_and_a_break_are_said_at_the_head(is_fallback, broke):
    footage = Footage("a.mp4", np.array([0.0]), np.array([[0.5, 0.5]]), LABELS, [b"jpg"], 0.1, broke)
    record = CLIP.model_copy(update={"is_fallback": is_fallback})
    page = dict(build(footage, [], 0.9, record))["timeline.html"]
    assert ("the fallback encoder" in page) == is_fallback
    assert ("breaks off: truncated" in page) == (broke is not None)


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
        "peak": "90\u00a0%",
        "peak_at": "0:02.0",
    }
