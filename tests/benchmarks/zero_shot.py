"""How often zero-shot gives the label that an image has, by the tables of this project.

make bench-zero-shot
make bench-zero-shot LEAST=0.57      ends with 1 where less are right

After `winnow use FOLDER && dvc repro classify`, FOLDER holding a folder of images per class. `classify.labels` may give
each class synonyms; its names must be the folders'.
"""

from __future__ import annotations

import sys

import pandas as pd

from stages.contracts import tables
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.labels import LABELS


def main() -> None:
    rows = tables.read(LABELS).merge(tables.read(IMAGES)[["item_id", "label"]], on="item_id").dropna(subset="label")
    alone = rows["top_k"].map(lambda guesses: guesses[0]["label"] if len(guesses) else None)
    right = rows["zero_shot_label"] == rows["label"]
    first, flagged = alone == rows["label"], rows["fits_none"]
    print(f"images         {len(rows):,} of {rows['label'].nunique()} labels")
    print(f"right          {_shares(right, rows['label'])}: zero_shot_label")
    print(f"texts alone    {_shares(first, rows['label'])}: the first of top_k, without the neighbours")
    print(f"none of these  {flagged.mean():.3f} fit none by the flag; {right[flagged].mean():.3f} of them are right")
    print(
        f"confidence     {rows['zero_shot_confidence'].mean():.3f}; calibrated where it is as large as the share right"
    )
    least = float(sys.argv[1]) if len(sys.argv) > 1 else 0.0
    if right.mean() < least:
        raise SystemExit(f"FALLS SHORT: {right.mean():.3f} are right, and {least} are asked for")


def _shares(right: pd.Series, labels: pd.Series) -> str:
    return f"{right.mean():.3f} ({right.groupby(labels).mean().mean():.3f} with equal labels)"


if __name__ == "__main__":
    main()
