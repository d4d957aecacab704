"""Which tables were made with other params, or from other inputs, than the present ones.

Every table holds the hash of its params section and of each of its inputs (`tables.origin`), and so do the JSON
records. These hashes are compared with those of the present files; file times play no part, since Git, DVC and CI set
them at will. dvc.yaml says which files there are, which stage makes each, and with which section.

Two changes do not show in these hashes: that of the images in `data.source`, which `dvc repro` looks for, and that of a
stage's code, which `dvc status` reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from stages.contracts.encoder_record import PATH as ENCODER
from stages.contracts.encoder_record import asked_for, read_record
from stages.contracts.errors import SetupError, TableError
from stages.contracts.identity import digest_file, digest_of
from stages.contracts.metrics import PATH as METRICS
from stages.contracts.params.base import Section

PIPELINE = "dvc.yaml"
VERDICTS = "data/verdicts.parquet"
KINDS = (".parquet", ".json")
"""Outs that tell what they were made from. Pages, sheets and manifests are made together with one of these."""


@dataclass(frozen=True)
class Made:
    """A file of the pipeline: who makes it, and the params it is made with, the stage's own section first."""

    path: str
    stage: str
    params: tuple[str, ...]


@dataclass(frozen=True)
class Stale:
    """A file that is not what its stage would make now, and why not."""

    made: Made
    reasons: tuple[str, ...]


def must_be_fresh(sections: Mapping[str, Section], root: Path = Path()) -> None:
    """Refuse tables that are missing, or are not those of the present params and inputs.

    Parameters
    ----------
    sections : every section of params.yaml, by name.

    Raises
    ------
    TableError : names each stage, what changed, and what to type.
    """
    files = pipeline(root)
    gone = [made.path for made in files if not (root / made.path).exists()]
    if not (root / METRICS).exists():
        gone.append(METRICS)
    if gone:
        raise TableError(
            f"{_tables(len(gone))} not there",
            where=", ".join(gone),
            do="dvc pull (where a DVC remote keeps them), or dvc repro",
        )
    found = stale(files, sections, root)
    if found:
        raise TableError(
            f"{_tables(len(found))} not of the present params and inputs",
            where="\n            ".join(told(found)),
            do="dvc repro",
        )


def pipeline(root: Path = Path()) -> list[Made]:
    """The files of dvc.yaml that say what they were made from, in its order.

    Raises
    ------
    SetupError : there is no dvc.yaml.
    """
    from ruamel.yaml import YAML

    try:
        text = (root / PIPELINE).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SetupError(f"{PIPELINE} is not here", where=root.resolve(), do="run this in the project's root") from None
    return [
        Made(path, name, tuple(entry for entry in stage.get("params", []) if isinstance(entry, str)))
        for name, stage in (YAML(typ="safe").load(text).get("stages") or {}).items()
        for out in stage.get("outs", [])
        for path in ([out] if isinstance(out, str) else out)
        if path.startswith("data/") and path.endswith(KINDS)
    ]


def stale(files: list[Made], sections: Mapping[str, Section], root: Path = Path()) -> list[Stale]:
    """Every file that is not what its stage would make now; all of them must be there."""
    records = {made: _record(made, root) for made in files if made.path != ENCODER}
    digests = _digests({name for record in records.values() for name in record.get("inputs", {})}, root)
    found = []
    for made in files:
        reasons = (
            _encoder_changes(sections, root)
            if made.path == ENCODER
            else _changes(made, records[made], sections, digests)
        )
        if made.path == VERDICTS and records[made].get("metrics") != _counts(root):
            reasons.append(f"{METRICS} does not hold the counts of these tables")
        if reasons:
            found.append(Stale(made, tuple(reasons)))
    return found


def told(found: list[Stale]) -> Iterator[str]:
    """A line per stage, in the pipeline's order; files that have the same reasons share one."""
    for (stage, reasons), same in groupby(found, key=lambda one: (one.made.stage, one.reasons)):
        yield f"stage {stage} ({', '.join(one.made.path for one in same)}): {'; '.join(reasons)}"


def _changes(made: Made, record: dict, sections: Mapping[str, Section], digests: Mapping[str, str | None]) -> list[str]:
    """In words, what is other than when the file was made."""
    if "params" not in record or "inputs" not in record:
        return ["does not say what it was made from"]
    reasons = [
        f"section {own} of params.yaml changed"
        for own in made.params[:1]
        if record["params"] != digest_of(sections[own].model_dump(mode="json"))
    ]
    for entry in made.params[1:]:
        section, _, key = entry.partition(".")
        if key in record and record[key] != sections[section].model_dump(mode="json")[key]:
            reasons.append(f"{entry} in params.yaml changed")
    for name, digest in record["inputs"].items():
        if digests[name] != digest:
            reasons.append(f"{name} {'changed' if digests[name] else 'is gone'}")
    return reasons


def _encoder_changes(sections: Mapping[str, Section], root: Path) -> list[str]:
    """`fetch` notes what it was asked for; and a fallback that may no longer stand in is another encoder."""
    record, params = read_record(root), sections["encoder"]
    same = record.requested == asked_for(params.model, params.revision)
    if same and (params.fallback is not None or not record.is_fallback):
        return []
    return ["section encoder of params.yaml changed"]


def _record(made: Made, root: Path) -> dict:
    """What the file says of its origin; empty when it says nothing."""
    path = root / made.path
    if path.suffix == ".parquet":
        # Imported here, since a caller who only wants the names of the files should not have to wait for Arrow.
        from stages.contracts.tables import metadata_of

        return metadata_of(path, made.stage)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TableError(
            f"{path.name} cannot be read", where=path, got=error, do=f"dvc repro --force {made.stage}"
        ) from error
    return found if isinstance(found, dict) else {}


def _counts(root: Path) -> str | None:
    """Hash of what metrics.json holds, however it is laid out; None when that is no JSON, as in a merge conflict."""
    try:
        return digest_of(json.loads((root / METRICS).read_text(encoding="utf-8")))
    except ValueError:
        return None


def _digests(names: set[str], root: Path) -> dict[str, str | None]:
    """The digest of each file, as `tables.origin` takes it; None where there is no such file."""
    with ThreadPoolExecutor() as pool:  # hashing releases the interpreter's lock
        return dict(zip(names, pool.map(lambda name: _digest(root / name), names), strict=True))


def _digest(path: Path) -> str | None:
    try:
        return digest_file(path)
    except FileNotFoundError:
        return None


def _tables(count: int) -> str:
    return "a table is" if count == 1 else f"{count} tables are"
