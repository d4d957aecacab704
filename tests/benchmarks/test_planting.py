"""What the yardstick plants: files that open, the same each time, and changed as they say."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.benchmarks.cleanvision_rules import issues
from tests.benchmarks.copies import KINDS
from tests.benchmarks.defects import DEFECTS
from tests.encoded import picture


def opened(saved) -> Image.Image:
    return Image.open(io.BytesIO(saved.data)).convert("RGB")


@pytest.mark.parametrize("made", [*KINDS, *DEFECTS], ids=lambda one: one.name)
@pytest.mark.parametrize("size", [(120, 90), (32, 32)])
def test_each_is_a_file_that_opens_and_a_seed_makes_it_again(made, size):
    image = Image.fromarray(picture(*size))
    first = made.make(image, np.random.default_rng(7))
    assert first.data == made.make(image, np.random.default_rng(7)).data
    assert min(opened(first).size) > 8


@pytest.mark.parametrize(("name", "kept"), [("crop 5 %", 0.95), ("crop 15 %", 0.85)])
def test_a_crop_takes_its_share_of_both_sides(name, kept):
    kind = next(kind for kind in KINDS if kind.name == name)
    size = opened(kind.make(Image.fromarray(picture(200, 100)), np.random.default_rng(0))).size
    assert size == (round(200 * kept), round(100 * kept))


def test_kinds_and_defects_have_names_of_their_own():
    for group in (KINDS, DEFECTS):
        assert len({one.name for one in group}) == len(group)


def test_cleanvisions_rules_find_what_they_are_known_to_find():
    seen = picture(200, 150)
    assert not {name for name, found in issues(Image.fromarray(seen), "RGB").items() if found} - {"blurry"}
    assert issues(Image.fromarray(seen // 6), "RGB")["dark"]
    assert issues(Image.fromarray(seen), "L")["grayscale"]
    assert issues(Image.new("RGB", (200, 150), "white"), "RGB")["bright"]
    assert issues(Image.new("RGB", (200, 150), "grey"), "RGB")["low_information"]
