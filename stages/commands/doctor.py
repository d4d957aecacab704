"""`winnow doctor`: what this machine has, which encoder would be used and why, what the data folder holds."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pyarrow.parquet as pq

from stages.contracts.decisions import read_decisions
from stages.contracts.encoder_record import read_record
from stages.contracts.errors import SetupError, TableError, WinnowError
from stages.contracts.params.base import FILE
from stages.contracts.params.data import Params as DataParams
from stages.contracts.params.sections import load_all
from stages.sources.folder import folder_of

PACKAGES = ("torch", "transformers", "openvino", "scikit-learn", "scranpy", "faiss-cpu", "bokeh", "dvc")
DEMO = "data/demo"
LEAST_FREE_GB = 1.0


def preflight(root: Path = Path()) -> list[str]:
    """Check params and set-up before a run; one line when all is well.

    Raises
    ------
    WinnowError : the first thing that would stop the run.
    """
    sections = load_all(root)
    for needed in ("dvc.yaml", ".dvc"):
        if not (root / needed).exists():
            raise SetupError(f"{needed} is not here", where=root.resolve(), do="run this in the project's root")
    if not (root / ".git").exists():
        raise SetupError("this is no Git repository", where=root.resolve(), do="git init")
    free = shutil.disk_usage(root).free / 1e9
    if free < LEAST_FREE_GB:
        raise SetupError("the disk is nearly full", expected=f"{LEAST_FREE_GB:g} GB free", got=f"{free:.1f} GB")
    source = _source(sections["data"], root)
    read_decisions(root)
    _encoder_can_run(sections, root)
    return [f"Ready: {FILE} is understood, images from {source}, {free:,.0f} GB free"]


def examine(root: Path = Path()) -> list[str]:
    """Everything a person would ask first, as lines."""
    sections = load_all(root)
    return [
        *_machine(),
        *_or_why_not(lambda: _compute(sections)),
        *_or_why_not(lambda: _encoder(sections, root)),
        "",
        *_data(sections["data"], root),
    ]


def _encoder_can_run(sections: dict, root: Path) -> None:
    """A device that is not here, or a local checkpoint that is not there, would stop the run only after an hour."""
    from stages.encoders.choosing import choose, is_folder
    from stages.encoders.planning import plans

    plans(sections["machine"], sections["embed"].precision)
    if is_folder(sections["encoder"].model, root):
        choose(sections["encoder"], None, root)


def _or_why_not(lines: Callable[[], list[str]]) -> list[str]:
    """What cannot be told is told as that: a doctor does not leave at the first complaint."""
    try:
        return lines()
    except WinnowError as error:
        return str(error).splitlines()


def _source(params: DataParams, root: Path) -> str:
    """The source as params.yaml names it; the demo need not be there yet.

    Raises
    ------
    SourceError : there is no such folder, or it holds what this project writes.
    """
    if params.source != DEMO:
        folder_of(params.source, root)
    return params.source


def _machine() -> list[str]:
    return [
        f"Winnow      {_version('winnow')}, Python {platform.python_version()}, {sys.platform} {platform.machine()}, "
        f"{os.cpu_count()} processors",
        f"Packages    {', '.join(f'{name} {_version(name)}' for name in PACKAGES)}",
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(missing)"


def _compute(sections: dict) -> list[str]:
    from stages.encoders.planning import plans

    best, *others = plans(sections["machine"], sections["embed"].precision)
    lines = [f"Device      {best}"]
    if others:
        lines.append(f"            if its vectors agree with torch in float32, else {', then '.join(map(str, others))}")
    return lines


def _encoder(sections: dict, root: Path) -> list[str]:
    from stages.encoders.choosing import choose

    try:
        used = read_record(root)
    except TableError:
        used = None
    would, trouble = choose(sections["encoder"], used, root)
    lines = [f"Encoder     {would.encoder_id}, {would.dim} dimensions", f"            {would.why}"]
    if trouble:
        lines.append(f"            {trouble.what}")
    if used and used.encoder_id != would.encoder_id:
        lines.append(f"            the present tables are made with {used.encoder_id}")
    return lines


def _data(params: DataParams, root: Path) -> list[str]:
    source = root / params.source
    lines = [f"Source      {params.source}{'' if source.is_dir() else ' (not there)'}"]
    tables = sorted((root / "data").glob("*.parquet"))
    lines += [f"  {path.stem:<12}{pq.read_metadata(path).num_rows:>10,} rows" for path in tables]
    return lines if tables else [*lines, "  no tables yet: make run, or dvc repro"]
