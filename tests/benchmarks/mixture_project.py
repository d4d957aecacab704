"""A project as it is after `embed`, of a mixture's vectors and drawn pictures, for stages to run on.

There are no image files. Pictures exist as thumbnails, which are all that `deduplicate` and the pages look at
(`mixture_pictures.py`). Perceptual hashes are as near to one another as those of photographs. `calibrate` needs files:
its record is written as it is where there are too few pictures. `classify` is given vectors at random for the texts.

python -m tests.benchmarks.mixture_project ROWS FOLDER
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from stages.contracts import tables
from stages.contracts.calibration_record import Calibration, Duplicates, Mistakes, Share, write_calibration
from stages.contracts.decisions import PATH as DECISIONS
from stages.contracts.encoder_record import EncoderRecord, write_record
from stages.contracts.identity import digest, item_id
from stages.contracts.params.base import FILE
from stages.contracts.params.duplicates import DEFAULT_THRESHOLD
from stages.contracts.schemas.embeddings import Embeddings, write_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.thumbnails import SHEET_FOLDER, THUMBNAILS
from stages.contracts.vocabulary import QualityIssue
from tests.benchmarks.mixture import AT_ONCE, COPY_SHARE, NOISE, Mixture, mixture
from tests.benchmarks.mixture_pictures import HEIGHT, WIDTH, write_sheets

SHIPPED = Path(__file__).resolve().parents[2]
DIM = 512
LABEL_ERRORS = DEFECTS = 0.01
MOST_LABELS, ROWS_A_LABEL = 1_000, 100
BITS_CHANGED = 12
"""Of 256, between the hashes of copies."""
LAYOUTS, LAYOUT_BITS = 500, 63
"""Pictures that are composed alike have hashes that are alike: each is drawn around one of so many, and differs from it
in so many bits. So 6 pairs of 100,000 are within 80 bits, 45 within 90; of 1,000 photographs of clothing 7 and 45."""
ODD_COLUMNS = 0x55
"""Bits of a byte of the hash that mirroring turns."""


def write_project(n: int, root: Path) -> None:
    """Every table that `embed` and the stages before it write, for n contents of one item each."""
    (root / "data").mkdir(parents=True, exist_ok=True)
    (root / FILE).write_bytes((SHIPPED / FILE).read_bytes())
    (root / DECISIONS).write_bytes((SHIPPED / DECISIONS).read_bytes())
    drawn = mixture(n, DIM, _originals(n))
    ids = np.array([digest(f"content {number}".encode()) for number in range(n)], dtype=object)
    write_record(_encoder(), root)
    write_calibration(_calibration(), root)
    images = _images(drawn, ids)
    tables.write(IMAGES, images, root, {"params": "mixture", "skipped": {"other": 0, "hidden": 0, "closed_folders": 0}})
    tables.write(QUALITY, _quality(images, drawn), root)
    order = np.argsort(ids)
    write_embeddings(Embeddings(ids[order], drawn.vectors[order]), DIM, root, {"dim": DIM, "encoder": {}})
    copies = ids[n - len(drawn.originals) :]
    original_of = dict(zip(copies.tolist(), ids[drawn.originals].tolist(), strict=True))
    tables.write(THUMBNAILS, write_sheets(ids.tolist(), original_of, root / SHEET_FOLDER), root)


def _originals(n: int) -> np.ndarray:
    """Rows that have a copy, evenly spaced."""
    copies = max(round(COPY_SHARE * n), 1)
    return np.linspace(0, n - copies - 1, copies).astype(int)


def _images(drawn: Mixture, ids: np.ndarray) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = len(ids)
    kinds = max(min(MOST_LABELS, n // ROWS_A_LABEL), 1)
    right = np.where(drawn.clusters == NOISE, rng.integers(0, kinds, n), drawn.clusters % kinds)
    labels = np.where(rng.random(n) < LABEL_ERRORS, rng.integers(0, kinds, n), right)
    splits = np.where(rng.random(n) < 0.1, "test", "train")
    names = [f"kind {label:03}" for label in labels]
    paths = [f"{split}/{name}/{row:07}.jpg" for row, (split, name) in enumerate(zip(splits, names, strict=True))]
    return pd.DataFrame(
        {
            "item_id": [item_id(path) for path in paths],
            "path": paths,
            "frame": pd.array([None] * n, "Int32"),
            "timestamp_s": pd.array([None] * n, "Float64"),
            "content_id": ids,
            "bytes": rng.integers(20_000, 200_000, n),
            "format": "JPEG",
            "mode": "RGB",
            "width": WIDTH,
            "height": HEIGHT,
            "label": names,
            "split": splits,
            "status": "ok",
            "reason": pd.array([None] * n, "string"),
        }
    )


def _quality(images: pd.DataFrame, drawn: Mixture) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    n = len(images)
    measures = {name: rng.uniform(0.3, 0.9, n).astype(np.float32) for name in ("brightness", "contrast", "sharpness")}
    rows = pd.DataFrame({"item_id": images["item_id"], **measures, "entropy": 7.0, "aspect_ratio": HEIGHT / WIDTH})
    hashes = _hashes(n, drawn.originals, rng)
    for name, bits in (("phash", hashes), ("phash_mirrored", hashes ^ np.uint8(ODD_COLUMNS))):
        digits = bits.tobytes().hex()
        rows[name] = [digits[at : at + 64] for at in range(0, len(digits), 64)]
    for issue in QualityIssue:
        bad = rng.random(n) < DEFECTS / len(QualityIssue)
        rows[f"{issue}_score"] = np.where(bad, 0.1, 0.9)
        rows[f"is_{issue}"] = bad
    return rows


def _hashes(n: int, originals: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n, 32) uint8, the last of them a few bits from those of the originals."""
    layouts = rng.integers(0, 256, (LAYOUTS, 32), dtype=np.uint8)
    hashes = layouts[rng.integers(0, LAYOUTS, n)] ^ _flips(n, LAYOUT_BITS, rng)
    hashes[n - len(originals) :] = hashes[originals] ^ _flips(len(originals), BITS_CHANGED, rng)
    return hashes


def _flips(n: int, bits: int, rng: np.random.Generator) -> np.ndarray:
    found = np.empty((n, 32), np.uint8)
    for start in range(0, n, AT_ONCE):
        part = rng.random((len(found[start : start + AT_ONCE]), 256), np.float32) < bits / 256
        found[start : start + AT_ONCE] = np.packbits(part, axis=1)
    return found


def _encoder() -> EncoderRecord:
    told = {"kind": "clip", "source": "hub", "model": "a mixture", "requested": "a mixture", "revision": "0" * 40}
    weights = {"weights_sha256": "0" * 64, "weights_format": "safetensors", "dim": DIM, "input_size": 224}
    return EncoderRecord(**told, **weights, licence="none", is_fallback=False, why="Vectors are drawn.")


def _calibration() -> Calibration:
    none = Share(n=0, found=0, share=None, low=None, high=None, enough=False)
    threshold = {"threshold": DEFAULT_THRESHOLD, "default": DEFAULT_THRESHOLD, "source": "too_few", "why": "No files."}
    shares = {"recall": none, "precision": none, "precision_at_most": none}
    trials = {"transforms": [], "mistakes": Mistakes(pictures=[], levels=[], above=[]), "unconfirmed": []}
    copies = Duplicates(**threshold, **shares, **trials, curve=[], negatives=0)
    asked = {"encoder": "a mixture", "sample": 0, "seed": 0, "precision": 0.99, "params": "", "inputs": {}}
    return Calibration(**asked, duplicates=copies, quality=[], outliers=None)


if __name__ == "__main__":
    target = Path(sys.argv[2])
    shutil.rmtree(target, ignore_errors=True)
    write_project(int(sys.argv[1]), target)
