"""The planted project with labels in doubt: what is suggested follows from what an image shows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from stages import export
from stages.contracts import tables
from stages.contracts.identity import item_id
from stages.contracts.schemas.labels import LABELS
from tests.pages import dataset
from tests.pages.dataset import HOSTILE, HOSTILE_LABEL, Shot

MISLABELLED = {"train/coffee/wrong.jpg": ("cat", 3), "train/cat/also wrong.jpg": ("coffee", 5)}
"""path: the photograph that it shows, and which of its tiles"""
BARE = "train/nothing like it.jpg"


def shots() -> list[Shot]:
    """Everything planted, two more tiles in the wrong folder, and a stranger without a label."""
    wrong = [
        Shot(path, dataset.tiles()[shows][tile] // 2 + 40, path.split("/")[1], "train")
        for path, (shows, tile) in MISLABELLED.items()
    ]
    noise = next(shot for shot in dataset.strangers() if "noise" in shot.path)
    return [*dataset.shots(), *wrong, Shot(BARE, noise.pixels[::-1], None, "train")]


def shown_by(shot: Shot) -> str:
    """The photograph that a shot is a tile of, as far as its path tells."""
    if shot.path in MISLABELLED:
        return MISLABELLED[shot.path][0]
    return "cat" if shot.path in HOSTILE or "cat" in shot.path else shot.label or "coffee"


def table(found: list[Shot]) -> pd.DataFrame:
    rows = [_row(shot, number) for number, shot in enumerate(found) if shot.pixels is not None]
    return pd.DataFrame(rows, columns=LABELS.names)


def _row(shot: Shot, number: int) -> dict:
    shows, wrong = shown_by(shot), shot.path in MISLABELLED
    fits = not shot.stranger and shot.label is not None
    hostile = shot.label == HOSTILE_LABEL
    return {
        "item_id": item_id(shot.path),
        "zero_shot_label": HOSTILE_LABEL if hostile else shows,
        "zero_shot_confidence": 0.5 + number / 1000,
        "fit_score": 0.95 if fits else 0.05,
        "fits_none": not fits,
        "top_k": [{"label": shows, "confidence": 0.5 + number / 1000}, {"label": "other", "confidence": 0.1}],
        "suggested_label": None if shot.label is None else HOSTILE_LABEL if hostile else shows,
        "label_score": 0.01 * (1 + number % 5) if wrong or shot.label is None else 0.5 + number / 1000,
        "is_label_issue": wrong or shot.label is None,
        "evidence": f"Labelled “{shot.label}”; shows “{shows}”.",
    }


def make(root: Path, found: list[Shot] | None = None, **options: object) -> Path:
    """The project, exported."""
    found = shots() if found is None else found
    dataset.make(root, found, **options)
    tables.write(LABELS, table(found), root)
    export.main(root)
    return root
