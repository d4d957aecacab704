"""A project as it is after `embed`, of a mixture's vectors and drawn pictures, for stages to run on.

There are no image files. Pictures exist as thumbnails, which are all that `deduplicate` looks at: 4,608 different ones,
drawn, in 128 sheets that many names point to, so that each content's is decoded, described and compared as a real one
would be, and the sheets are as many as real ones. Near copies have the original's picture, cropped and relit. Members
of one cluster have different pictures, as far as there are. `calibrate` needs files: its record is written as it is
where there are too few pictures. `classify` is given vectors at random for the texts.

python -m tests.benchmarks.mixture_project ROWS FOLDER
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import cv2
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
from stages.core.sheets import PLACES, encode, pack
from tests.benchmarks.mixture import COPY_SHARE, NOISE, Mixture, mixture
from tests.pictures import busy, cropped

SHIPPED = Path(__file__).resolve().parents[2]
DIM = 512
SHEETS = 128
"""Different sheets of originals; as many hold their copies."""
WIDTH, HEIGHT = 320, 240
LABEL_ERRORS = DEFECTS = 0.01
BITS_CHANGED = 12
"""of 256, between the hashes of copies."""


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
    tables.write(THUMBNAILS, _thumbnails(ids, len(drawn.originals), root / SHEET_FOLDER), root)


def _originals(n: int) -> np.ndarray:
    """Rows that have a copy: whole sheets of them, evenly spaced, so that a copy's sheet is its originals' altered."""
    wanted = max(round(COPY_SHARE * n / PLACES), 1)
    sheets = (n - wanted * PLACES) // PLACES
    chosen = np.linspace(0, sheets - 1, wanted).astype(int)
    return (chosen[:, None] * PLACES + np.arange(PLACES)).ravel()


def _images(drawn: Mixture, ids: np.ndarray) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = len(ids)
    families = np.where(drawn.families == NOISE, rng.integers(0, 50, n), drawn.families)
    labels = np.where(rng.random(n) < LABEL_ERRORS, rng.integers(0, 50, n), families)
    splits = np.where(rng.random(n) < 0.1, "test", "train")
    names = [f"kind {label:02}" for label in labels]
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
    n, copies = len(images), len(drawn.originals)
    measures = {name: rng.uniform(0.3, 0.9, n).astype(np.float32) for name in ("brightness", "contrast", "sharpness")}
    rows = pd.DataFrame({"item_id": images["item_id"], **measures, "entropy": 7.0, "aspect_ratio": HEIGHT / WIDTH})
    for name in ("phash", "phash_mirrored"):
        hashes = rng.integers(0, 256, (n, 32), dtype=np.uint8)
        flips = np.packbits(rng.random((copies, 256)) < BITS_CHANGED / 256, axis=1)
        hashes[n - copies :] = hashes[drawn.originals] ^ flips
        rows[name] = [row.tobytes().hex() for row in hashes]
    for issue in QualityIssue:
        bad = rng.random(n) < DEFECTS / len(QualityIssue)
        rows[f"{issue}_score"] = np.where(bad, 0.1, 0.9)
        rows[f"is_{issue}"] = bad
    return rows


def _thumbnails(ids: np.ndarray, copies: int, folder: Path) -> pd.DataFrame:
    """Rows of `thumbnails`; the folder is filled with sheets, most of which are another name for one of the drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    n = len(ids)
    rows = np.arange(n)
    is_copy = rows >= n - copies
    # A copy stands in the place of its original, in the sheet of the same number that holds copies.
    own = np.where(is_copy, rows - (n - copies), rows)
    numbers = np.where(is_copy, _originals(n)[own % max(copies, 1)], rows) // PLACES
    sheets = [f"{'copies' if copy else 'sheet'}-{number:06}.jpg" for number, copy in zip(numbers, is_copy, strict=True)]
    cells = _draw(folder, min(SHEETS, int(numbers.max()) + 1))
    for name in dict.fromkeys(sheets):
        kind, number = name.removesuffix(".jpg").split("-")
        (folder / name).symlink_to(f"{kind}.{int(number) % SHEETS:03}")
    places = np.array([[cells[row % PLACES].x, cells[row % PLACES].y] for row in own])
    sizes = np.array([[cells[row % PLACES].w, cells[row % PLACES].h] for row in own])
    found = {"content_id": ids, "sheet": sheets, "x": places[:, 0], "y": places[:, 1]}
    return pd.DataFrame({**found, "w": sizes[:, 0], "h": sizes[:, 1]})


def _draw(folder: Path, sheets: int) -> list:
    for number in range(sheets):
        pictures = [_picture(number * PLACES + place) for place in range(PLACES)]
        sheet, cells = pack(pictures, WIDTH)
        (folder / f"sheet.{number:03}").write_bytes(encode(sheet))
        (folder / f"copies.{number:03}").write_bytes(encode(pack([_altered(one) for one in pictures], WIDTH)[0]))
    return cells


def _picture(seed: int) -> np.ndarray:
    """As many corners as a photograph has: three drawings that show through one another."""
    layers = [busy(3 * seed + number, WIDTH, HEIGHT).astype(np.float32) for number in range(3)]
    grey = np.clip(0.5 * layers[0] + 0.35 * layers[1] + 0.15 * layers[2], 0, 255).astype(np.uint8)
    return np.stack([grey, grey // 2 + 60, 255 - grey // 2], axis=-1)


def _altered(picture: np.ndarray) -> np.ndarray:
    """Cropped by a tenth, and a little brighter; of the same size as before."""
    parts = [cv2.resize(cropped(picture[..., channel], 0.1), (WIDTH, HEIGHT)) for channel in range(3)]
    return np.clip(np.stack(parts, axis=-1) * 1.05 + 6, 0, 255).astype(np.uint8)


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
