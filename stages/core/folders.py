"""What a file's folders mean: its class and its split, as in torchvision's ImageFolder."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from stages.contracts.vocabulary import SPLITS, SPLITS_AMONG_OTHERS

Folders = tuple[str, ...]
"""The folders above a file, from the source down."""
YEAR = re.compile(r"[-_ ]?(19|20)\d\d$")


class Place(NamedTuple):
    """What the folders of one file say; None where they say nothing."""

    label: str | None
    split: str | None


def places(paths: Sequence[str]) -> list[Place]:
    """Class and split of each path, as the folders above it say.

    The split is the first folder named train, val, validation or test, whatever its case, and with or without a year,
    as COCO's ``train2017``; where there are two splits, valid, training and testing mean one, too. The label is the
    first folder below the split, or, if there is none, the first folder of all: ``train/cat/x.jpg``,
    ``cat/train/x.jpg`` and ``cat/x.jpg`` are all of a cat.

    One folder of that name beside class folders, and without folders in it, is a class itself:
    ``car/``, ``bus/`` and ``train/`` are three vehicles.

    Parameters
    ----------
    paths : POSIX paths relative to the source.
    """
    folders = [tuple(path.split("/")[:-1]) for path in paths]
    there = set(folders)
    splits = _split_words(there)
    vehicle = _split_word_that_is_a_class(there, splits)
    return [_place(parts, splits, vehicle) for parts in folders]


def _split_words(folders: AbstractSet[Folders]) -> Mapping[str, str]:
    """The names that mean a split in this source, and the split they mean."""
    words = SPLITS | SPLITS_AMONG_OTHERS
    meant = {words[_word(name)] for parts in folders for name in parts if _word(name) in words}
    return words if len(meant) > 1 else SPLITS


def _place(parts: Folders, splits: Mapping[str, str], vehicle: str | None) -> Place:
    if not parts or parts[0] == vehicle:
        return Place(parts[0] if parts else None, None)
    at = next((i for i, name in enumerate(parts) if _word(name) in splits), None)
    if at is None:
        return Place(parts[0], None)
    others = parts[at + 1 :] or parts[:at]
    return Place(others[0] if others else None, splits[_word(parts[at])])


def _split_word_that_is_a_class(folders: AbstractSet[Folders], splits: Mapping[str, str]) -> str | None:
    below: dict[str, set[str]] = defaultdict(set)
    for parts in folders:
        if parts:
            below[parts[0]].update(parts[1:2])
    words = [name for name in below if _word(name) in splits]
    return words[0] if len(words) == 1 and len(below) > 1 and not below[words[0]] else None


def _word(name: str) -> str:
    """A folder's name, as far as it may mean a split."""
    return YEAR.sub("", name.lower())
