"""A small project with every table that the pages read, made from real pixels: what a table says of an image follows
from what the image shows, so that a page which confuses rows is found out.

Three photographs that ship with scikit-image are cut into tiles; around them are planted copies, a leak, a label
conflict, strangers, dark pictures, broken files, and names that try to break a page.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from skimage import data as photographs

from stages import export
from stages.contracts import tables
from stages.contracts.calibration_record import Calibration, write_calibration
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
from stages.contracts.vocabulary import NOISE, QualityIssue, Status
from stages.core import sheets
from stages.core.cluster_stability import Stability
from tests.encoded import encoded
from tests.encoder_records import CLIP, FALLBACK
from tests.frames import decisions as decision_rows
from tests.frames import labels as label_rows
from tests.pages import calibrated, judged
from tests.sheets import sheet_of

TILE = 96
LONGEST = 160
FEATURES = 96
LOOKED = {"proposed": 60, "looked_at": 60, "patience": 3_000}
MOVED = {
    "threshold": {"value": 0.6, "looser": 5, "stricter": 2},
    "threshold_pixels": {"value": 0.9, "looser": 0, "stricter": 1},
}
HOSTILE = (
    "train/cat/quote \" and ' and <b>.jpg",
    "train/cat/<script>window.broken=1<_script>.jpg",
    "train/cat/new\nline.jpg",
    "train/cat/עברית \u202eجpg.exe.jpg",
    "train/cat/party 🎉 {{ 7 * 7 }} &amp;.jpg",
    f"train/cat/{'long-' * 30}.jpg",
)
"""`<script>` in the name and, since a name holds no slash, in the label below."""
HOSTILE_LABEL = "</script><script>window.broken=1</script>"
GUESS = "<b>flat white</b> \u202eevil"
NAMED = (("astronaut", 0.9, "label"), (GUESS, 7.5, "vocabulary"), (UNNAMED, 0.0, None))
"""name, margin and source of each cluster"""
THRESHOLDS = dict.fromkeys(QualityIssue, 0.2)


@dataclass(frozen=True, eq=False)
class Shot:
    """A file: its path below the source, its pixels (None: unreadable), and what was planted."""

    path: str
    pixels: np.ndarray | None
    label: str | None = None
    split: str | None = None
    copy_of: str | None = None
    stranger: bool = False
    status: Status = Status.OK
    data: bytes = field(default=b"")

    @property
    def content_id(self) -> str:
        return digest(self.data if self.pixels is None else encoded(self.pixels))


@cache
def tiles() -> dict[str, list[np.ndarray]]:
    """Squares of each photograph that share no pixel."""
    pictures = {"astronaut": photographs.astronaut(), "coffee": photographs.coffee(), "cat": photographs.chelsea()}
    return {
        name: [
            np.ascontiguousarray(picture[y : y + TILE, x : x + TILE, :3])
            for y in range(0, picture.shape[0] - TILE + 1, TILE)
            for x in range(0, picture.shape[1] - TILE + 1, TILE)
        ][:12]
        for name, picture in pictures.items()
    }


def shots(hostile: bool = True) -> list[Shot]:
    """Everything planted."""
    found = clean()
    cat = tiles()["cat"]
    found.append(Shot("train/cat/same bytes.jpg", cat[2], "cat", "train", copy_of="train/cat/02.jpg"))
    found.append(
        Shot(
            "train/coffee/smaller.png", tiles()["coffee"][4][::2, ::2], "coffee", "train", copy_of="train/coffee/04.jpg"
        )
    )
    found.append(
        Shot(
            "train/astronaut/mirrored.jpg",
            tiles()["astronaut"][0][:, ::-1],
            "astronaut",
            "train",
            copy_of="test/astronaut/00.jpg",
        )
    )
    found.append(Shot("train/coffee/really a cat.jpg", cat[5] // 8 * 8, "coffee", "train", copy_of="train/cat/05.jpg"))
    found.append(Shot("train/coffee/night.jpg", tiles()["coffee"][7] // 12, "coffee", "train"))
    found.append(Shot("train/coffee/darker.jpg", tiles()["coffee"][8] // 20, "coffee", "train"))
    found += strangers()
    found.append(Shot("train/cat/broken.jpg", None, "cat", "train", status=Status.UNREADABLE, data=b"broken"))
    found.append(Shot("train/cat/zero.jpg", None, "cat", "train", status=Status.EMPTY))
    if hostile:
        found += [Shot(path, cat[6 + i] // 2 + 90, HOSTILE_LABEL, "train") for i, path in enumerate(HOSTILE)]
    return found


def clean(per_class: int = 12) -> list[Shot]:
    """Tiles only: every third is in test."""
    return [
        Shot(f"{split}/{name}/{i:02d}.jpg", pixels, name, split)
        for name, pictures in tiles().items()
        for i, pixels in enumerate(pictures[:per_class])
        for split in ["test" if i % 3 == 0 else "train"]
    ]


def strangers() -> list[Shot]:
    rows, columns = np.mgrid[:TILE, : TILE * 2 : 2]
    stripes = np.stack([255 * (columns // 24 % 2), 40 + 0 * rows, 255 * (rows // 24 % 2)], -1).astype(np.uint8)
    noise = np.random.default_rng(0).integers(0, 255, (TILE, TILE, 3)).astype(np.uint8)
    wide = np.tile(stripes[:32], (1, 2, 1))
    return [
        Shot(f"train/cat/stray {name}.jpg", pixels, "cat", "train", stranger=True)
        for name, pixels in {"stripes": stripes, "noise": noise, "wide": wide}.items()
    ]


def make(
    root: Path,
    found: list[Shot],
    *,
    fallback: bool = True,
    decided: tuple[dict, ...] = (),
    title: str | None = None,
    calibration: Calibration | None = None,
) -> Path:
    """Write the tables, sheets, records, decisions and params.yaml of a project that holds `found`; and export it."""
    root.mkdir(parents=True, exist_ok=True)
    made, null = frames(found)
    told = {
        IMAGES: {"skipped": {"hidden": 1, "other": 2}},
        CLUSTERS: {"quality": {"method": "hdbscan", "dbcv": 0.4321}, "stability": asdict(_stability(made["clusters"]))},
        PAIRS: {"sensitivity": MOVED, "looked": LOOKED},
        OUTLIERS: {"null": null},
    }
    for table in (IMAGES, QUALITY, CLUSTERS, CLUSTER_NAMES, PAIRS, DUPLICATES, OUTLIERS, LABELS, MAP):
        tables.write(table, made[table.name], root, told.get(table))
    _write_thumbnails(found, root)
    write_record(FALLBACK if fallback else CLIP, root)
    write_calibration(calibration or calibrated.record(), root)
    write_decisions(decision_rows(*({"content_id": "", **row} for row in decided)), root)
    thresholds = "\n".join(f"  {issue}: {value}" for issue, value in THRESHOLDS.items())
    named = f"report:\n  title: {json.dumps(title)}\n" if title else ""
    (root / "params.yaml").write_text(f"data:\n  source: photos/my cats\nmeasure:\n{thresholds}\n{named}")
    export.main(root)
    return root


def _stability(clusters: pd.DataFrame) -> Stability:
    """The first cluster is found again every time, the second hardly, and the third is too small to tell."""
    count = int(clusters["cluster"].max() + 1) if len(clusters) else 0
    return Stability(20, 23, len(clusters), [0.97, 0.52, None][:count], [20, 11, None][:count])


def frames(found: list[Shot]) -> tuple[dict[str, pd.DataFrame], dict]:
    """The tables that come before `export`, and the null of the outliers."""
    readable = [shot for shot in found if shot.pixels is not None]
    features = np.array([_features(shot.pixels) for shot in readable]).reshape(len(readable), FEATURES)
    distances = 1 - features @ features.T
    outliers, null = judged.outliers(readable, distances)
    clusters = _clusters(readable, distances)
    made = {
        "images": _images(found),
        "quality": _quality(readable),
        "clusters": clusters,
        "cluster_names": _cluster_names(readable, clusters),
        "pairs": judged.pairs(readable, distances),
        "duplicates": judged.duplicates(readable, distances),
        "outliers": outliers,
        "labels": label_rows([shot.path for shot in readable]),
        "map": pd.DataFrame(
            {
                "item_id": [item_id(shot.path) for shot in readable],
                "x": [float(shot.pixels[..., 0].mean()) for shot in readable],
                "y": [float(shot.pixels[..., 2].mean() + shot.pixels.std()) for shot in readable],
            }
        ),
    }
    return made, null


def _features(pixels: np.ndarray) -> np.ndarray:
    """Unit vector from the colours of a 4 x 4 grid, and how much they vary within its cells."""
    rows, columns = (np.linspace(0, side, 5).astype(int) for side in pixels.shape[:2])
    cells = [pixels[rows[i] : rows[i + 1], columns[j] : columns[j + 1]] for i in range(4) for j in range(4)]
    vector = np.concatenate([part for cell in cells for part in (cell.mean((0, 1)), 2 * cell.std((0, 1)))]) + 1e-3
    return vector / np.linalg.norm(vector)


def _images(found: list[Shot]) -> pd.DataFrame:
    rows = [
        {
            "item_id": item_id(shot.path),
            "path": shot.path,
            "frame": None,
            "timestamp_s": None,
            "content_id": shot.content_id,
            "bytes": len(shot.data) if shot.pixels is None else len(encoded(shot.pixels)),
            "format": None if shot.pixels is None else "PNG" if shot.path.endswith("png") else "JPEG",
            "mode": None if shot.pixels is None else "RGB",
            "width": None if shot.pixels is None else shot.pixels.shape[1],
            "height": None if shot.pixels is None else shot.pixels.shape[0],
            "label": shot.label,
            "split": shot.split,
            "status": str(shot.status),
            "reason": None if shot.pixels is not None else f"what <b>{shot.path}</b> holds is no image",
        }
        for shot in found
    ]
    return pd.DataFrame(rows, columns=IMAGES.names)


def _quality(readable: list[Shot]) -> pd.DataFrame:
    rows = []
    for shot in readable:
        grey = shot.pixels.mean(-1) / 255
        short, long = sorted(shot.pixels.shape[:2])
        scores = dict.fromkeys(QualityIssue, 0.9) | {
            QualityIssue.DARK: float(np.percentile(grey, 99)),
            QualityIssue.ODD_ASPECT: short / long,
            QualityIssue.BRIGHT: float(1 - np.percentile(grey, 5)),
        }
        rows.append(
            {
                "item_id": item_id(shot.path),
                "brightness": float(grey.mean()),
                "contrast": float(np.ptp(grey)),
                "sharpness": 0.5,
                "entropy": 5.0,
                "aspect_ratio": short / long,
                "phash": "0" * 64,
                "phash_mirrored": "0" * 64,
            }
            | {f"{issue}_score": score for issue, score in scores.items()}
            | {f"is_{issue}": score < THRESHOLDS[issue] for issue, score in scores.items()}
        )
    return pd.DataFrame(rows, columns=QUALITY.names).astype({f"is_{issue}": bool for issue in QualityIssue})


def _clusters(readable: list[Shot], distances: np.ndarray) -> pd.DataFrame:
    """Which photograph a tile is from is its cluster; strangers belong to none."""
    numbers = {name: number for number, name in enumerate(tiles())}
    own = [NOISE if shot.stranger else numbers.get(shot.label, numbers["cat"]) for shot in readable]
    rows = []
    for i, shot in enumerate(readable):
        mates = [j for j, cluster in enumerate(own) if cluster == own[i]]
        mean = float(np.clip(distances[i, mates].mean(), 0, 2))
        rows.append(
            {"item_id": item_id(shot.path), "cluster": own[i], "strength": 1 - min(mean, 1), "centroid_distance": mean}
        )
    table = pd.DataFrame(rows, columns=["item_id", "cluster", "strength", "centroid_distance"])
    first = table.sort_values(["centroid_distance", "item_id"]).drop_duplicates("cluster")
    table["is_medoid"] = table["item_id"].isin(first.loc[first["cluster"] != NOISE, "item_id"])
    return table[CLUSTERS.names]


def _cluster_names(readable: list[Shot], clusters: pd.DataFrame) -> pd.DataFrame:
    """The first is named by its label, the second by a guess that tries to break the page, the third by none."""
    contents = {item_id(shot.path): shot.content_id for shot in readable}
    medoids = clusters[clusters["is_medoid"]].set_index("cluster")["item_id"]
    sizes = clusters["cluster"].value_counts()
    rows = [
        (number, name, margin, source, int(sizes[number]), medoids[number], digest(contents[medoids[number]].encode()))
        for number, (name, margin, source) in enumerate(NAMED)
        if number in medoids
    ]
    return pd.DataFrame(rows, columns=CLUSTER_NAMES.names)


def _write_thumbnails(found: list[Shot], root: Path) -> None:
    pixels = {shot.content_id: sheets.thumbnail(shot.pixels, LONGEST) for shot in found if shot.pixels is not None}
    rows = []
    (root / SHEET_FOLDER).mkdir(parents=True, exist_ok=True)
    for name, ids in sheets.sheets_of(list(pixels)):
        sheet, cells = sheet_of([pixels[content] for content in ids], LONGEST)
        (root / SHEET_FOLDER / name).write_bytes(sheet)
        rows += [(content, name, cell.x, cell.y, cell.w, cell.h) for content, cell in zip(ids, cells, strict=True)]
    tables.write(THUMBNAILS, pd.DataFrame(rows, columns=THUMBNAILS.names), root)
