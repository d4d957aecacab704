"""`winnow compare A B`: what differs between two versions of the data set, as lines, JSON, a page and a CSV."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from stages.contracts.errors import TableError
from stages.contracts.identity import digest
from stages.contracts.params.base import FILE, load
from stages.contracts.params.report import Params
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.thumbnails import SHEET_FOLDER, THUMBNAILS
from stages.contracts.schemas.verdicts import VERDICTS
from stages.core.comparison import Comparison, Snapshot, compare
from stages.exports.folder import replace_folder
from stages.exports.manifest_files import csv_bytes
from stages.pages import compare as page
from stages.pages.gallery import Album
from stages.sources import version_tables
from stages.sources.revisions import Version, open_version

FOLDER = "reports/adhoc"
PAGE = "compare.html"
CSV = "changes.csv"
COLUMNS = ["item_id", "content_id", "path", "change", "before", "after", "rule", "detail", "frame"]
METRICS = "reports/metrics.json"
LONGEST_NAME = 40
OPTIONAL = (VERDICTS, CLUSTERS, version_tables.EMBEDDINGS)
"""Tables without which the rest can still be compared."""


@dataclass(frozen=True)
class Result:
    """The comparison, and where its page and its CSV were written."""

    comparison: Comparison
    page: Path
    csv: Path


def run(before: str, after: str, root: Path = Path()) -> Result:
    """Compare two versions and write `reports/adhoc/compare-BEFORE..AFTER/`.

    Parameters
    ----------
    before, after : as `open_version` takes them.

    Raises
    ------
    WinnowError : a version is not there, or its tables are not here; says how to get them.
    """
    versions = open_version(root, before), open_version(root, after)
    found = compare(*(snapshot(version) for version in versions))
    folder = root / FOLDER / f"compare-{_slug(before)}..{_slug(after)}"
    albums = tuple(album(version) for version in versions)
    replace_folder(folder, [*page.build(found, albums, _limit(root)), (CSV, csv_bytes(found.changes[COLUMNS]))])
    return Result(found, folder / PAGE, folder / CSV)


def snapshot(version: Version) -> Snapshot:
    """All that is compared of one version; what it lacks is told in `missing`.

    Raises
    ------
    TableError : it has no table `images`, or the table cannot be read here.
    """
    return Snapshot(
        name=str(version),
        note=version.note,
        items=_items(version),
        clusters=version_tables.read_if_there(version, CLUSTERS, ["item_id", "cluster", "centroid_distance"]),
        encoder=version_tables.encoder_of(version),
        vectors=lambda: _vectors(version),
        metrics=_metrics(version),
        missing=_missing(version),
    )


def album(version: Version) -> Album:
    """The version's thumbnails, those whose sheets can be read here."""
    places = version_tables.read_if_there(version, THUMBNAILS, THUMBNAILS.names)
    if places is None:
        places = pd.DataFrame(columns=THUMBNAILS.names)
    sheets = {name: version.inside(SHEET_FOLDER, name) for name in sorted(set(places["sheet"]))}
    there = places[places["sheet"].map(sheets).notna()]
    return Album(there, lambda name: sheets[name].read_bytes())


def as_json(result: Result) -> str:
    """The summary for a script; rows are in the CSV."""
    found = result.comparison
    told = {
        "before": {"version": found.before.name, **found.before.totals},
        "after": {"version": found.after.name, **found.after.totals},
        "nothing_changed": found.nothing_changed,
        "changes": found.counts,
        "removed_by": found.removed_by,
        "class_shift": dict(zip(("moved", "psi"), found.class_shift, strict=True)) if found.class_shift else None,
        "classes": _records(found.classes),
        "clusters": found.cluster_counts,
        "cluster_changes": None if found.clusters is None else _records(found.clusters),
        "drift": vars(found.drift) if found.drift else None,
        "metrics": {name: [before, after] for name, before, after in found.numbers},
        "notes": found.notes,
        "page": str(result.page),
        "csv": str(result.csv),
    }
    return json.dumps(told, indent=2)


def _items(version: Version) -> pd.DataFrame:
    columns = ["item_id", "content_id", "path", "frame", "label", "split", "status"]
    items = version_tables.read(version, IMAGES, columns).astype(object)
    frames = [None if pd.isna(frame) else int(frame) for frame in items["frame"]]
    items = items.assign(frame=pd.Series(frames, dtype=object))
    judged = version_tables.read_if_there(version, VERDICTS, ["item_id", "verdict", "rule", "detail", "label"])
    if judged is None:
        return items.assign(verdict=None, rule=None, detail=None, decided=items["label"])
    judged = judged.rename(columns={"label": "decided"}).astype(object)
    return items.merge(judged, on="item_id", how="left", validate="one_to_one")


def _vectors(version: Version) -> tuple:
    found = version_tables.read_vectors(version)
    return found.content_ids, found.vectors


def _metrics(version: Version) -> dict:
    text = version.text(METRICS)
    try:
        found = json.loads(text) if text else {}
    except ValueError as error:
        raise TableError(f"the counts of {version} cannot be read", where=METRICS, got=error, do=version.how) from error
    return found if isinstance(found, dict) else {}


def _missing(version: Version) -> tuple[str, ...]:
    """What the version cannot give; where its bytes are only not here, what would bring them back."""
    lacking = [table.path for table in OPTIONAL if version.path(table.path) is None]
    told = [version.why_not(path) for path in lacking]
    if version.text(METRICS) is None:
        told.append(f"it has no {METRICS}")
    lost = version.commit is not None and any(version.find(path) for path in lacking)
    return (f"{version}: {'; '.join(told)}{f'. To have it: {version.how}' if lost else ''}",) if told else ()


def _records(rows: pd.DataFrame) -> list[dict]:
    return rows.astype(object).where(rows.notna(), None).to_dict("records")


def _limit(root: Path) -> int:
    """Cards per gallery; two folders can be compared where there is no project."""
    return (load(Params, "report", root) if (root / FILE).exists() else Params()).gallery_limit


def _slug(name: str) -> str:
    """A version's name as part of a folder's; where letters must go, a hash keeps two names apart."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")[:LONGEST_NAME]
    return plain if plain == name else f"{plain or 'version'}-{digest(name.encode(errors='surrogateescape'))[:6]}"
