from __future__ import annotations

import cv2
import numpy as np
import pytest

from stages.core.alterations import ALTERATIONS
from stages.core.calibration_defects import DEFECTS
from stages.core.calibration_planting import (
    Copy,
    Original,
    Rival,
    as_thumbnail,
    copies,
    defective,
    hash_of,
    stream,
)
from stages.core.calibration_proposals import HashIndex
from stages.core.looks import compare, look
from stages.core.phash import perceptual_hashes, to_bits
from stages.core.verification import accepted
from tests.pictures import busy

ALL = list(enumerate(ALTERATIONS))
FEW = [(number, one) for number, one in ALL if one.kind in ("mirror", "greyscale", "noise", "crop")]


def photo(seed: int, width: int = 240, height: int = 180) -> np.ndarray:
    """In colour, but not so much that grey levels fade."""
    grey = busy(seed, width, height)
    return np.dstack([grey, cv2.GaussianBlur(grey, (0, 0), 3), np.roll(grey, 3, axis=1)])


def planted_in(pixels: np.ndarray, others: list[np.ndarray], seed: int = 0, planted: list = FEW) -> list[Copy]:
    pictures = [pixels, *others]
    features = [look(as_thumbnail(picture, 320)) for picture in pictures]
    codes = np.stack([hash_of(picture) for picture in pictures])
    flipped = np.stack([hash_of(np.ascontiguousarray(picture[:, ::-1])) for picture in pictures])
    rivals = tuple(
        Rival(row, features[row], compare(features[0], features[row]), 256) for row in range(1, len(pictures))
    )
    original = Original(0, 0, "a" * 32, features[0], rivals)
    hashes = HashIndex(codes, flipped)
    return list(copies(pixels, original, planted, hashes, 80, lambda p: p[:8, :8], 320, seed))


def test_copies_are_told_from_another_picture() -> None:
    made = planted_in(photo(1), [photo(2)], planted=ALL)
    assert [copy.alteration for copy in made] == list(range(len(ALTERATIONS)))
    found = [accepted(copy.seen, 0.6, 0.9, copy.distance) for copy in made]
    assert np.mean(found) > 0.9
    for copy in made:
        [(row, seen, distance)] = copy.mistaken
        assert row == 1
        assert not accepted(seen, 0.6, 0.9, distance)


def test_only_what_no_hash_proposes_has_a_view_for_the_encoder() -> None:
    made = planted_in(photo(1), [], planted=ALL)
    assert all((copy.view is None) == copy.by_hash for copy in made)
    by_name = {ALTERATIONS[copy.alteration].name.strip(): copy for copy in made}
    assert by_name["jpeg quality 75"].by_hash
    assert by_name["mirror"].by_hash
    assert by_name["mirror"].seen.mirrored


def test_the_same_seed_plants_the_same() -> None:
    first, again, other = (planted_in(photo(1, 64, 48), [], seed) for seed in (0, 0, 1))
    assert [copy.seen.agreement for copy in first] == [copy.seen.agreement for copy in again]
    assert [copy.seen.agreement for copy in first] != [copy.seen.agreement for copy in other]


@pytest.mark.parametrize("side", [1, 16, 17, 40])
def test_tiny_pictures_are_altered_too(side: int) -> None:
    for copy in planted_in(photo(1, side, side), []):
        assert 0 <= copy.seen.agreement <= 1


def test_nothing_is_planted_in_a_picture_that_shows_nothing() -> None:
    assert planted_in(np.full((100, 120, 3), 77, np.uint8), []) == []


def test_grey_pictures_are_not_made_grey() -> None:
    grey = np.repeat(photo(1)[..., :1], 3, axis=2)
    kinds = {ALTERATIONS[copy.alteration].kind for copy in planted_in(grey, [])}
    assert "greyscale" not in kinds
    assert "mirror" in kinds


def test_defects_are_measured_in_their_order() -> None:
    rows = list(defective(photo(1), "a" * 32, DEFECTS, 0))
    assert len(rows) == len(DEFECTS)
    by_name = {defect.name.strip(): row for defect, row in zip(DEFECTS, rows, strict=True)}
    assert by_name["under-exposed 5 stops"]["highlights"] < 0.3
    assert by_name["faded 90 %"]["shadows"] > 0.85
    assert by_name["greyscale"]["chroma"] < 0.02
    assert (by_name["greyscale"]["width"], by_name["greyscale"]["aspect_ratio"]) == (240.0, 0.75)


def test_every_picture_and_purpose_has_its_own_random_numbers() -> None:
    numbers = {stream(*key).random() for key in ((0, "a", "x"), (1, "a", "x"), (0, "b", "x"), (0, "a", "y"))}
    assert len(numbers) == 4
    assert stream(0, "a", "x").random() == stream(0, "a", "x").random()


def test_the_hash_is_that_of_measure() -> None:
    pixels = photo(3)
    expected = perceptual_hashes(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))[0]
    assert (hash_of(pixels) == to_bits([expected])[0]).all()
