"""A project of n made-up images with every table that the pages read, drawn with a seed: for measuring how pages and
their making grow. Nothing is looked at but the shape of the data: clusters of a few large and many small, a fifth in
none, 100 classes, 1,000 outliers, copies, leaks, defects, labels in doubt, and long paths.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from stages.contracts import tables
from stages.contracts.calibration_record import write_calibration
from stages.contracts.decisions import write_decisions
from stages.contracts.encoder_record import write_record
from stages.contracts.identity import digest, item_id
from stages.contracts.schemas.cluster_names import CLUSTER_NAMES, UNNAMED
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.labels import LABELS
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.schemas.projection import MAP
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.thumbnails import SHEET_FOLDER, THUMBNAILS
from stages.contracts.vocabulary import NOISE, QualityIssue
from stages.core import null_model, sheets
from stages.core.cluster_stability import Stability
from tests.encoder_records import CLIP
from tests.frames import decisions
from tests.pages import calibrated
from tests.pages.dataset import LOOKED, MOVED, THRESHOLDS
from tests.sheets import sheet_of

CLASSES = 100
SUSPECTS = 1000
NEAREST = 10
SHARES = {"noise": 0.2, "copies": 0.03, "defect": 0.004, "doubted": 0.005, "unreadable": 0.002, "no label fits": 0.1}
KINDS_OF_SHEET = 64
"""different sheets that are drawn; the rest are the same again"""


def make(root: Path, n: int, side: int = 16) -> Path:
    """Write the tables, sheets, records, decisions and params.yaml of a project of n images.

    Parameters
    ----------
    side : longest side of a thumbnail, pixels; 320 in a real project.
    """
    rng = np.random.default_rng(0)
    images = _images(n, rng)
    readable = images[images["status"] == "ok"].reset_index(drop=True)
    clusters = _clusters(readable, rng)
    outliers, null = _outliers(readable, rng)
    pairs, duplicates = _copies(readable, rng)
    count = int(clusters["cluster"].max() + 1)
    made = {
        IMAGES: (images, {"skipped": {}, "params": "synthetic"}),
        QUALITY: (_quality(readable, rng), None),
        CLUSTERS: (
            clusters,
            {"quality": {"method": "hdbscan", "dbcv": 0.4}, "stability": asdict(_stability(count, n))},
        ),
        CLUSTER_NAMES: (_names(readable, clusters, count), None),
        PAIRS: (pairs, {"sensitivity": MOVED, "looked": LOOKED}),
        DUPLICATES: (duplicates, None),
        OUTLIERS: (outliers, {"null": null}),
        LABELS: (_labels(readable, rng), None),
        MAP: (_placed(clusters, rng), None),
    }
    for table, (rows, told) in made.items():
        tables.write(table, rows, root, told)
    _write_thumbnails(readable["content_id"].unique().tolist(), root, side, rng)
    write_record(CLIP, root)
    write_calibration(calibrated.record(), root)
    decided = readable.loc[outliers.index[outliers["is_outlier"]][: SUSPECTS // 5], ["path", "content_id"]]
    write_decisions(decisions(*({**row, "decision": "keep"} for row in decided.to_dict("records"))), root)
    thresholds = "\n".join(f"  {issue}: {value}" for issue, value in THRESHOLDS.items())
    (root / "params.yaml").write_text(f"data:\n  source: photos/synthetic\nmeasure:\n{thresholds}\n")
    return root


def _images(n: int, rng: np.random.Generator) -> pd.DataFrame:
    classes, split = rng.integers(CLASSES, size=n), np.where(rng.random(n) < 0.1, "test", "train")
    labels = [f"class {number:03d} of things" for number in range(CLASSES)]
    serial, camera = rng.integers(2**32, size=n), rng.integers(40, size=n)
    paths = [
        f"{split[i]}/{labels[classes[i]]}/camera-{camera[i]:02d}/IMG_{i:07d}_{serial[i]:08x} (edited).jpg"
        for i in range(n)
    ]
    broken = rng.random(n) < SHARES["unreadable"]
    rows = pd.DataFrame(
        {
            "item_id": [item_id(path) for path in paths],
            "path": paths,
            "content_id": [digest(path.encode()) for path in paths],
            "bytes": rng.integers(20_000, 400_000, size=n),
            "format": np.where(broken, None, "JPEG"),
            "mode": np.where(broken, None, "RGB"),
            "label": [labels[number] for number in classes],
            "split": split,
            "status": np.where(broken, "unreadable", "ok"),
            "reason": np.where(broken, "cannot be read", None),
        }
    )
    rows["width"] = pd.Series(np.where(broken, None, 400), dtype=object)
    rows["height"] = pd.Series(np.where(broken, None, 300), dtype=object)
    return rows.assign(frame=None, timestamp_s=None)[IMAGES.names]


def _clusters(readable: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = len(readable)
    count = int(np.clip(n // 250, 3, 600))
    chances = 1 / np.arange(1, count + 1) ** 0.8
    cluster = rng.choice(count, size=n, p=chances / chances.sum())
    cluster[:count] = np.arange(count)  # none is empty
    order = np.argsort(-np.bincount(cluster, minlength=count), kind="stable")
    cluster = np.argsort(order)[cluster]
    cluster[count:][rng.random(n - count) < SHARES["noise"]] = NOISE
    distance = rng.uniform(0.05, 0.5, n).astype(np.float32)
    rows = pd.DataFrame({"item_id": readable["item_id"], "cluster": cluster, "strength": 1 - distance})
    rows["centroid_distance"] = distance
    nearest = rows[cluster != NOISE].groupby("cluster")["centroid_distance"].idxmin()
    return rows.assign(is_medoid=rows.index.isin(nearest))[CLUSTERS.names]


def _stability(count: int, n: int) -> Stability:
    told = [0.4 if number % 7 == 6 else 0.9 for number in range(count)]
    return Stability(20, n // 2, n, told, [round(20 * share) for share in told])


def _names(readable: pd.DataFrame, clusters: pd.DataFrame, count: int) -> pd.DataFrame:
    """A third from the labels, a third from a vocabulary, a third none; some twice."""
    sizes = clusters.loc[clusters["cluster"] != NOISE, "cluster"].value_counts()
    medoids = clusters[clusters["is_medoid"]].drop_duplicates("cluster").set_index("cluster")["item_id"]
    names = [UNNAMED if number % 3 == 2 else f"kind of thing {number % 90}" for number in range(count)]
    return pd.DataFrame(
        {
            "cluster": range(count),
            "name": names,
            "margin": 0.5,
            "source": [(("label", "vocabulary", None)[number % 3]) for number in range(count)],
            "size": [int(sizes[number]) for number in range(count)],
            "medoid_item_id": [medoids[number] for number in range(count)],
            "key": [digest(f"cluster {number}".encode()) for number in range(count)],
        }
    )


def _outliers(readable: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, dict]:
    n = len(readable)
    distance = rng.gamma(8, 0.02, n)
    suspects = rng.choice(n, min(SUSPECTS, n // 20), replace=False)
    distance[suspects] += 0.8 + rng.random(len(suspects)) / 2
    fitted = null_model.fit(distance)
    contents = readable["content_id"].to_numpy(object)
    flagged = np.zeros(n, bool)
    flagged[suspects] = True
    rows = pd.DataFrame(
        {
            "item_id": readable["item_id"],
            "outlier_score": fitted.scores(distance),
            "knn_distance": np.clip(distance, 0, 2),
            "centroid_distance": np.clip(distance, 0, 2),
            "q_value": null_model.q_values(fitted.p_values(distance)),
            "is_outlier": flagged,
            "nearest_ids": list(contents[rng.integers(n, size=(n, NEAREST))]),
            "stability": np.where(flagged, 0.9, 0.0),
            "evidence": [f"lies {far:.3f} from its ten nearest neighbours, 0.16 is usual" for far in distance],
        }
    )
    told = {"fitted": True, "fewest": 50, "rate": 0.1, "resamples": 20, **asdict(fitted)}
    return rows[OUTLIERS.names], told | {"goodness": null_model.goodness(fitted, distance)}


def _copies(readable: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs of images, each a group of its own."""
    chosen = rng.permutation(len(readable))[: int(len(readable) * SHARES["copies"]) * 2].reshape(-1, 2)
    pairs, members = [], []
    keepers, copies = (readable.iloc[column].to_dict("records") for column in chosen.T)
    for keeper, copy in zip(keepers, copies, strict=True):
        leak, conflict = keeper["split"] != copy["split"], keeper["label"] != copy["label"]
        first, second = sorted([keeper["item_id"], copy["item_id"]])
        pairs.append((first, second, "near", 0.97, 8, 0.8, True, "resized", leak, conflict))
        group = digest(keeper["item_id"].encode())
        for one, kind in ((keeper, None), (copy, "near")):
            why = "larger", leak, conflict, "80 % of the content is the same"
            members.append((one["item_id"], group, kind, 0.8, kind is None, keeper["item_id"], *why))
    return pd.DataFrame(pairs, columns=PAIRS.names), pd.DataFrame(members, columns=DUPLICATES.names)


def _quality(readable: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = len(readable)
    rows = pd.DataFrame({"item_id": readable["item_id"], "brightness": rng.random(n), "contrast": rng.random(n)})
    rows = rows.assign(sharpness=0.5, entropy=5.0, aspect_ratio=0.75, phash="0" * 64, phash_mirrored="f" * 64)
    for issue in QualityIssue:
        bad = rng.random(n) < SHARES["defect"]
        rows[f"{issue}_score"] = np.where(bad, 0.1, rng.uniform(0.3, 1, n))
        rows[f"is_{issue}"] = bad
    return rows[QUALITY.names]


def _labels(readable: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = len(readable)
    guesses = readable["label"].to_numpy(object)[np.where(rng.random(n) < 0.2, rng.permutation(n), np.arange(n))]
    doubted = rng.random(n) < SHARES["doubted"]
    none, confidence = rng.random(n) < SHARES["no label fits"], rng.uniform(0.2, 1, n)
    return pd.DataFrame(
        {
            "item_id": readable["item_id"],
            "zero_shot_label": guesses,
            "zero_shot_confidence": confidence,
            "fit_score": np.where(none, 0.5, 0.99),
            "fits_none": none,
            "top_k": [[{"label": one, "confidence": sure}] for one, sure in zip(guesses, confidence, strict=True)],
            "suggested_label": guesses,
            "label_score": np.where(doubted, 0.01, rng.uniform(0.1, 1, n)),
            "is_label_issue": doubted,
            "evidence": "the other pictures say so",
        }
    )


def _placed(clusters: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Clouds of unequal width, some running into each other; what is in no cluster lies between."""
    count = int(clusters["cluster"].max() + 1)
    middles, widths = rng.uniform(-15, 15, (count, 2)), rng.uniform(0.15, 1.2, count)
    cluster = clusters["cluster"].to_numpy()
    places = rng.uniform(-17, 17, (len(cluster), 2))
    inside = cluster != NOISE
    spread = rng.normal(size=(int(inside.sum()), 2)) * widths[cluster[inside], None]
    places[inside] = middles[cluster[inside]] + spread
    return pd.DataFrame({"item_id": clusters["item_id"], "x": places[:, 0], "y": places[:, 1]})


def _write_thumbnails(content_ids: list[str], root: Path, side: int, rng: np.random.Generator) -> None:
    """Sheets as `measure` lays them out, each of coloured noise that looks and weighs like small photographs."""
    folder, rows, drawn = root / SHEET_FOLDER, [], {}
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, ids) in enumerate(sheets.sheets_of(content_ids)):
        kind = number % KINDS_OF_SHEET, len(ids)
        if kind not in drawn:
            drawn[kind] = sheet_of([_picture(side, rng) for _ in ids], side)
        data, cells = drawn[kind]
        (folder / name).write_bytes(data)
        rows += [(content, name, cell.x, cell.y, cell.w, cell.h) for content, cell in zip(ids, cells, strict=True)]
    tables.write(THUMBNAILS, pd.DataFrame(rows, columns=THUMBNAILS.names), root)


def _picture(side: int, rng: np.random.Generator) -> np.ndarray:
    coarse = rng.integers(0, 255, (max(side // 16, 2), max(side * 3 // 64, 2), 3)).astype(np.uint8)
    return np.ascontiguousarray(np.kron(coarse, np.ones((16, 16, 1), np.uint8))[: max(side * 3 // 4, 1), :side])
