"""The demo's items: what is planted, how much of it, on which tile, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from stages.core import demo_planting as planting
from stages.core.broken import broken_files
from stages.core.demo_planting import Picture, decode, encode, is_grey
from stages.core.drawings import DRAWINGS
from stages.core.tiling import Tile, neighbours, stream

TEST_SHARE = 0.25
SMALL_CLASS = 16
"""Photographs that give fewer tiles keep them all clean, so that they stay classes."""

DEFECTS = (
    ("blurry", planting.out_of_focus, 8),
    ("blurry", planting.moved, 8),
    ("dark", planting.darkened, 8),
    ("bright", planting.overexposed, 4),
    ("bright", planting.washed_out, 4),
    ("odd_size", planting.shrunk, 4),
    ("odd_size", planting.enlarged, 4),
    ("grayscale", planting.greyed, 8),
)
STRIPS = 8
WRONG_LABELS = 8
BLANKS = 10
EXACT_COPIES = 8
EXACT_COPIES_ELSEWHERE = 4
EXACT_LEAKS = 6
NEAR_COPIES = 2
"""Of each kind of copy, within a split."""

NEAR_LEAKS = 1
"""Of each kind of copy, from train into test."""

STRAY_SIDE = 128
"""Pixels; tiles are somewhat smaller."""

OWN_TILES = sum(count for *_, count in DEFECTS) + 2 * STRIPS + WRONG_LABELS


@dataclass(frozen=True, eq=False)
class Item:
    """A file to be: what is planted, its true class ('' where it has none), where it goes, and its bytes.

    `family` is the same for an original and its copies; `grey` is true of pictures without colour.
    """

    kind: str
    label: str
    split: str
    folder: str
    data: bytes
    suffix: str = ".jpg"
    detail: str = ""
    family: str = ""
    grey: bool = False


def allot(tiles: list[Tile], clean: int, seed: int) -> tuple[list[Tile], list[Tile]]:
    """Which tiles stay clean, exactly so many, and which are there for defects; strips need pairs of neighbours."""
    rng = stream(seed, "allot")
    counts = pd.Series([tile.label for tile in tiles]).value_counts()
    order = [tiles[place] for place in rng.permutation(len(tiles))]
    large = [tile for tile in order if counts[tile.label] >= SMALL_CLASS]
    spare: list[Tile] = []
    for pair in neighbours(large):
        if len(spare) < 2 * STRIPS and not any(tile in spare for tile in pair):
            spare += pair
    spare += [tile for tile in large if tile not in spare][: OWN_TILES - 2 * STRIPS]
    small = [tile for tile in order if counts[tile.label] < SMALL_CLASS]
    return [*small, *(tile for tile in large if tile not in spare)][:clean], spare


def clean_items(tiles: list[Tile], seed: int) -> list[Item]:
    """Tiles with nothing planted in them, each the original of a family of its own."""
    rng = stream(seed, "clean")
    return [
        replace(_item("clean", tile.label, Picture(tile.pixels), _split(rng)), family=f"original {number}")
        for number, tile in enumerate(tiles)
    ]


def copies(originals: list[Item], classes: list[str], seed: int) -> list[Item]:
    """Exact and near copies, within a split and from train into test; each family has an original of its own."""
    rng = stream(seed, "copies")
    pool = [originals[place] for place in rng.permutation(len(originals))]
    train = iter([item for item in pool if item.split == "train"])
    leaking = [next(train) for _ in range(EXACT_LEAKS + NEAR_LEAKS * len(planting.COPIES))]
    rest = iter([item for item in pool if item not in leaking])
    made = [_exact(item, "test", item.folder) for item in leaking[:EXACT_LEAKS]]
    made += [
        _near(item, "test", change, rng)
        for item, change in zip(leaking[EXACT_LEAKS:], NEAR_LEAKS * planting.COPIES, strict=True)
    ]
    for item in [next(rest) for _ in range(EXACT_COPIES)]:
        made.append(_exact(item, item.split, item.folder))
    for item in [next(rest) for _ in range(EXACT_COPIES_ELSEWHERE)]:
        made.append(_exact(item, item.split, _other(classes, item.label, rng)))
    for change in NEAR_COPIES * planting.COPIES:
        item = next(rest)
        made.append(_near(item, item.split, change, rng))
    # Two families of three: a copy of each sort beside an exact one.
    for item in [next(rest) for _ in range(2)]:
        made += [_exact(item, item.split, item.folder), _near(item, item.split, planting.resized, rng)]
    return made


def defective(tiles: list[Tile], classes: list[str], seed: int) -> list[Item]:
    """Strips of two neighbours, one defect on each of the other tiles, and tiles in another class's folder."""
    rng = stream(seed, "defects")
    pairs, rest = tiles[: 2 * STRIPS], iter(tiles[2 * STRIPS :])
    items = []
    for left, right in zip(pairs[::2], pairs[1::2], strict=True):
        wide = np.concatenate([left.pixels, right.pixels], axis=1)
        items.append(_item("odd_aspect", left.label, planting.strip(wide, rng), _split(rng)))
    for kind, change, count in DEFECTS:
        for tile in [next(rest) for _ in range(count)]:
            items.append(_item(kind, tile.label, change(tile.pixels, rng), _split(rng)))
    for tile in [next(rest) for _ in range(WRONG_LABELS)]:
        folder = _other(classes, tile.label, rng)
        picture = Picture(tile.pixels, f"moved from {tile.label} to {folder}")
        items.append(_item("wrong_label", tile.label, picture, _split(rng), folder))
    return items


def foreign(strays: dict[str, np.ndarray], classes: list[str], seed: int) -> list[Item]:
    """Pictures (h, w, 3) uint8 of another kind, and drawings, in the folder of any class."""
    rng = stream(seed, "foreign")
    drawn = {name: draw(STRAY_SIDE, rng) for name, draw in DRAWINGS.items()}
    return [
        _item("foreign", "", Picture(planting.fitted(pixels, STRAY_SIDE), name), _split(rng), str(rng.choice(classes)))
        for name, pixels in {**strays, **drawn}.items()
    ]


def blanks(classes: list[str], seed: int) -> list[Item]:
    """Pictures of one flat colour each, in the folder of any class."""
    rng = stream(seed, "blanks")
    hues = (np.arange(BLANKS) + rng.random()) / BLANKS % 1
    pictures = [planting.blank(STRAY_SIDE, STRAY_SIDE, hue, rng) for hue in hues]
    return [_item("low_information", "", picture, _split(rng), str(rng.choice(classes))) for picture in pictures]


def unreadable(pixels: np.ndarray, classes: list[str], seed: int) -> list[Item]:
    """Files that are no pictures, some of which once were `pixels` (h, w, 3) uint8."""
    rng = stream(seed, "unreadable")
    return [
        Item("unreadable", "", _split(rng), str(rng.choice(classes)), data, suffix, detail)
        for suffix, data, detail in broken_files(planting.fitted(pixels, STRAY_SIDE), rng)
    ]


def _item(kind: str, label: str, picture: Picture, split: str, folder: str = "") -> Item:
    data, grey = encode(picture), is_grey(picture.pixels)
    return Item(kind, label, split, folder or label, data, picture.suffix, picture.detail, grey=grey)


def _exact(original: Item, split: str, folder: str) -> Item:
    detail = "same bytes" if folder == original.folder else f"same bytes, in the folder of {folder}"
    return replace(original, kind="copy", split=split, folder=folder, detail=detail)


def _near(original: Item, split: str, change: planting.Change, rng: np.random.Generator) -> Item:
    item = _item("copy", original.label, change(decode(original.data), rng), split)
    return replace(item, family=original.family)


def _split(rng: np.random.Generator) -> str:
    return "test" if rng.random() < TEST_SHARE else "train"


def _other(classes: list[str], label: str, rng: np.random.Generator) -> str:
    return str(rng.choice([name for name in classes if name != label]))
