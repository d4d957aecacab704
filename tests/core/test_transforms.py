from __future__ import annotations

import numpy as np
import pytest

from stages.core.local_features import describe
from stages.core.transforms import File, change, in_words
from stages.core.verification import verify
from tests.pictures import busy, captioned, cropped, recoded, resized, turned

PICTURE = busy(1)


def told(
    original: np.ndarray, copy: np.ndarray, formats: tuple[str, str] = ("JPEG", "JPEG"), swapped: bool = False
) -> str:
    """In words, with the copy given second, or first if `swapped`."""
    files = [File(p.shape[1], p.shape[0], name) for p, name in zip((original, copy), formats, strict=True)]
    pair = (copy, original) if swapped else (original, copy)
    found = verify(*(describe(picture) for picture in pair))
    return in_words(change(found, *files, copy_is_b=not swapped), *files)


@pytest.mark.parametrize("swapped", [False, True])
def test_what_was_done_is_told_from_the_original_to_the_copy(swapped: bool) -> None:
    assert told(PICTURE, recoded(PICTURE, 50), swapped=swapped) == "re-encoded"
    assert told(PICTURE, PICTURE[:, ::-1].copy(), swapped=swapped) == "mirrored"
    assert told(PICTURE, resized(PICTURE, 0.5), swapped=swapped) == "resized 0.50x"
    assert told(PICTURE, PICTURE, ("JPEG", "PNG"), swapped) == "JPEG to PNG"
    assert told(PICTURE, (PICTURE * 0.6).astype(np.uint8), swapped=swapped).startswith("darker, contrast 0.6")
    assert told(PICTURE, (PICTURE * 0.5 + 64).astype(np.uint8), swapped=swapped).startswith("contrast 0.5")
    assert "rotated 5" in told(PICTURE, turned(PICTURE, 5), swapped=swapped)
    assert "rotated 180°" in told(PICTURE, np.ascontiguousarray(PICTURE[::-1, ::-1]), swapped=swapped)
    assert "covered or changed" in told(PICTURE, captioned(PICTURE), swapped=swapped)


@pytest.mark.parametrize("swapped", [False, True])
def test_a_crop_says_how_much_of_the_area_is_left_and_is_not_called_resized(swapped: bool) -> None:
    words = told(PICTURE, cropped(PICTURE, 0.1), swapped=swapped)
    assert words.startswith("cropped to 8")
    assert "resized" not in words


def test_the_other_way_round_a_crop_is_more_around_it() -> None:
    assert "more around it" in told(cropped(PICTURE, 0.1), PICTURE)
