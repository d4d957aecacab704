"""Make the pages that people look at.

Reads every table, `data/encoder.json`, `data/calibration.json`, `data/decisions.csv`, the sheets of
`data/thumbnails/` and `reports/metrics.json`. Writes
`reports/{index,clusters,outliers,labels,duplicates,quality,calibration}.html` and `reports/assets/`. Counts nothing
that `export` counts; the folder `reports/` is complete, so that it can be zipped and opened elsewhere, with no network.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from stages.calibration.in_force import in_force
from stages.contracts import tables
from stages.contracts.calibration_record import read_calibration
from stages.contracts.decisions import read_decisions
from stages.contracts.encoder_record import read_record
from stages.contracts.errors import exit_on_error
from stages.contracts.metrics import read_metrics
from stages.contracts.params import data, export, measure
from stages.contracts.params.base import load
from stages.contracts.params.report import Params
from stages.contracts.schemas.cluster_names import CLUSTER_NAMES
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.labels import LABELS
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.schemas.projection import MAP
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.thumbnails import SHEET_FOLDER, THUMBNAILS
from stages.contracts.schemas.verdicts import VERDICTS
from stages.contracts.vocabulary import QualityIssue
from stages.core.cluster_stability import Stability
from stages.exports.folder import write_file
from stages.pages import bundle, calibration, clusters, duplicates, index, labels, outliers, quality, session
from stages.pages.facts import Facts
from stages.pages.gallery import Album

REPORTS = "reports"
ASSETS = "assets"
INPUTS = (IMAGES, QUALITY, THUMBNAILS, CLUSTERS, CLUSTER_NAMES, PAIRS, DUPLICATES, OUTLIERS, LABELS, MAP, VERDICTS)


def run(facts: Facts) -> Iterator[tuple[str, str | bytes]]:
    """Every file below `reports/`, as (name, content), one at a time: sheets of thumbnails can be many."""
    album = Album(facts.thumbnails, facts.sheet)
    yield "assets/winnow.css", bundle.styles()
    yield "assets/theme.js", bundle.bundle("theme")
    yield "assets/winnow.js", bundle.bundle("main")
    yield from session.build(facts)
    for page in (index, clusters, outliers, labels, duplicates, quality, calibration):
        yield from page.build(facts, album)


def main(root: Path = Path()) -> None:
    written = publish(run(read_facts(root)), root / REPORTS)
    print(f"report: {written} files in {REPORTS}/; open {REPORTS}/index.html")


def read_facts(root: Path) -> Facts:
    """All that the pages show, read and checked."""
    params = load(Params, "report", root)
    source = load(data.Params, "data", root).source
    thresholds = load(measure.Params, "measure", root)
    found = {table.name: tables.read(table, root) for table in INPUTS}
    moved = tables.fact(PAIRS, "sensitivity", root)
    agreement = {name: told["value"] for name, told in moved.items()}
    return Facts(
        title=params.title or PurePosixPath(source.rstrip("/")).name or source,
        placed=found.pop("map"),
        **found,
        decisions=read_decisions(root),
        dataset=_dataset(root),
        encoder=read_record(root),
        metrics=read_metrics(root),
        null=tables.fact(OUTLIERS, "null", root),
        thresholds={issue: getattr(thresholds, issue) for issue in QualityIssue},
        agreement=agreement,
        looked=tables.fact(PAIRS, "looked", root),
        stability=Stability(**tables.fact(CLUSTERS, "stability", root)),
        calibration=in_force(read_calibration(root), agreement["threshold"]),
        protect=frozenset(load(export.Params, "export", root).protect),
        sheet=lambda name: (root / SHEET_FOLDER / name).read_bytes(),
        gallery_limit=params.gallery_limit,
    )


def publish(files: Iterator[tuple[str, str | bytes]], folder: Path) -> int:
    """Write the files; pages last, each in one rename, and assets that are no longer made go. Returns how many.

    Assets are written beside the present ones and take their place at the end, so a run that is
    interrupted leaves the old report whole.
    """
    partial, old = folder / f".{ASSETS}.partial", folder / f".{ASSETS}.old"
    for leftover in (partial, old):
        shutil.rmtree(leftover, ignore_errors=True)
    pages: dict[str, str | bytes] = {}
    count = 0
    for name, content in files:
        count += 1
        if name.startswith(f"{ASSETS}/"):
            write_file(partial / name.removeprefix(f"{ASSETS}/"), content)
        else:
            pages[name] = content
    if (folder / ASSETS).exists():
        os.replace(folder / ASSETS, old)
    os.replace(partial, folder / ASSETS)
    for name, content in pages.items():
        write_file(folder / f".{name}.partial", content)
        os.replace(folder / f".{name}.partial", folder / name)
    shutil.rmtree(old, ignore_errors=True)
    return count


def _dataset(root: Path) -> str:
    """Which data set this is: where it comes from and how it is read, which new images do not change."""
    return tables.metadata(IMAGES, root).get("params", "")


if __name__ == "__main__":
    exit_on_error(main)
