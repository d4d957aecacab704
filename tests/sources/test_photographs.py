import numpy as np
import pytest

from stages.contracts.errors import SetupError
from stages.sources.photographs import CLASSES, LONGEST_SIDE, STRAYS, digits, faces, photograph, shipped


@pytest.mark.parametrize("name", [*CLASSES.values(), *STRAYS.values()])
def test_every_named_photograph_is_shipped(name: str):
    pixels = photograph(name)
    assert (pixels.shape[2], pixels.dtype) == (3, np.uint8)
    assert max(pixels.shape[:2]) <= LONGEST_SIDE


def test_no_photograph_is_both_a_class_and_a_stray():
    assert len({*CLASSES.values(), *STRAYS.values()}) == len(CLASSES) + len(STRAYS)


def test_transparency_is_white():
    assert photograph(STRAYS["horse"])[0, 0].tolist() == [255, 255, 255]


def test_faces_and_digits_are_small_grey_pictures_of_full_range():
    for cells, shape in ((faces(), (100, 25, 25)), (digits(), (64, 8, 8))):
        assert cells.shape == shape
        assert np.ptp(cells) > 200


@pytest.mark.parametrize("name", ["skimage/data/no_such.png", "no_such_package/x.png"])
def test_what_is_not_shipped_is_an_error_that_names_it(name: str):
    with pytest.raises(SetupError, match="lacks a shipped photograph") as caught:
        shipped(name)
    assert caught.value.expected == name
