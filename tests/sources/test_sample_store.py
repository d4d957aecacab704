from __future__ import annotations

from pathlib import Path

import numpy as np

from stages.core.content_sample import reduced
from stages.sources.sample_store import SampleStore
from tests.encoded import picture

LARGE, SMALL = picture(1400, 1000, 1), picture(60, 40, 2)


def test_pictures_of_the_sample_come_back_as_calibration_takes_them(tmp_path: Path) -> None:
    store = SampleStore(tmp_path / "sample", ["large", "small"])
    store.offer("large", LARGE)
    store.offer("small", SMALL)
    later = SampleStore(tmp_path / "sample")
    np.testing.assert_array_equal(later.find("large"), reduced(LARGE))
    np.testing.assert_array_equal(later.find("small"), SMALL)
    assert reduced(later.find("large")).shape == later.find("large").shape


def test_others_are_not_kept(tmp_path: Path) -> None:
    store = SampleStore(tmp_path / "sample", ["a"])
    store.offer("b", SMALL)
    assert store.find("b") is None
    assert not (tmp_path / "sample").exists()


def test_what_is_of_the_sample_no_more_is_deleted(tmp_path: Path) -> None:
    first = SampleStore(tmp_path, ["a", "b"])
    first.offer("a", SMALL)
    first.offer("b", LARGE)
    second = SampleStore(tmp_path, ["b", "c"])
    second.remove_others()
    assert second.find("a") is None
    np.testing.assert_array_equal(second.find("b"), reduced(LARGE))


def test_a_store_that_never_was_holds_nothing(tmp_path: Path) -> None:
    store = SampleStore(tmp_path / "none")
    store.remove_others()
    assert store.find("a") is None
