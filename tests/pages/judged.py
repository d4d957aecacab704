"""Pairs, groups and outliers of the planted project, judged from the distances between its pictures."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stages.contracts.identity import digest, item_id
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.vocabulary import DuplicateKind
from stages.core import null_model

if TYPE_CHECKING:
    from tests.pages.dataset import Shot

RATE = 0.0005
FEWEST = 30


def _copies(readable: list[Shot]) -> list[tuple[int, int]]:
    at = {shot.path: i for i, shot in enumerate(readable)}
    return [(at[shot.copy_of], i) for i, shot in enumerate(readable) if shot.copy_of]


def _kind(original: Shot, copy: Shot) -> str:
    return str(DuplicateKind.EXACT if original.content_id == copy.content_id else DuplicateKind.NEAR)


def pairs(readable: list[Shot], distances: np.ndarray) -> pd.DataFrame:
    rows = []
    for original, copy in _copies(readable):
        a, b = readable[original], readable[copy]
        first, second = sorted([item_id(a.path), item_id(b.path)])
        exact = _kind(a, b) == DuplicateKind.EXACT
        rows.append(
            {
                "item_a": first,
                "item_b": second,
                "kind": _kind(a, b),
                "cosine": float(np.clip(1 - distances[original, copy], -1, 1)),
                "phash_distance": 0 if exact else 12,
                "agreement": 1.0 if exact else 0.8,
                "vouched": True,
                "transform": "same bytes" if exact else "mirrored" if "mirror" in b.path else "resized",
                "leak": a.split != b.split,
                "label_conflict": a.label != b.label,
            }
        )
    return pd.DataFrame(rows, columns=PAIRS.names).astype({"vouched": bool, "leak": bool, "label_conflict": bool})


def duplicates(readable: list[Shot], distances: np.ndarray) -> pd.DataFrame:
    rows = []
    for original, copy in _copies(readable):
        keeper, other = readable[original], readable[copy]
        shared = {
            "group_id": digest(keeper.path.encode()),
            "min_similarity": float(np.clip(1 - distances[original, copy], -1, 1)),
            "keeper_id": item_id(keeper.path),
            "reason": f"first by path: {keeper.path}",
            "leak": keeper.split != other.split,
            "label_conflict": keeper.label != other.label,
        }
        rows.append(
            {**shared, "item_id": item_id(keeper.path), "kind": None, "keep": True, "evidence": "the keeper of 2"}
        )
        rows.append(
            {
                **shared,
                "item_id": item_id(other.path),
                "kind": _kind(keeper, other),
                "keep": False,
                "evidence": f"copy of {keeper.path}",
            }
        )
    return pd.DataFrame(rows, columns=DUPLICATES.names).astype({"keep": bool, "leak": bool, "label_conflict": bool})


def outliers(readable: list[Shot], distances: np.ndarray) -> tuple[pd.DataFrame, dict]:
    """Scores and flags from the mean distance to the seven nearest, by the same null as in the product."""
    contents = np.array([shot.content_id for shot in readable])
    nearest = [
        [j for j in np.argsort(distances[i], kind="stable") if contents[j] != contents[i]][:7]
        for i in range(len(readable))
    ]
    mean = np.array([distances[i, others].mean() if others else np.nan for i, others in enumerate(nearest)], float)
    mean = np.clip(mean, 0, 2)
    fitted = null_model.fit(mean)
    q = null_model.q_values(fitted.p_values(mean))
    rows = pd.DataFrame(
        {
            "item_id": [item_id(shot.path) for shot in readable],
            "outlier_score": fitted.scores(mean),
            "knn_distance": mean,
            "centroid_distance": mean,
            "q_value": q,
            "is_outlier": q <= RATE,
            "nearest_ids": pd.Series([contents[others].tolist() for others in nearest], dtype=object),
            "stability": np.nan,
            "evidence": [
                f"{shot.path} lies {m:.3f} from its neighbours" for shot, m in zip(readable, mean, strict=True)
            ],
        }
    )
    null = {
        "fitted": len(readable) >= FEWEST,
        "fewest": FEWEST,
        "rate": RATE,
        "resamples": 20,
        **asdict(fitted),
        "goodness": null_model.goodness(fitted, mean) if len(readable) >= FEWEST else None,
    }
    return rows[OUTLIERS.names], null
