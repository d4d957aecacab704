"""Segments of a video."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.timeline import Segment, segments


def of(column: list[float], step: float = 1.0, **more) -> list[Segment]:
    times = np.arange(len(column)) * step
    return segments(times, np.array(column, float)[:, None], ["cup"], **more)


def test_a_segment_ends_where_the_next_frame_begins():
    assert of([0.1, 0.9, 0.7, 0.1, 0.1]) == [Segment("cup", 1.0, 3.0, 0.9, 1.0)]


def test_the_last_frame_stands_as_long_as_frames_do():
    (found,) = of([0.1, 0.1, 0.8], step=0.5)
    assert (found.start_s, found.end_s, found.duration_s) == (1.0, 1.5, 0.5)


@pytest.mark.parametrize(("end", "step"), [(2.1, 1.0), (2.9, 1.0), (0.1, 0.0)])
def test_no_segment_outlasts_the_video_and_the_last_one_reaches_its_end(end, step):
    column = [0.9, 0.9, 0.9] if step else [0.9]
    (found,) = of(column, step=step, end_s=end)
    assert (found.start_s, found.end_s) == (0.0, end)


def test_segments_come_in_order_of_time_whatever_their_label():
    confidences = np.array([[0.1, 0.9]] * 3 + [[0.9, 0.1]] * 3 + [[0.1, 0.9]] * 3)
    found = segments(np.arange(9.0), confidences, ["cup", "person"])
    assert [(one.label, one.start_s) for one in found] == [("person", 0.0), ("cup", 3.0), ("person", 6.0)]


def test_one_frame_that_says_otherwise_is_bridged_and_two_are_not():
    assert len(of([0.9, 0.1, 0.9])) == 1
    assert len(of([0.9, 0.1, 0.1, 0.9])) == 2


def test_labels_have_segments_of_their_own():
    confidences = np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8]])
    found = segments(np.array([0.0, 1.0, 2.0]), confidences, ["cup", "person"])
    assert [(one.label, one.start_s, one.end_s) for one in found] == [("cup", 0.0, 2.0), ("person", 2.0, 3.0)]


@pytest.mark.parametrize(("column", "count"), [([], 0), ([0.9], 1), ([0.1], 0), ([0.5, 0.5], 1)])
def test_few_frames(column, count):
    assert len(of(column)) == count


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0, 1))
def test_segments_lie_apart_in_order_and_cover_every_frame_that_holds(column, at_least):
    found = of(column, at_least=at_least)
    for before, after in itertools.pairwise(found):
        assert before.end_s < after.start_s
    for time, value in enumerate(column):
        inside = any(one.start_s <= time < one.end_s for one in found)
        assert inside or value < at_least
    assert all(one.peak >= at_least and one.start_s <= one.peak_s < one.end_s for one in found)
