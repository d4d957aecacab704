"""Where the yardstick works: pictures as files, and sets of them on which the pipeline's own stages run.

All that is planted lies in one folder below `.winnow/bench-quality`, a set is a list of its files with the labels
that the set gives them, and every set shares one cache, so that a picture is measured and embedded once however many
sets it is in. `ingest` reads the folder once, and `calibrate` measures the untouched pictures once; the stages behind
them run on each set as they run for a user.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from ruamel.yaml import YAML

from stages.contracts import tables
from stages.contracts.calibration_record import PATH as CALIBRATION
from stages.contracts.errors import ImageError, WinnowError
from stages.contracts.identity import digest, digest_of
from stages.contracts.params.base import FILE
from stages.contracts.schemas.embeddings import Embeddings, read_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.vocabulary import Status
from stages.core.folders import places
from stages.core.pixels import decode
from stages.core.tiling import stream
from stages.engines.local import in_parallel, worker_count
from stages.sources.folder import walk
from tests.benchmarks import foreign
from tests.benchmarks.copies import SAVED, Saved, saved

PROJECT = Path(__file__).resolve().parents[2]
HOME = ".winnow/bench-quality"
CALIBRATED = {"deduplicate", "score"}
BEFORE_CALIBRATE = ("measure", "embed", "connect", "cluster", "calibrate")
MOST_ORIGINALS = 1000
SEEDS_FROM = 1000
"""Seeds of the yardstick start here; whatever is tuned is tuned on smaller ones."""


@dataclass(frozen=True)
class Wanted:
    """A file to be planted: its path without the suffix, which its making decides, and how it is made."""

    stem: str
    make: Callable[[], Saved]


class Bench:
    """The pictures of one folder, and what is planted among them.

    Parameters
    ----------
    folder : images in class folders, or None for the demo's clean images.
    size : longer side that every picture is made small to first, pixels; None leaves them as they are.
    encoder : what `encoder.model` is to be.
    """

    def __init__(
        self, folder: Path | None, size: int | None = None, encoder: str = "packaged", project: Path = PROJECT
    ) -> None:
        self.size = size
        self.encoder = encoder
        self.project = project
        self.is_demo = folder is None
        name = "demo" if folder is None else folder.resolve().name
        self.home = project / HOME / f"{name}-{digest_of([str(folder and folder.resolve()), size])[:8]}"
        self.files = self.home / "files"
        self.originals = self._originals(folder)
        self._listed: pd.DataFrame | None = None

    # Pictures

    def image(self, path: str) -> Image.Image:
        """A picture of `files`, in colour."""
        return Image.fromarray(decode((self.files / path).read_bytes()))

    def plant(self, wanted: Iterable[Wanted]) -> list[str]:
        """Make the files that are not there yet; returns the paths of all, in order."""
        paths = [path for _, path in in_parallel(self._planted, wanted, worker_count(None))]
        if self._listed is not None and not set(paths) <= set(self._listed["path"]):
            self._listed = None
        return paths

    def foreign(self) -> pd.DataFrame:
        """Foreign pictures: `path` and `photograph`, which is the same for parts of one photograph."""
        rows, wanted = [], []
        for photograph, part, image in foreign.pictures(not self.is_demo):
            rows.append(photograph)
            stem = f"foreign/{photograph}/{part}"
            wanted.append(Wanted(stem, lambda image=image: saved(self._reduced(image), "PNG")))
        return pd.DataFrame({"path": self.plant(wanted), "photograph": rows})

    # Sets

    def run(self, rows: pd.DataFrame, stages: Sequence[str], name: str = "set", **params: dict) -> Path:
        """Run stages of the pipeline on a set of files.

        Parameters
        ----------
        rows : `path`, `label` and `split` of each; null for none.
        stages : their names, in order; `fetch` comes first by itself.
        name : of the folder that the set's tables are written to; what was there is gone.
        params : values of sections of params.yaml that differ from the project's.

        Returns
        -------
        The root that the tables are under.
        """
        listed = self._images().drop(columns=["label", "split"])
        images = listed.merge(rows[["path", "label", "split"]], on="path", validate="one_to_one")
        root = self.home / name
        self._prepare(root, params)
        tables.write(IMAGES, images, root)
        self.go_on(root, ["fetch"])
        if not CALIBRATED.isdisjoint(stages):
            shutil.copy(self._calibration, root / CALIBRATION)
        self.go_on(root, stages)
        return root

    def go_on(self, root: Path, stages: Sequence[str]) -> None:
        """Run stages on a set that is there, silently."""
        for stage in stages:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                importlib.import_module(f"stages.{stage}").main(root)

    def vectors(self, paths: Sequence[str], root: Path) -> np.ndarray:
        """(n, d) embeddings of files of a set, in the order of the paths."""
        found: Embeddings = read_embeddings(root)
        contents = tables.read(IMAGES, root).set_index("path")["content_id"]
        return found.vectors[found.rows_of(contents.loc[list(paths)].to_numpy(dtype=object))]

    @cached_property
    def _calibration(self) -> Path:
        """What `calibrate` finds on the untouched pictures."""
        untouched = self.originals.assign(split=None)
        return self.run(untouched, BEFORE_CALIBRATE, "calibration") / CALIBRATION

    def _images(self) -> pd.DataFrame:
        """What `ingest` says of every file that is planted so far."""
        if self._listed is None:
            pool = self.home / "pool"
            self._prepare(pool, {})
            self.go_on(pool, ["ingest"])
            self._listed = tables.read(IMAGES, pool)
        return self._listed

    def _prepare(self, root: Path, params: dict) -> None:
        shutil.rmtree(root / "data", ignore_errors=True)
        (root / "data").mkdir(parents=True)
        cache = self.home / "cache"
        cache.mkdir(exist_ok=True)
        if not (root / ".winnow").exists():
            (root / ".winnow").symlink_to(cache, target_is_directory=True)
        content = YAML(typ="safe").load((self.project / FILE).read_text(encoding="utf-8"))
        changes = {"data": {"source": str(self.files)}, "encoder": {"model": self.encoder}, **params}
        for section, values in changes.items():
            content[section] = {**(content.get(section) or {}), **values}
        with (root / FILE).open("w", encoding="utf-8") as file:
            YAML().dump(content, file)

    # Originals

    def _originals(self, folder: Path | None) -> pd.DataFrame:
        """`path` and `label` of the untouched pictures; each content once, at most `MOST_ORIGINALS`."""
        (self.home / "files").mkdir(parents=True, exist_ok=True)
        found = self._demo() if folder is None else self._sampled(folder)
        rows, seen = [], set()
        for path, label, original in found:
            try:
                data = self._original(original)
            except ImageError:
                continue
            if data is None or digest(data.data) in seen:
                continue
            seen.add(digest(data.data))
            name = f"originals/{path}" + (data.suffix if self.size else "")
            self._write(name, data)
            rows.append((name, label))
        if not rows:
            raise WinnowError("no image to plant anything in", where=folder, do="make bench-quality FOLDER=...")
        return pd.DataFrame(rows, columns=["path", "label"]).sort_values("path", ignore_index=True)

    def _original(self, data: bytes | Path) -> Saved | None:
        """The file as it is, or made small; None for one with next to no pixels."""
        content = data if isinstance(data, bytes) else data.read_bytes()
        pixels = decode(content)
        if max(pixels.shape[:2]) < 8:
            return None
        if self.size is None:
            suffix = ".jpg" if isinstance(data, bytes) else data.suffix
            return Saved(content, suffix)
        return saved(self._reduced(Image.fromarray(pixels)), "PNG")

    def _reduced(self, image: Image.Image) -> Image.Image:
        image = image.convert("RGB")
        if self.size:
            image.thumbnail((self.size, self.size), Image.Resampling.LANCZOS)
        return image

    def _sampled(self, folder: Path) -> Iterable[tuple[str, str | None, Path]]:
        paths = [file.path for file in walk(folder).files]
        chosen = sorted(stream(0, "originals").permutation(len(paths))[:MOST_ORIGINALS])
        labels = [place.label for place in places(paths)]
        return [(paths[row], labels[row], folder / paths[row]) for row in chosen]

    def _demo(self) -> Iterable[tuple[str, str | None, bytes]]:
        """The clean images that the demo would be made of, as params.yaml has it."""
        from stages import demo
        from stages.contracts.params.base import load
        from stages.contracts.params.demo import Params
        from stages.sources.photographs import CLASSES, STRAYS, photograph

        photographs, strays = ({name: photograph(path) for name, path in of.items()} for of in (CLASSES, STRAYS))
        files, truth = demo.run(photographs, strays, load(Params, "demo", self.project))
        clean = truth[truth["kind"] == "clean"]
        return [(row.path, row.label, files[row.path]) for row in clean.itertuples()]

    def _planted(self, wanted: Wanted) -> str:
        for suffix in SAVED.values():
            if (self.files / (wanted.stem + suffix)).exists():
                return wanted.stem + suffix
        made = wanted.make()
        self._write(wanted.stem + made.suffix, made)
        return wanted.stem + made.suffix

    def _write(self, name: str, data: Saved) -> None:
        path = self.files / name
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".partial")
        partial.write_bytes(data.data)
        partial.replace(path)


def readable(images: pd.DataFrame) -> pd.DataFrame:
    return images[images["status"] == Status.OK]


def recipe(*modules: object) -> str:
    """Short id of what the given modules plant, so that files of an older recipe are not taken for this one's."""
    return digest("".join(Path(module.__file__).read_text(encoding="utf-8") for module in modules).encode())[:6]
