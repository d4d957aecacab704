"""A small project as a finished run leaves it: every table says what it was made from.

Four training images and a test image; `leaks` makes a training image a copy of the test image, and so on. The
pipeline is a short one, so that it stays what it is when the product gets further stages.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from stages.contracts import decisions, tables
from stages.contracts.encoder_record import EncoderRecord, write_record
from stages.contracts.identity import digest_of
from stages.contracts.params.sections import load_all
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.embeddings import Embeddings, write_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.verdicts import VERDICTS
from stages.contracts.tables import Table, origin
from tests import frames
from tests.encoder_records import FALLBACK

PIPELINE = """
stages:
  ingest: {cmd: x, params: [data], outs: [data/images.parquet]}
  measure: {cmd: x, params: [measure], outs: [data/quality.parquet, data/thumbnails]}
  fetch: {cmd: x, params: [encoder], outs: [data/encoder.json]}
  embed: {cmd: x, params: [embed], outs: [data/embeddings.parquet]}
  cluster: {cmd: x, params: [cluster], outs: [data/clusters.parquet]}
  deduplicate: {cmd: x, params: [duplicates, export.protect], outs: [data/pairs.parquet, data/duplicates.parquet]}
  score: {cmd: x, params: [outliers], outs: [data/outliers.parquet]}
  index: {cmd: x, params: [index], outs: [data/index.lance: {persist: true}]}
  export:
    cmd: x
    params: [export]
    outs: [data/verdicts.parquet, data/export]
    metrics: [reports/metrics.json: {cache: false}]
  report: {cmd: x, params: [report, data.source], outs: [reports/index.html]}
"""
TRAIN = tuple(f"train/cat/{number}.jpg" for number in range(4))
TEST = "test/cat/0.jpg"
LENIENT = """check:
  undecided: null
"""
RECORD = FALLBACK.model_copy(update={"dim": 4})


def make(
    root: Path,
    params: str = LENIENT,
    *,
    train: tuple[str, ...] = TRAIN,
    leaks: int = 0,
    outliers: int = 0,
    flagged: int = 0,
    shift: float = 0.0,
    record: EncoderRecord = RECORD,
    null: dict | None = None,
) -> Path:
    """Write params.yaml, dvc.yaml, every table, the encoder's record, the decisions and metrics.json.

    Parameters
    ----------
    leaks, outliers, flagged : how many training images are copies of the test image, outliers, flagged as dark.
    shift : is added to the first number of every vector.  record : of the encoder.
    null : what `score` says of its null distribution.
    """
    root.mkdir(parents=True, exist_ok=True)
    (root / "params.yaml").write_text(params, encoding="utf-8")
    (root / "dvc.yaml").write_text(PIPELINE)
    paths = [*train, TEST]
    images = frames.images(
        *({"path": path, "label": "cat", "split": "test" if path == TEST else "train"} for path in paths)
    )
    copies = frames.pairs(*((path, TEST, "near", 0.9) for path in train[:leaks]))
    groups = [{TEST: None} | dict.fromkeys(train[:leaks], "near")] if leaks else []
    _write(root, IMAGES, images, "data", [])
    _write(root, QUALITY, frames.quality(paths, dark=list(train[:flagged])), "measure", [IMAGES.path])
    write_record(record, root)
    _write_vectors(root, images, shift, record)
    _write(root, CLUSTERS, images.assign(cluster=0), "cluster", [IMAGES.path, "data/embeddings.parquet"])
    protect = list(load_all(root)["export"].protect)
    for table, rows in ((PAIRS, copies), (DUPLICATES, frames.duplicates(*groups))):
        _write(root, table, rows, "duplicates", [IMAGES.path, QUALITY.path, "data/embeddings.parquet"], protect=protect)
    _write(root, OUTLIERS, frames.outliers(paths, train[:outliers]), "outliers", [DUPLICATES.path], null=null)
    _export(root, images, set(train[:flagged]))
    return root


def _export(root: Path, images: pd.DataFrame, flagged: set[str]) -> None:
    metrics = {"images": len(images)}
    (root / "reports").mkdir(exist_ok=True)
    (root / "reports/metrics.json").write_text(json.dumps(metrics))
    (root / decisions.PATH).write_text(",".join(decisions.COLUMNS) + "\n")
    rules = ["dark" if path in flagged else None for path in images["path"]]
    verdicts = images.assign(verdict="keep", rule=rules, original_label=images["label"])
    inputs = [IMAGES.path, DUPLICATES.path, OUTLIERS.path, decisions.PATH]
    _write(root, VERDICTS, verdicts, "export", inputs, metrics=digest_of(metrics))


def _write_vectors(root: Path, images: pd.DataFrame, shift: float, record: EncoderRecord) -> None:
    ids = np.array(sorted(images["content_id"]), object)
    vectors = np.random.default_rng(0).normal(size=(len(ids), 4))
    vectors[:, 0] += shift
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    provenance = origin(load_all(root)["embed"], [IMAGES.path], root, dim=4, encoder=record.model_dump())
    write_embeddings(Embeddings(ids, vectors.astype(np.float32)), 4, root, provenance)


def _write(root: Path, table: Table, rows: pd.DataFrame, section: str, inputs: list[str], **more: object) -> None:
    tables.write(table, filled(table, rows), root, origin(load_all(root)[section], inputs, root, **more))


def filled(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """The declared columns; those that `rows` lacks hold nothing in particular."""
    full = rows.reset_index(drop=True)
    for column in table.columns:
        if column.name not in full:
            full[column.name] = pd.Series([_nothing(column)] * len(full), dtype=object)
    return full[table.names]


def _nothing(column: tables.Column) -> object:
    if column.nullable:
        return None
    if pa.types.is_boolean(column.type):
        return False
    if pa.types.is_list(column.type):
        return []
    if pa.types.is_string(column.type):
        return column.values[0] if column.values else "x"
    return max(column.low or 0, 0)
