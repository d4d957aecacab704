"""How often zero-shot gives the label that an image has, by the tables of this project: make bench-zero-shot

After `winnow use FOLDER && dvc repro classify`, FOLDER holding a folder of images per class. `classify.labels` may give
each class synonyms; its names must be the folders'.
"""

from __future__ import annotations

import pandas as pd

from stages.contracts import tables
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.labels import LABELS


def main() -> None:
    rows = tables.read(LABELS).merge(tables.read(IMAGES)[["item_id", "label"]], on="item_id").dropna(subset="label")
    alone = rows["top_k"].map(lambda guesses: guesses[0]["label"] if len(guesses) else None)
    told = rows["zero_shot_label"].astype(object)
    print(f"images         {len(rows):,} of {rows['label'].nunique()} labels")
    print(f"right          {_right(told, rows['label'])}: the column zero_shot_label")
    print(f"texts alone    {_right(alone, rows['label'])}: the first of top_k, without the neighbours")
    print(f"none of these  {told.isna().mean():.3f}, counted as wrong; classify.none_of_these: null gives all a label")
    print(
        f"confidence     {rows['zero_shot_confidence'].mean():.3f}; calibrated where it is as large as the share right"
    )


def _right(found: pd.Series, labels: pd.Series) -> str:
    right = found == labels
    return f"{right.mean():.3f} ({right.groupby(labels).mean().mean():.3f} with equal labels)"


if __name__ == "__main__":
    main()
