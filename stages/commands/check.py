"""`winnow check`: hold the tables against the policy in section `check` of params.yaml.

From the tables alone, and only if they are those of the present params and inputs. Nothing here imports torch or
scikit-learn: a gate has to answer within seconds.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from stages.contracts.encoder_record import read_record
from stages.contracts.errors import ParamsError, SetupError, TableError, WinnowError
from stages.contracts.params.base import FILE
from stages.contracts.params.check import Params
from stages.contracts.params.sections import load_all
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.labels import LABELS
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.verdicts import VERDICTS
from stages.contracts.staleness import must_be_fresh
from stages.contracts.tables import Table, metadata
from stages.contracts.vocabulary import QualityIssue
from stages.core.open_findings import still_open
from stages.core.policy import Finding, judge
from stages.core.rules import Drift, Encoder, Facts
from stages.exports.junit import junit, junit_of_error, offenders
from stages.exports.markdown_summary import headline, markdown, markdown_of_error
from stages.exports.plain_text import visible
from stages.sources.revisions import NOW, Version, open_version
from stages.sources.version_tables import encoder_of, read, read_vectors

BROKEN = 1
"""exit code when the policy does not hold"""
COLUMNS = {
    IMAGES: ["item_id", "path", "frame", "label", "split", "status"],
    QUALITY: ["item_id", *(f"is_{issue}" for issue in QualityIssue)],
    PAIRS: ["item_a", "item_b", "kind"],
    DUPLICATES: ["item_id", "kind", "keep", "label_conflict"],
    CLUSTERS: ["item_id", "cluster"],
    OUTLIERS: ["item_id", "is_outlier"],
    VERDICTS: ["item_id", "verdict", "rule", "label", "original_label"],
}
"""What is read of each table."""
SETTINGS = {"scope", "baseline"}
"""Keys of section `check` that are no rules."""


def check(summary: Path | None = None, xml: Path | None = None, root: Path = Path()) -> list[Finding]:
    """Hold the tables against the policy, and write it down.

    Parameters
    ----------
    summary : Markdown file.  xml : JUnit file. They are written when nothing can be checked too, so that those of an
        earlier run never stand for this one.

    Raises
    ------
    WinnowError : params.yaml is wrong, or tables are missing or stale.
    """
    started, when = time.perf_counter(), datetime.now(UTC)
    try:
        findings = examine(root)
    except WinnowError as error:
        _write(summary, markdown_of_error(error).encode())
        _write(xml, junit_of_error(error, when, time.perf_counter() - started))
        raise
    _write(summary, markdown(findings).encode())
    _write(xml, junit(findings, when, time.perf_counter() - started))
    return findings


def examine(root: Path = Path()) -> list[Finding]:
    """A finding per rule that section `check` sets.

    Raises
    ------
    WinnowError : see `check`.
    """
    sections = load_all(root)
    params = sections["check"]
    _must_make_sense(params)
    must_be_fresh(sections, root)
    present = open_version(root, NOW)
    found = {table.name: _read(present, table, columns) for table, columns in COLUMNS.items()}
    if params.max_label_issue_rate is not None:
        found[LABELS.name] = _read(present, LABELS, ["item_id", "is_label_issue"])
    facts = Facts(
        still_open(found) if params.scope == "open" else found,
        frozenset(sections["export"].protect),
        _encoder(root),
        _drift(params, root),
        _unjudged(root),
    )
    return judge({rule: limit for rule, limit in params.model_dump().items() if rule not in SETTINGS}, facts)


def as_json(findings: list[Finding]) -> str:
    """For programs: whether all hold, and every finding."""
    return json.dumps({"holds": holds(findings), "findings": [asdict(one) for one in findings]}, indent=2)


def holds(findings: list[Finding]) -> bool:
    return all(finding.holds for finding in findings)


def console() -> Console:
    """Where the table goes. What is no terminal, such as the log of a CI job, has room for whole lines."""
    return Console() if sys.stdout.isatty() else Console(width=120)


def show(findings: list[Finding], console: Console) -> None:
    """A table of all rules, then the first offenders of each that is broken."""
    if findings:
        console.print(_grid(findings))
    for finding in findings:
        if not finding.holds:
            console.print(Text(f"\n{finding.rule}: {visible(finding.what)}", style="bold"))
            for line in offenders(finding):
                console.print(Text(f"  {visible(line)}"), soft_wrap=True)
    told = headline(findings)
    console.print(Text(f"\n{told[0].upper()}{told[1:]}.", style="bold green" if holds(findings) else "bold red"))


def _grid(findings: list[Finding]) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("rule", "limit", "found", "beyond by", ""):
        grid.add_column(name, justify="right" if name == "beyond by" else "left")
    for finding in findings:
        verdict = Text("holds", style="green") if finding.holds else Text("broken", style="bold red")
        told = (finding.rule, finding.told_limit, finding.told_found, finding.told_beyond)
        grid.add_row(*(Text(visible(cell)) for cell in told), verdict)
    return grid


def _must_make_sense(params: Params) -> None:
    if params.max_drift is not None and params.baseline is None:
        raise ParamsError(
            "check.max_drift has nothing to be measured from",
            where=f"{FILE}, check.baseline",
            expected="a Git revision, such as main or v1",
            got="null",
            do=f"set check.baseline in {FILE}, or check.max_drift: null",
        )
    if params.baseline == NOW:
        raise ParamsError(
            "check.baseline is the present itself, from which nothing has drifted",
            where=f"{FILE}, check.baseline",
            expected="a Git revision, such as main or v1",
            got=NOW,
            do=f"set check.baseline in {FILE}, or check.max_drift: null",
        )


def _read(version: Version, table: Table, columns: list[str]) -> pd.DataFrame:
    """Only these columns: the others are large, and that they are what was written is known from the hashes."""
    found = read(version, table, columns)
    # Looking ids up is many times faster in objects than in Arrow's strings.
    return found.astype(dict.fromkeys(found.select_dtypes("str").columns, object))


def _unjudged(root: Path) -> dict[str, str]:
    """Why a rule's findings are none, where nobody looked for them."""
    null = metadata(OUTLIERS, root).get("null") or {}
    if null.get("fitted", True):
        return {}
    return {"max_outlier_rate": f"{null['n']:,} images, {null['fewest']} needed"}


def _encoder(root: Path) -> Encoder:
    record = read_record(root)
    return Encoder(record.kind, record.model, record.revision, record.is_fallback)


def _drift(params: Params, root: Path) -> Drift | None:
    """How far the vectors are from those of the baseline, if a rule asks."""
    if params.max_drift is None or params.baseline is None:
        return None
    # Here, so that a policy without drift does not wait for them.
    from stages.core.comparison import SAME_ENCODER
    from stages.core.drift import mmd

    versions = open_version(root, params.baseline), open_version(root, NOW)
    before, now = map(read_vectors, versions)
    made = [encoder_of(version) or {} for version in versions]
    if any(made[0].get(key) != made[1].get(key) for key in SAME_ENCODER):
        raise TableError(
            "drift cannot be measured between the vectors of two encoders",
            where=f"{FILE}, check.baseline: {params.baseline}",
            expected=made[1].get("model"),
            got=made[0].get("model"),
            do=f"name a baseline that was made with the present encoder, or set check.max_drift: null in {FILE}",
        )
    found = mmd(before.vectors, now.vectors, ids_a=before.content_ids, ids_b=now.content_ids)
    return Drift(found.statistic, found.p_value, params.baseline)


def _write(path: Path | None, content: bytes) -> None:
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise SetupError("the file cannot be written", where=path, got=error.strerror, do="name another") from None
