"""`winnow summary`: five lines on what was found, from the metrics; on the demo, found / planted."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from stages.contracts import tables
from stages.contracts.errors import TableError
from stages.contracts.identity import digest, digest_of
from stages.contracts.params.data import Params
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.labels import LABELS
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.verdicts import VERDICTS
from stages.core.truth import found

METRICS = "reports/metrics.json"
TRUTH = "data/demo_truth.csv"
DEMO = "data/demo"


def summary(params: Params, root: Path = Path()) -> list[str]:
    """The lines to print after a run.

    Parameters
    ----------
    params : section `data` as it stands now.

    Raises
    ------
    TableError : nothing ran yet, or what ran was asked for otherwise, or not to its end.
    """
    path, source = root / METRICS, params.source
    if not path.exists():
        raise TableError("there are no metrics yet", where=path, do="dvc repro")
    _must_be_of_now(params, root)
    metrics = json.loads(path.read_text(encoding="utf-8"))
    lines = five_lines(metrics, source, tables.metadata(OUTLIERS, root).get("null"))
    if source == DEMO and (root / TRUTH).exists():
        lines += planted(root)
    lines += decided(metrics["decisions"])
    return [*lines, f"Open {(root / 'reports/index.html').resolve().as_uri()}"]


def _must_be_of_now(params: Params, root: Path) -> None:
    images, verdicts = tables.metadata(IMAGES, root), tables.metadata(VERDICTS, root)
    if images.get("params") != digest_of(params.model_dump(mode="json")):
        raise TableError("the results are those of another data section", where="params.yaml, data", do="dvc repro")
    if verdicts.get("inputs", {}).get(IMAGES.path) != digest((root / IMAGES.path).read_bytes()):
        raise TableError("the last run did not come to its end", where=root / VERDICTS.path, do="dvc repro")


def five_lines(metrics: dict, source: str, null: dict | None = None) -> list[str]:
    """What is in the data, what is wrong with it, and what to keep.

    Parameters
    ----------
    null : what outliers were judged against, from the metadata of `outliers`.
    """
    judged = null is None or null["fitted"]
    few = "" if judged else f"not judged: {null['n']} different images without a defect, {null['fewest']} are needed"
    issues = {kind.replace("_", " "): count for kind, count in metrics["quality_issues"].items() if count}
    removed = {rule.replace("_", " "): count for rule, count in metrics["removed"].items() if count}
    exact, near = metrics["exact_duplicate_images"], metrics["near_duplicate_images"]
    clusters = f"{metrics['clusters']:,} cluster{'s' * (metrics['clusters'] != 1)}"
    between = metrics["leaks_between_protected"]
    return [
        f"Images      {metrics['images']:,} in {source}, {metrics['readable']:,} readable, {clusters}",
        f"Copies      {exact + near:,} ({exact:,} exact, {near:,} near), {metrics['leaks']:,} leaking into a protected "
        f"split, {f'{between:,} in two protected splits, ' * bool(between)}{metrics['label_conflicts']:,} with labels "
        "that differ",
        f"Outliers    {few or format(metrics['outliers'], ',')}; labels in doubt: {metrics['label_issues']:,}",
        f"Quality     {_list(issues) or 'nothing wrong'}",
        f"Kept        {metrics['kept']:,}, removed {sum(removed.values()):,} ({_list(removed) or 'none'})",
    ]


def decided(decisions: dict[str, int]) -> list[str]:
    """A line on data/decisions.csv, where there are any decisions."""
    told = _list({name: count for name, count in decisions.items() if count})
    return [f"Decisions   {told}"] if told else []


def planted(root: Path = Path()) -> list[str]:
    """A line per planted kind that the present stages judge."""
    truth = pd.read_csv(root / TRUTH, keep_default_na=False, dtype=str)
    rows = found(truth, *(tables.read(table, root) for table in (IMAGES, QUALITY, PAIRS, OUTLIERS, LABELS)))
    return [
        f"  planted {row['kind'].replace('_', ' '):<16} {row['found']:>4} / {row['planted']} found"
        + " (pairs)" * ("duplicate" in row["kind"])
        for row in rows.to_dict("records")
    ]


def _list(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())
