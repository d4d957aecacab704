"""Frames are kept by what they show."""

from __future__ import annotations

import cv2
import numpy as np

from stages.sources.frame_store import id_of, keep, place, remove_others
from tests.videos import scene


def test_a_kept_frame_looks_the_same(tmp_path):
    pixels = scene(1, 1)[0]
    content_id = keep(tmp_path, pixels)
    read = cv2.cvtColor(cv2.imread(str(place(tmp_path, content_id))), cv2.COLOR_BGR2RGB)
    assert np.abs(read.astype(int) - pixels).mean() < 2


def test_equal_pixels_are_one_file_and_others_another(tmp_path):
    a, b = scene(1, 2)
    assert keep(tmp_path, a) == keep(tmp_path, a.copy())
    assert keep(tmp_path, a) != keep(tmp_path, b)
    assert len(list(tmp_path.rglob("*.jpg"))) == 2


def test_shape_counts():
    assert id_of(np.zeros((2, 8, 3), np.uint8)) != id_of(np.zeros((4, 4, 3), np.uint8))


def test_what_is_not_used_goes(tmp_path):
    kept, old = (keep(tmp_path, pixels) for pixels in scene(1, 2))
    assert remove_others(tmp_path, {kept}) == 1
    assert place(tmp_path, kept).exists()
    assert not place(tmp_path, old).exists()
