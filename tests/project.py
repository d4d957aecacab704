"""A small project in a folder, whose stages run in this process through their own main functions."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages import calibrate, measure
from stages.calibration import effort
from stages.contracts.decisions import PATH as DECISIONS
from stages.contracts.encoder_record import write_record
from stages.core.content_sample import sample
from tests.colours import ENCODER, Colours
from tests.imports import ROOT

SAMPLE = 2
"""Pictures that calibration alters, so that who is among them changes as images come and go."""
ENCODING = ("embed", "calibrate", "classify")
"""Stages that open the encoder."""


@contextlib.contextmanager
def fake_encoder() -> Iterator[None]:
    """Every stage works with `Colours`, and calibration plants next to nothing."""
    with pytest.MonkeyPatch.context() as patch:
        for stage in (measure, calibrate):
            patch.setattr(stage, "sample", lambda content_ids, seed, _: sample(content_ids, seed, SAMPLE))
        patch.setattr(effort, "FEWEST_SPOILT", 1)
        patch.setattr(effort, "FEWEST_COPIES", 1)
        for stage in ENCODING:
            patch.setattr(importlib.import_module(f"stages.{stage}"), "open_encoder", lambda *_: Colours())
        yield


class Project:
    """A folder with params and an encoder, beside the folder of images that it reads.

    Parameters
    ----------
    params : further sections of params.yaml, as YAML.
    """

    def __init__(self, root: Path, source: Path, params: str = "") -> None:
        self.root = root
        (root / "data").mkdir(parents=True)
        where = source.relative_to(root.parent)
        (root / "params.yaml").write_text(f"data: {{source: ../{where}}}\nmachine: {{workers: 2}}\n{params}")
        (root / DECISIONS).write_bytes((ROOT / DECISIONS).read_bytes())
        write_record(ENCODER, root)

    def run(self, *stages: str) -> None:
        with fake_encoder(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for stage in stages:
                importlib.import_module(f"stages.{stage}").main(self.root)

    def hashes(self) -> dict[str, str]:
        """Every file below `data`, by what is in it."""
        paths = sorted(path for path in (self.root / "data").rglob("*") if path.is_file())
        return {path.relative_to(self.root).as_posix(): hashlib.md5(path.read_bytes()).hexdigest() for path in paths}
