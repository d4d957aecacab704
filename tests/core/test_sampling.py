"""Which frames are taken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.sampling import Chooser, Sampling, change_of, hsv


def taken(sampling: Sampling, times: list[float], pictures: list[np.ndarray] | None = None) -> list[int]:
    chooser = Chooser(sampling)
    looks = pictures or [np.zeros((64, 64, 3), np.uint8)] * len(times)
    return [
        n
        for n, (time, look) in enumerate(zip(times, looks, strict=True))
        if chooser.wants(n, time, lambda shown=look: shown)
    ]


def flat(*colour: int) -> np.ndarray:
    return np.full((64, 64, 3), colour, np.uint8)


def test_seconds_keep_to_their_grid_when_frames_come_late():
    assert taken(Sampling("seconds", 1.0), [0.0, 0.4, 1.02, 1.9, 2.01, 2.99, 3.0]) == [0, 2, 4, 6]


def test_after_a_gap_one_frame_is_taken_not_all_that_were_missed():
    assert taken(Sampling("seconds", 1.0), [0.0, 7.5, 7.6, 8.0]) == [0, 1, 3]


@given(st.integers(1, 40), st.integers(1, 12))
def test_frames_takes_every_nth(count, every):
    assert taken(Sampling("frames", every), [i / 25 for i in range(count)]) == list(range(0, count, every))


@given(st.integers(1, 60), st.floats(0.05, 5))
def test_seconds_takes_one_frame_per_interval_at_most(count, every):
    times = [i / 10 for i in range(count)]
    chosen = [times[n] for n in taken(Sampling("seconds", every), times)]
    cells = [np.floor((time + 1e-6) / every) for time in chosen]
    assert chosen[0] == 0
    assert len(set(cells)) == len(cells)


def test_a_scene_begins_where_the_picture_changes():
    night, day = flat(10, 10, 30), flat(240, 230, 200)
    pictures = [night] * 10 + [day] * 10 + [night] * 10
    assert taken(Sampling("scenes"), [i / 10 for i in range(30)], pictures) == [0, 10, 20]


def test_a_flash_is_no_scene():
    night, day = flat(10, 10, 30), flat(240, 230, 200)
    pictures = [night] * 10 + [day] + [night] * 10
    assert taken(Sampling("scenes"), [i / 25 for i in range(21)], pictures) == [0]


def test_red_on_either_side_of_the_circle_of_hues_is_one_colour():
    assert change_of(hsv(flat(200, 0, 8)), hsv(flat(200, 8, 0))) < 3


@pytest.mark.parametrize(("step", "expected"), [(0, [0]), (1, [0, 2, 4, 6, 8]), (5, list(range(10)))])
def test_collapse_passes_by_what_shows_the_same(step, expected):
    pictures = [flat(*[100 + step * i] * 3) for i in range(10)]
    assert taken(Sampling("frames", 1, collapse=True), [i / 10 for i in range(10)], pictures) == expected
