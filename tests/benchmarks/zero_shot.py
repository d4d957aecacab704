"""How often zero-shot gives the label that an image has, by the tables of this project: make bench-zero-shot

After `winnow use FOLDER && dvc repro classify`, FOLDER holding a folder of images per class. `classify.labels` may give
each class synonyms; its names must be the folders'.
"""

from __future__ import annotations

from stages.contracts import tables
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.labels import LABELS


def main() -> None:
    rows = tables.read(LABELS).merge(tables.read(IMAGES)[["item_id", "label"]], on="item_id").dropna(subset="label")
    best = rows["top_k"].map(lambda guesses: guesses[0]["label"] if len(guesses) else None)
    right = best == rows["label"]
    print(f"images         {len(rows):,} of {rows['label'].nunique()} labels")
    print(f"right          {right.mean():.3f}; {right.groupby(rows['label']).mean().mean():.3f} with equal labels")
    print(
        f"confidence     {rows['zero_shot_confidence'].mean():.3f}; calibrated where it is as large as the share right"
    )
    print(f"none of these  {rows['zero_shot_label'].isna().mean():.3f}")


if __name__ == "__main__":
    main()
