"""A project in Git whose tables DVC keeps, made by hand: `dvc.lock` and the cache as DVC writes them.

What a table says follows from the pixels of `tests.pages.dataset`, the vectors too, so that rows which are mixed up
are found out.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from hashlib import md5
from pathlib import Path

import numpy as np

from stages.contracts.schemas.embeddings import Embeddings, write_embeddings
from stages.core import sheets
from tests.encoder_records import CLIP, FALLBACK
from tests.pages import dataset
from tests.pages.dataset import Shot

OUTS = ("images", "quality", "thumbnails", "clusters", "verdicts", "embeddings")
SIDE = 4
DIM = SIDE * SIDE * 3
HAT, GONE, SAVED = "train/cat/05.jpg", "train/coffee/10.jpg", "train/cat/04.jpg"


def project(root: Path, shots: list[Shot], *, fallback: bool = False, decided: tuple[dict, ...] = ()) -> Path:
    """Every table of a project, as a run of it would leave them."""
    shutil.rmtree(root / "data", ignore_errors=True)
    dataset.make(root, shots, fallback=fallback, decided=decided)
    readable = {shot.content_id: shot.pixels for shot in shots if shot.pixels is not None}
    ids = np.array(sorted(readable), dtype=object)
    vectors = np.array([vector(readable[content]) for content in ids], np.float32).reshape(-1, DIM)
    record = (FALLBACK if fallback else CLIP).model_dump()
    write_embeddings(Embeddings(ids, vectors), DIM, root, {"encoder": record, "dim": DIM})
    (root / "dvc.yaml").write_text("stages: {}\n")
    return root


def changed(root: Path) -> Path:
    """A project with one commit, whose working tree has gone on: nearly every kind of change there is."""
    project(root, dataset.clean())
    commit(root, "the <b>first</b> run")
    dropped = {"path": "train/astronaut/01.jpg", "decision": "drop"}
    relabelled = {"path": HAT, "decision": "relabel", "label": "hat"}
    return project(root, _later(dataset.clean()), decided=(dropped, relabelled))


def vector(pixels: np.ndarray) -> np.ndarray:
    """Unit vector (DIM,) of a picture: the colours of a coarse grid."""
    small = sheets.thumbnail(pixels, 64)
    rows, columns = (np.linspace(0, side, SIDE + 1).astype(int) for side in small.shape[:2])
    cells = [small[rows[i] : rows[i + 1], columns[j] : columns[j + 1]] for i in range(SIDE) for j in range(SIDE)]
    flat = np.concatenate([cell.mean((0, 1)) + 1 for cell in cells])
    return flat / np.linalg.norm(flat)


def git(root: Path, *arguments: str) -> str:
    """Run Git as a person without a name of their own."""
    who = ["-c", "user.name=ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(root), *who, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(root: Path, message: str = "a run") -> str:
    """Commit the project as it stands, its tables into DVC's cache; returns the commit."""
    if not (root / ".git").exists():
        git(root, "init", "--quiet", "--initial-branch=main")
        (root / ".dvc").mkdir()
        (root / ".dvc" / "config").write_text("[core]\n    analytics = false\n")
        (root / ".gitignore").write_text("/data\n/.dvc/cache\n/reports/adhoc\n")
    lock(root)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", message, "--date", "2026-02-03T12:00:00Z")
    return git(root, "rev-parse", "HEAD")


def lock(root: Path) -> None:
    """`dvc.lock` and the cache, from what lies in `data/`."""
    outs = [_kept(root, path) for path in [*(f"data/{name}.parquet" for name in OUTS), "data/encoder.json"]]
    outs.append(_kept_folder(root, "data/thumbnails"))
    stages = {"run": {"cmd": "python -m run", "outs": [out for out in outs if out]}}
    (root / "dvc.lock").write_text(json.dumps({"schema": "2.0", "stages": stages}))  # JSON is YAML


def cached(root: Path, digest: str) -> Path:
    return root / ".dvc" / "cache" / "files" / "md5" / digest[:2] / digest[2:]


def _kept(root: Path, path: str) -> dict | None:
    if not (root / path).exists():
        return None
    return {"path": path, "hash": "md5", "md5": _store(root, (root / path).read_bytes())}


def _kept_folder(root: Path, path: str) -> dict:
    files = sorted((root / path).rglob("*.jpg"))
    listing = [{"md5": _store(root, file.read_bytes()), "relpath": file.name} for file in files]
    digest = _store(root, json.dumps(listing).encode(), ".dir")
    return {"path": path, "hash": "md5", "md5": digest, "nfiles": len(files)}


def _store(root: Path, data: bytes, ending: str = "") -> str:
    digest = md5(data).hexdigest() + ending
    cached(root, digest).parent.mkdir(parents=True, exist_ok=True)
    cached(root, digest).write_bytes(data)
    return digest


def _later(shots: list[Shot]) -> list[Shot]:
    """One gone, one renamed, one in another split, one saved anew, and new ones, some with names that hurt."""
    shots = [shot for shot in shots if shot.path != GONE]
    at = {shot.path: i for i, shot in enumerate(shots)}
    for path, change in (
        ("train/cat/01.jpg", {"path": "train/cat/first.jpg"}),
        ("train/cat/02.jpg", {"path": "test/cat/02.jpg", "split": "test"}),
        (SAVED, {"pixels": 255 - shots[at[SAVED]].pixels}),
    ):
        shots[at[path]] = replace(shots[at[path]], **change)
    coffee, cat = dataset.tiles()["coffee"], dataset.tiles()["cat"]
    hostile = [Shot(path, coffee[i] // 2 + 60, "coffee", "train") for i, path in enumerate(dataset.HOSTILE)]
    return [*shots, *dataset.strangers(), *hostile, Shot("train/cat/=1+1.jpg", cat[7] // 3, "cat", "train")]
