"""A project of its own in a temporary folder, in which the real stages run on so many of its images."""

from __future__ import annotations

import contextlib
import importlib
import io
import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from ruamel.yaml import YAML

from stages.contracts import tables
from stages.contracts.encoder_record import read_record
from stages.contracts.params import machine
from stages.contracts.params.base import FILE
from stages.contracts.schemas.images import IMAGES
from stages.contracts.vocabulary import Status
from stages.encoders.interface import Encoder
from stages.encoders.opening import open_encoder
from stages.engines.shards import CACHE

SHIPPED = Path(__file__).resolve().parents[2]
PHOTOS = "photos"


class TrialProject:
    """Images in `root`/photos, and an encoder; `ingest` and `fetch` have run.

    Attributes
    ----------
    images : rows of the images table, readable ones, each content once.
    """

    def __init__(self, root: Path, encoder: str) -> None:
        self.root = root
        params = YAML(typ="safe").load((SHIPPED / FILE).read_text(encoding="utf-8"))
        params["data"] = {**params["data"], "source": PHOTOS}
        params["encoder"] = {"model": encoder, "fallback": None}
        params["machine"] = {**params["machine"], "device": "cpu"}
        with (root / FILE).open("w", encoding="utf-8") as file:
            YAML().dump(params, file)
        self.run("ingest", "fetch")
        found = tables.read(IMAGES, root)
        self.images = found[found["status"] == Status.OK].drop_duplicates("content_id").reset_index(drop=True)

    def show(self, images: pd.DataFrame) -> None:
        """Let later stages know of these images only."""
        tables.write(IMAGES, images, self.root)

    def forget(self) -> None:
        """Nothing is measured or embedded yet; what `embed` chose to run the encoder with stays."""
        shutil.rmtree(self.root / CACHE, ignore_errors=True)

    def run(self, *stages: str) -> None:
        """Run stages through their own main functions, silently."""
        for stage in stages:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                importlib.import_module(f"stages.{stage}").main(self.root)

    def encoder(self) -> Encoder:
        return open_encoder(read_record(self.root), self.root, "auto", machine.Params(device="cpu"))

    def paths(self, images: pd.DataFrame) -> Sequence[Path]:
        return [self.root / PHOTOS / path for path in images["path"]]
