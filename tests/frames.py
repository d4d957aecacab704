"""Small tables for tests, written as one writes them down: only what matters, the rest filled in.

Ids are made from paths by the same function as in the product, so a test that confuses rows fails.
"""

from __future__ import annotations

import pandas as pd

from stages.contracts.identity import digest, item_id
from stages.contracts.schemas.labels import LABELS
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.vocabulary import DuplicateKind, QualityIssue
from stages.core.evidence import Thresholds
from stages.core.findings import Findings

IMAGE = {
    "frame": None,
    "timestamp_s": None,
    "bytes": 1000,
    "format": "JPEG",
    "mode": "RGB",
    "width": 400,
    "height": 300,
    "label": None,
    "split": None,
    "status": "ok",
    "reason": None,
}

GOOD = {
    "brightness": 0.5,
    "contrast": 0.6,
    "sharpness": 0.7,
    "entropy": 7.0,
    "aspect_ratio": 0.75,
    "phash": "0" * 64,
    "phash_mirrored": "f" * 64,
}

THRESHOLDS = Thresholds(dict.fromkeys(QualityIssue, 0.5), agreement=0.6, agreement_pixels=0.9, rate=0.1)


def images(*rows: dict) -> pd.DataFrame:
    """`images`: each row a path, and what differs from a good 400 x 300 JPEG without label or split."""
    full = [
        {"item_id": item_id(row["path"]), "content_id": digest(row["path"].encode()), **IMAGE, **row} for row in rows
    ]
    names = [
        "item_id",
        "path",
        "frame",
        "timestamp_s",
        "content_id",
        *(n for n in IMAGE if n not in ("frame", "timestamp_s")),
    ]
    return pd.DataFrame(full, columns=names).astype({"label": object, "split": object, "frame": object})


def quality(paths: list[str], **bad: list[str]) -> pd.DataFrame:
    """`quality`: every picture is good, but `dark=["a.jpg"]` makes a.jpg dark."""
    rows = []
    for path in paths:
        judged = {str(issue): path in bad.get(issue, []) for issue in QualityIssue}
        rows.append(
            {"item_id": item_id(path), **GOOD}
            | {f"{issue}_score": 0.1 if is_bad else 0.9 for issue, is_bad in judged.items()}
            | {f"is_{issue}": is_bad for issue, is_bad in judged.items()}
        )
    return pd.DataFrame(rows, columns=QUALITY.names).astype({f"is_{issue}": bool for issue in QualityIssue})


def pairs(*rows: tuple) -> pd.DataFrame:
    """`pairs` from (path, path, kind, agreement, label_conflict?)."""
    full = []
    for a, b, kind, agreement, *conflict in rows:
        first, second = sorted([item_id(a), item_id(b)])
        full.append(
            {
                "item_a": first,
                "item_b": second,
                "kind": str(DuplicateKind(kind)),
                "agreement": agreement,
                "transform": "same bytes" if kind == DuplicateKind.EXACT else "resized",
                "vouched": True,
                "leak": False,
                "label_conflict": bool(conflict and conflict[0]),
            }
        )
    return pd.DataFrame(
        full, columns=["item_a", "item_b", "kind", "agreement", "transform", "vouched", "leak", "label_conflict"]
    )


def duplicates(*groups: dict[str, str | None], conflict: bool = False) -> pd.DataFrame:
    """`duplicates`: each group a mapping of path to kind, the keeper's being None."""
    rows = []
    for group in groups:
        keeper = next(path for path, kind in group.items() if kind is None)
        rows += [
            {
                "item_id": item_id(path),
                "group_id": digest(keeper.encode()),
                "kind": kind,
                "keep": kind is None,
                "keeper_id": item_id(keeper),
                "leak": False,
                "label_conflict": conflict,
            }
            for path, kind in group.items()
        ]
    names = ["item_id", "group_id", "kind", "keep", "keeper_id", "leak", "label_conflict"]
    return pd.DataFrame(rows, columns=names).astype({"label_conflict": bool})


def outliers(paths: list[str], flagged: tuple[str, ...] = ()) -> pd.DataFrame:
    """The columns of `outliers` that verdicts look at."""
    rows = [
        {
            "item_id": item_id(path),
            "is_outlier": path in flagged,
            "knn_distance": 0.1,
            "q_value": 0.02 if path in flagged else 0.8,
            "stability": None,
            "evidence": f"{path} is strange.",
        }
        for path in paths
    ]
    names = ["item_id", "is_outlier", "knn_distance", "q_value", "stability", "evidence"]
    return pd.DataFrame(rows, columns=names).astype({"is_outlier": bool, "q_value": "float32", "stability": "float32"})


def labels(paths: list[str], doubted: tuple[str, ...] = ()) -> pd.DataFrame:
    """`labels`: no zero-shot, and labels in doubt where that is said."""
    rows = [
        {
            "item_id": item_id(path),
            "zero_shot_label": None,
            "zero_shot_confidence": None,
            "fit_score": None,
            "fits_none": False,
            "top_k": [],
            "suggested_label": "other" if path in doubted else None,
            "label_score": 0.1 if path in doubted else 0.9,
            "is_label_issue": path in doubted,
            "evidence": f"{path} is called something else.",
        }
        for path in paths
    ]
    return pd.DataFrame(rows, columns=LABELS.names).astype({"is_label_issue": bool})


def clusters(**cluster_of: int) -> pd.DataFrame:
    """`clusters` from a path without its suffix: `clusters(a=0, b=-1)` is a.jpg and b.jpg."""
    rows = [{"item_id": item_id(f"{name}.jpg"), "cluster": cluster} for name, cluster in cluster_of.items()]
    return pd.DataFrame(rows, columns=["item_id", "cluster"])


def decisions(*rows: dict) -> pd.DataFrame:
    """Rows of decisions.csv: each a path and a decision, and what else matters."""
    blank = {"item_id": "", "frame": "", "label": "", "reason": "", "reviewer": "", "decided_at": ""}
    full = [
        {"content_id": digest(row["path"].encode()), **blank, **row, "line": number}
        for number, row in enumerate(rows, start=2)
    ]
    names = ["item_id", "content_id", "path", "frame", "decision", "label", "reason", "reviewer", "decided_at", "line"]
    return pd.DataFrame(full, columns=names).astype(dict.fromkeys(names[:-1], object))


def findings(images: pd.DataFrame, **more: pd.DataFrame) -> Findings:
    """What is found of these images where nothing is wrong with them, but for the tables that are given."""
    paths = images.loc[images["status"] == "ok", "path"].tolist()
    tables = {
        "quality": quality(paths),
        "pairs": pairs(),
        "duplicates": duplicates(),
        "clusters": clusters(),
        "outliers": outliers(paths),
        "labels": labels(paths),
    }
    return Findings(images, **(tables | more))
