"""The whole pipeline as a user runs it: a clone, a folder of photos, `dvc repro`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageEnhance, ImageOps
from skimage import data as photos

from tests.imports import ROOT

TILE = 128
CLASSES = {"astronaut": photos.astronaut, "coffee": photos.coffee, "cat": photos.chelsea}


def tiles(name: str) -> list[Image.Image]:
    """Disjoint squares of one photograph that ships with scikit-image."""
    picture = CLASSES[name]()[..., :3]
    rows, columns = picture.shape[0] // TILE, picture.shape[1] // TILE
    squares = picture[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE, 3).swapaxes(1, 2)
    return [Image.fromarray(np.ascontiguousarray(square)) for square in squares.reshape(-1, TILE, TILE, 3)[:9]]


CLEAN = sum(len(tiles(name)) for name in CLASSES)


def make_source(folder: Path) -> None:
    """Clean tiles, and next to them copies, a leak, a stranger and a broken file."""
    for name in CLASSES:
        for number, tile in enumerate(tiles(name)):
            split = "test" if number % 3 == 0 else "train"
            path = folder / split / name / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            tile.save(path)
    shutil.copy(folder / "train/cat/1.png", folder / "train/cat/same bytes.png")
    ImageEnhance.Brightness(Image.open(folder / "train/coffee/1.png")).enhance(1.2).save(
        folder / "train/coffee/brighter.jpg", quality=85
    )
    ImageOps.mirror(Image.open(folder / "test/astronaut/0.png")).save(
        folder / "train/astronaut/mirrored leak.jpg", quality=90
    )
    (folder / "train/cat/broken.jpg").write_bytes((folder / "train/coffee/brighter.jpg").read_bytes()[:1500])
    (folder / "train/cat/notes.txt").write_text("no image")


def clone(folder: Path, source: Path) -> Path:
    """What Git has of this project, as it is in the working tree, pointed at `source`."""
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    for name in filter(None, files):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    # A committed lock would let DVC say that outs are missing from its cache; a first run makes its own.
    (folder / "dvc.lock").unlink(missing_ok=True)
    run(folder, "git", "init", "--quiet")
    run(folder, sys.executable, "-m", "stages.cli", "use", str(source))
    # As few pictures altered as may be: what they tell is tested in test_calibrate, and each costs half a second.
    params = folder / "params.yaml"
    params.write_text(params.read_text().replace("  sample: 64", "  sample: 30"))
    return folder


def run(folder: Path, *command: str, fails: bool = False) -> str:
    """Run a command in a project; gives what it printed."""
    # `python` in dvc.yaml must be this one, and `stages` the clone's.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(folder), "HF_HUB_OFFLINE": "1", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    printed = done.stdout + done.stderr
    assert (done.returncode != 0) == fails, printed
    return printed


def repro(folder: Path, *more: str) -> str:
    return run(folder, sys.executable, "-m", "dvc", "repro", *more)


def hashes(folder: Path) -> dict[str, str]:
    """Every file below `folder`, by what is in it; the index apart, which is compared by what it finds."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and "index.lance" not in path.parts)
    return {path.relative_to(folder).as_posix(): hashlib.md5(path.read_bytes()).hexdigest() for path in paths}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    make_source(folder)
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, source: Path) -> Iterator[Path]:
    folder = clone(tmp_path_factory.mktemp("first"), source)
    before = hashes(source)
    repro(folder)
    yield folder
    assert hashes(source) == before, "a source file was changed"


def metrics(project: Path) -> dict:
    return json.loads((project / "reports/metrics.json").read_text())


def removed(project: Path) -> pd.DataFrame:
    return pd.read_csv(project / "data/export/removed.csv").set_index("path")


def test_what_was_planted_is_found(project: Path) -> None:
    gone = removed(project)["rule"].to_dict()
    assert gone["train/cat/broken.jpg"] == "unreadable"
    assert gone["train/astronaut/mirrored leak.jpg"] == "leak"
    assert "near_duplicate" in (gone.get("train/coffee/brighter.jpg"), gone.get("train/coffee/1.png"))
    assert "exact_duplicate" in (gone.get("train/cat/same bytes.png"), gone.get("train/cat/1.png"))
    assert len(gone) == 4, "a clean tile was removed"


def test_every_number_adds_up(project: Path) -> None:
    counted = metrics(project)
    kept = pd.read_csv(project / "data/export/keep.csv")
    assert counted["images"] == CLEAN + 4
    assert counted["readable"] == CLEAN + 3
    assert counted["leaks"] == 1
    assert counted["kept"] == len(kept) == len(pd.read_parquet(project / "data/export/keep.parquet"))
    assert counted["kept"] + sum(counted["removed"].values()) == counted["images"]
    assert counted["skipped"]["other"] == 1
    assert set(kept["path"]) & set(removed(project).index) == set()
    assert set(kept["label"]) == set(CLASSES)


def test_metrics_and_plots_show(project: Path) -> None:
    assert "near_duplicate_images" in run(project, sys.executable, "-m", "dvc", "metrics", "show")
    run(project, sys.executable, "-m", "dvc", "plots", "show")


def test_the_summary_is_five_lines_and_a_link(project: Path) -> None:
    lines = run(project, sys.executable, "-m", "stages.cli", "summary").splitlines()
    assert len(lines) == 6
    assert lines[-1].endswith("reports/index.html")


def test_the_gate_tells_what_was_planted_and_refuses_stale_tables(project: Path) -> None:
    told = run(project, sys.executable, "-m", "stages.cli", "check", fails=True)
    assert "train/astronaut/mirrored leak.jpg" in told
    assert "rules are broken" in told
    params = project / "params.yaml"
    shipped = params.read_text()
    try:
        params.write_text(shipped.replace("method: hdbscan", "method: kmeans"))
        told = run(project, sys.executable, "-m", "stages.cli", "check", fails=True)
        assert "stage cluster (data/clusters.parquet): section cluster of params.yaml changed" in told
    finally:
        params.write_text(shipped)


def test_the_doctor_says_what_the_data_folder_holds(project: Path) -> None:
    told = run(project, sys.executable, "-m", "stages.cli", "doctor")
    assert "packaged" in told
    assert "images" in told


def test_the_same_input_gives_the_same_bytes(project: Path, source: Path, tmp_path: Path) -> None:
    again = clone(tmp_path / "second", source)
    repro(again)
    for folder in ("data", "reports"):
        assert hashes(again / folder) == hashes(project / folder)


def test_with_nothing_changed_nothing_is_made_again(project: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (project / "reports").rglob("*.html")}
    told = repro(project)
    assert {path: path.stat().st_mtime_ns for path in (project / "reports").rglob("*.html")} == before
    for stage in ("measure", "embed", "connect", "cluster", "deduplicate", "score", "project", "export", "report"):
        assert f"Stage '{stage}' didn't change, skipping" in told


def test_another_clustering_embeds_and_connects_nothing_anew(project: Path) -> None:
    params = project / "params.yaml"
    shipped = params.read_text()
    try:
        params.write_text(shipped.replace("method: hdbscan", "method: kmeans"))
        told = repro(project)
        assert "Running stage 'cluster'" in told
        for stage in ("measure", "embed", "connect"):
            assert f"Stage '{stage}' didn't change, skipping" in told
        assert metrics(project)["noise_fraction"] == 0
    finally:
        params.write_text(shipped)


def test_a_decision_is_obeyed(project: Path) -> None:
    images = pd.read_parquet(project / "data/images.parquet").set_index("path")
    row = images.loc["train/cat/2.png"]
    decisions = project / "data/decisions.csv"
    header = decisions.read_text()
    try:
        decisions.write_text(
            f"{header}{row['item_id']},{row['content_id']},train/cat/2.png,,drop,,ugly,ann,2026-01-01T00:00:00Z\n"
        )
        told = repro(project)
        assert "> python -m stages.score" not in told
        assert removed(project).loc["train/cat/2.png", "detail"] == "dropped by ann: ugly"
    finally:
        decisions.write_text(header)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("source", "/no/such/folder", "data.source"),
        ("labels", "folder", "data.labels"),
        ("max_pixel", "1000000", "max_pixels"),
    ],
)
def test_a_users_mistake_is_told_without_a_traceback(project: Path, key: str, value: str, said: str) -> None:
    params = project / "params.yaml"
    shipped = params.read_text()
    try:
        lines = [line for line in shipped.splitlines() if not line.startswith(f"  {key}:")]
        lines.insert(lines.index(next(line for line in lines if line.startswith("data:"))) + 1, f"  {key}: {value}")
        params.write_text("\n".join(lines) + "\n")
        told = run(project, sys.executable, "-m", "dvc", "repro", fails=True)
        assert said in told
        assert "do this:" in told
        assert "Traceback" not in told
    finally:
        params.write_text(shipped)
