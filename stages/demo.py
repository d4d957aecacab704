"""`demo`: a data set with known faults, made from photographs that installed packages ship.

Reads nothing but its params. Writes ``data/demo/{train,test}/<class>/NNN.<suffix>`` and ``data/demo_truth.csv``.

Why: whoever tries Winnow, or changes it, can hold what it finds against what was planted. The clean images are disjoint
tiles of photographs, and the class is the photograph. Everything planted is made from tiles of its own, except copies,
whose originals are clean. Nothing is chosen by looking at Winnow's scores.

The truth has a row per item and kind, and a row per pair of copies; two copies of one original are a pair too:

=================  ==========================================================================================
kind               path
=================  ==========================================================================================
clean              an image with nothing planted in it
foreign            a picture of another kind, in a class folder
wrong_label        an image moved to another class; `label` is the right one
blurry, dark, ...  an image with that defect; `grayscale` holds every grey image, also of grey photographs
unreadable         a file that is no picture
exact_duplicate    the copy; `other_path` is its original, `detail` says how it was made
near_duplicate     the same
leak               the copy, where it and `other_path` are in different splits
=================  ==========================================================================================
"""

from __future__ import annotations

import os
import shutil
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from stages.contracts.errors import exit_on_error
from stages.contracts.params.base import load
from stages.contracts.params.demo import Params
from stages.core import demo_items
from stages.core.demo_items import OWN_TILES, STRAY_SIDE, Item
from stages.core.drawings import contact_sheet
from stages.core.tiling import largest_tiles, stream
from stages.sources.photographs import CLASSES, STRAYS, digits, faces, photograph

FOLDER = "data/demo"
TRUTH = "data/demo_truth.csv"
COLUMNS = ["kind", "path", "other_path", "detail", "label"]


def run(
    photographs: dict[str, np.ndarray], strays: dict[str, np.ndarray], params: Params
) -> tuple[dict[str, bytes], pd.DataFrame]:
    """The demo's files and its truth.

    Parameters
    ----------
    photographs : class to pixels (h, w, 3) uint8; cut into tiles.
    strays : name to pixels; the foreign pictures.

    Returns
    -------
    files : path relative to the demo's folder, to bytes.
    truth : columns `COLUMNS`, sorted.
    """
    seed, classes = params.seed, sorted(photographs)
    tiles = largest_tiles(photographs, params.images + OWN_TILES, seed)
    clean, spare = demo_items.allot(tiles, params.images, seed)
    originals = demo_items.clean_items(clean, seed)
    planted = [
        *originals,
        *demo_items.copies(originals, classes, seed),
        *demo_items.defective(spare, classes, seed),
        *demo_items.foreign(strays, classes, seed),
        *demo_items.blanks(classes, seed),
        *demo_items.unreadable(strays[min(strays)], classes, seed),
    ]
    files = numbered(planted, seed)
    return {path: item.data for path, item in files.items()}, truth_of(files)


def numbered(planted: list[Item], seed: int) -> dict[str, Item]:
    """Path to item: numbers within a folder, in an order that tells nothing."""
    rng = stream(seed, "numbers")
    counts: dict[str, int] = {}
    files = {}
    for item in [planted[place] for place in rng.permutation(len(planted))]:
        folder = f"{item.split}/{item.folder}"
        counts[folder] = counts.get(folder, 0) + 1
        files[f"{folder}/{counts[folder]:03d}{item.suffix}"] = item
    return dict(sorted(files.items()))


def truth_of(files: dict[str, Item]) -> pd.DataFrame:
    """The truth's rows, from where each item came to lie."""
    rows = [(item.kind, path, "", item.detail, item.label) for path, item in files.items() if item.kind != "copy"]
    rows += [
        ("grayscale", path, "", "the photograph is grey", item.label)
        for path, item in files.items()
        if item.grey and item.kind != "grayscale"
    ]
    families: dict[str, list[str]] = {}
    for path, item in files.items():
        if item.family:
            families.setdefault(item.family, []).append(path)
    for members in families.values():
        for pair in combinations(sorted(members, key=lambda path: files[path].kind != "copy"), 2):
            rows += _pair_rows(*pair, files)
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(["kind", "path", "other_path"], ignore_index=True)


def main(root: Path = Path()) -> None:
    params = load(Params, "demo", root)
    photographs = {label: photograph(name) for label, name in CLASSES.items()}
    strays = {name: photograph(path) for name, path in STRAYS.items()}
    strays |= {"faces": contact_sheet(faces(), STRAY_SIDE), "digits": contact_sheet(digits(), STRAY_SIDE)}
    files, truth = run(photographs, strays, params)
    write_files(files, root / FOLDER)
    truth.to_csv(root / TRUTH, index=False, lineterminator="\n")


def write_files(files: dict[str, bytes], folder: Path) -> None:
    """A folder of exactly these files; it is there complete or not at all."""
    partial = folder.with_name(folder.name + ".partial")
    for old in (partial, folder):
        shutil.rmtree(old, ignore_errors=True)
    for path, data in files.items():
        (partial / path).parent.mkdir(parents=True, exist_ok=True)
        (partial / path).write_bytes(data)
    os.replace(partial, folder)


def _pair_rows(copy: str, other: str, files: dict[str, Item]) -> list[tuple[str, str, str, str, str]]:
    first, second = files[copy], files[other]
    kind = "exact_duplicate" if first.data == second.data else "near_duplicate"
    # Two copies of one original differ by what was done to either.
    detail = "; ".join(item.detail for item in (first, second) if item.detail)
    kinds = [kind] if first.split == second.split else [kind, "leak"]
    return [(name, copy, other, detail, first.label) for name in kinds]


if __name__ == "__main__":
    exit_on_error(main)
