from collections import Counter

import numpy as np
import pytest

from stages.core import demo_items
from stages.core.demo_planting import COPIES, decode
from stages.core.tiling import Tile

CLASSES = ["a", "b", "small"]


@pytest.fixture(scope="module")
def tiles() -> list[Tile]:
    """Two photographs of 16 x 16 tiles, and one of 3 x 3; every tile has a colour pattern of its own."""
    rng = np.random.default_rng(0)
    sides = {"a": 16, "b": 16, "small": 3}
    return [
        Tile(label, row, column, 32 * row, 32 * column, rng.integers(0, 256, (32, 32, 3), dtype=np.uint8))
        for label, side in sides.items()
        for row in range(side)
        for column in range(side)
    ]


def test_no_tile_is_used_twice_so_no_two_images_share_a_pixel(tiles):
    clean, spare = demo_items.allot(tiles, 300, 0)
    assert (len(clean), len(spare)) == (300, demo_items.OWN_TILES)
    assert len({id(tile) for tile in [*clean, *spare]}) == 300 + demo_items.OWN_TILES


def test_strips_are_made_of_neighbours(tiles):
    _, spare = demo_items.allot(tiles, 300, 0)
    for left, right in zip(spare[: 2 * demo_items.STRIPS : 2], spare[1 : 2 * demo_items.STRIPS : 2], strict=True):
        assert (left.label, left.row, left.column + 1) == (right.label, right.row, right.column)


def test_small_classes_stay_whole_and_clean(tiles):
    clean, spare = demo_items.allot(tiles, 300, 0)
    assert Counter(tile.label for tile in clean)["small"] == 9
    assert {tile.label for tile in spare} == {"a", "b"}


def test_originals_are_clean_and_have_a_family_each(tiles):
    clean = demo_items.clean_items(demo_items.allot(tiles, 300, 0)[0], 0)
    assert len({item.family for item in clean}) == 300
    made = demo_items.copies(clean, CLASSES, 0)
    assert {item.family for item in made} <= {item.family for item in clean}
    assert max(Counter(item.family for item in made).values()) == 2


def test_each_kind_of_copy_is_made_within_a_split_and_across(tiles):
    clean = demo_items.clean_items(demo_items.allot(tiles, 300, 0)[0], 0)
    split = {item.family: item.split for item in clean}
    crossing = [item for item in demo_items.copies(clean, CLASSES, 0) if item.split != split[item.family]]
    assert len(crossing) == demo_items.EXACT_LEAKS + demo_items.NEAR_LEAKS * len(COPIES)
    assert {item.split for item in crossing} == {"test"}


def test_defects_are_as_many_as_said_and_wrong_labels_keep_their_right_one(tiles):
    made = demo_items.defective(demo_items.allot(tiles, 300, 0)[1], CLASSES, 0)
    wanted = Counter({"odd_aspect": demo_items.STRIPS, "wrong_label": demo_items.WRONG_LABELS})
    for kind, _, count in demo_items.DEFECTS:
        wanted[kind] += count
    assert Counter(item.kind for item in made) == wanted
    assert all((item.folder == item.label) == (item.kind != "wrong_label") for item in made)


def test_blanks_have_different_colours():
    colours = [decode(item.data).mean(axis=(0, 1)) for item in demo_items.blanks(CLASSES, 0)]
    for place, one in enumerate(colours):
        assert all(np.abs(one - other).max() > 8 for other in colours[place + 1 :])


def test_strays_and_broken_files_have_no_class_but_lie_in_one():
    strays = {name: np.full((150, 200, 3), value, np.uint8) for value, name in enumerate("abc")}
    made = demo_items.foreign(strays, CLASSES, 0) + demo_items.unreadable(strays["a"], CLASSES, 0)
    assert {item.label for item in made} == {""}
    assert {item.folder for item in made} <= set(CLASSES)
    details = [item.detail for item in made if item.kind == "foreign"]
    assert len(details) == len(set(details)) >= 3
