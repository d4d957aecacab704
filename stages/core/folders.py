"""What a file's folders mean: its class and its split, as in torchvision's ImageFolder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from stages.contracts.vocabulary import SPLITS


class Place(NamedTuple):
    """What the folders of one file say; None where they say nothing."""

    label: str | None
    split: str | None


def places(paths: Sequence[str]) -> list[Place]:
    """Class and split of each path, as the folders above it say.

    The split is the first folder named train, val, validation or test, whatever its case. The label
    is the first folder below the split, or, if there is none, the first folder of all:
    ``train/cat/x.jpg``, ``cat/train/x.jpg`` and ``cat/x.jpg`` are all of a cat.

    One folder of that name beside class folders, and without folders in it, is a class itself:
    ``car/``, ``bus/`` and ``train/`` are three vehicles.

    Parameters
    ----------
    paths : POSIX paths relative to the source.
    """
    folders = [tuple(path.split("/")[:-1]) for path in paths]
    vehicle = _split_word_that_is_a_class(set(folders))
    return [_place(parts, vehicle) for parts in folders]


def _place(parts: tuple[str, ...], vehicle: str | None) -> Place:
    if not parts or parts[0] == vehicle:
        return Place(parts[0] if parts else None, None)
    at = next((i for i, name in enumerate(parts) if name.lower() in SPLITS), None)
    if at is None:
        return Place(parts[0], None)
    others = parts[at + 1 :] or parts[:at]
    return Place(others[0] if others else None, SPLITS[parts[at].lower()])


def _split_word_that_is_a_class(folders: Iterable[tuple[str, ...]]) -> str | None:
    below: dict[str, set[str]] = defaultdict(set)
    for parts in folders:
        if parts:
            below[parts[0]].update(parts[1:2])
    words = [name for name in below if name.lower() in SPLITS]
    return words[0] if len(words) == 1 and len(below) > 1 and not below[words[0]] else None
