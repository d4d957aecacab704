"""Measure on the user's own images how much is found, and take thresholds from that.

Reads `images`, `quality`, `embeddings`, the encoder, `neighbors`, `clusters`, the thumbnails, and the pixels of a
sample. Writes `data/calibration.json`.

Duplicates: copies of each picture of the sample are made in memory, and judged by the code that judges the user's own
pictures: proposed by hash or by the neighbours of their embedding, and verified on thumbnails that were encoded as
often as the user's. A copy that its hash proposes is not embedded, since one proposal is enough. The counterpart are
the lookalikes, the nearest of the user's own pictures: they are compared with the originals, and those most like them
with the copies, too. `deduplicate` takes its threshold from here where it is `auto`.

Quality: defects are planted in sound pictures of the sample. A better threshold is reported, not applied, since
`measure` runs before; and whether a picture is a copy is a fact, but whether it is too dark is for people to say.

Outliers: pictures that ship with packages, and clusters and classes held out, are judged as if they were in the data.

The sample is chosen by ids, so that a further image changes at most one picture of it. The record holds no clock and no
path, so the same images give the same bytes. The cost does not grow with the data set, except that hashes and vectors
are compared with all others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from stages.calibration import duplicates, outliers, quality
from stages.calibration.effort import is_full, most_spoilt, to_plant
from stages.calibration.known import Known, Sections, known
from stages.calibration.planting import embedded, encoded, planted_in, together
from stages.contracts import tables
from stages.contracts.calibration_record import Calibration, write_calibration
from stages.contracts.encoder_record import PATH as ENCODER
from stages.contracts.encoder_record import read_record
from stages.contracts.errors import exit_on_error
from stages.contracts.params import connect, data, embed, machine, measure
from stages.contracts.params.base import load
from stages.contracts.params.calibrate import Params
from stages.contracts.params.duplicates import Params as DuplicatesParams
from stages.contracts.params.outliers import Params as OutliersParams
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.embeddings import PATH as EMBEDDINGS
from stages.contracts.schemas.embeddings import read_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.neighbors import NEIGHBORS, read_neighbors
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.thumbnails import SHEET_FOLDER, THUMBNAILS
from stages.core.calibration_planting import Original
from stages.core.content_sample import sample
from stages.core.looks import Look
from stages.core.numerals import plural
from stages.core.quality import WORKING_SIDE
from stages.encoders.interface import Encoder
from stages.encoders.opening import open_encoder
from stages.engines.local import in_parallel, worker_count
from stages.engines.memory import keep_freed
from stages.engines.progress import Progress
from stages.engines.shards import CACHE
from stages.sources.folder import folder_of
from stages.sources.frame_store import FOLDER as FRAMES
from stages.sources.opening import Opener
from stages.sources.sample_store import FOLDER as SAMPLE
from stages.sources.sample_store import SampleStore
from stages.sources.thumbnails import looked_at

INPUTS = (
    IMAGES.path,
    QUALITY.path,
    THUMBNAILS.path,
    EMBEDDINGS,
    ENCODER,
    NEIGHBORS.path,
    CLUSTERS.path,
)


def run(
    params: Sections,
    there: Known,
    features_of: Callable[[set[str]], dict[str, Look]],
    open_pixels: Callable[[str, str], np.ndarray],
    foreign: Callable[[], outliers.Foreign],
    encoder: Encoder,
    workers: int = 1,
    batch: int = 32,
) -> dict:
    """The parts of the record: `sample`, `duplicates`, `quality`, `outliers`.

    Parameters
    ----------
    there : what earlier stages found.
    features_of : from content ids to a first look at each, on its thumbnail.
    open_pixels : upright RGB pixels (h, w, 3) uint8 of a content, from its path and id; called in threads.
    foreign : gives the strangers to plant.
    workers : threads.
    batch : pictures that the encoder is given in one go.
    """
    rows = sample(there.embeddings.content_ids, params.calibrate.seed, params.calibrate.sample)
    sampled, lookalikes = beside_their_like(params, there, rows, features_of, workers)
    tasks = list(zip(sampled, to_plant(len(there), len(rows)), strict=True))
    sound = quality.is_sound(there.contents.iloc[rows])
    to_spoil = set(np.flatnonzero(sound)[: most_spoilt(len(there), len(rows))].tolist())
    plant = partial(planted_in, params, there, to_spoil, open_pixels, encoder)
    defects: list[tuple[int, int, dict]] = []
    found = list(embedded(together(in_parallel(plant, tasks, workers), defects, len(tasks)), encoder, batch))
    asked = params.calibrate.precision
    return {
        "sample": len(rows),
        "duplicates": duplicates.calibrated(there, sampled, lookalikes, found, params.duplicates, asked),
        "quality": quality.calibrated(params.measure, there.contents.iloc[rows], defects),
        "outliers": outliers.calibrated(
            there,
            foreign,
            partial(encoded, encoder=encoder, batch=batch, workers=workers),
            params.outliers,
            params.connect.neighbors,
            params.calibrate.seed,
        ),
    }


def beside_their_like(
    params: Sections, there: Known, rows: Sequence[int], features_of: Callable, workers: int
) -> tuple[list[Original], list[duplicates.Lookalike]]:
    """The sample, and its pairs with those of the user's pictures that look like it, verified."""
    wanted = duplicates.candidates(there, rows, params.duplicates) if rows else []
    ids = there.embeddings.content_ids
    needed = {*rows, *(other for _, _, other in wanted)}
    by_id = features_of({ids[row] for row in needed})
    features = {row: by_id[ids[row]] for row in needed}
    looked = [pair for _, pair in in_parallel(partial(duplicates.look, there, features), wanted, workers)]
    return list(duplicates.originals(there, rows, features, looked)), looked


def pixels_of(opener: Opener, kept: SampleStore, path: str, content_id: str) -> np.ndarray:
    """Upright RGB pixels (h, w, 3) uint8 of a content, as `measure` kept them, or from its file."""
    found = kept.find(content_id)
    return opener(path, content_id, WORKING_SIDE) if found is None else found


def features_from(places: pd.DataFrame, sheets: Path, workers: int, content_ids: set[str]) -> dict[str, Look]:
    """A first look at contents, at their thumbnails."""
    with Progress("find features", len(content_ids)) as progress:
        found: dict[str, Look] = {}
        for some in looked_at(places, sheets, content_ids, workers):
            found |= some
            progress.advance(len(some))
    return found


def main(root: Path = Path()) -> None:
    cv2.setNumThreads(1)  # the threads are ours, one picture each
    keep_freed()
    params = Sections(
        load(Params, "calibrate", root),
        load(measure.Params, "measure", root),
        load(connect.Params, "connect", root),
        load(DuplicatesParams, "duplicates", root),
        load(OutliersParams, "outliers", root),
    )
    wish, source = load(machine.Params, "machine", root), load(data.Params, "data", root)
    workers, record = worker_count(wish.workers), read_record(root)
    there = known(
        tables.read(IMAGES, root),
        tables.read(QUALITY, root),
        tables.read(CLUSTERS, root),
        read_embeddings(root),
        read_neighbors(root),
        tables.metadata(CLUSTERS, root).get("quality", {}).get("method", "hdbscan") == "hdbscan",
    )
    opener = Opener(folder_of(source.source, root), root / FRAMES, source.max_pixels)
    kept = SampleStore(root / CACHE / tables.metadata(QUALITY, root).get("cache", "") / SAMPLE)
    places = tables.read(THUMBNAILS, root).set_index("content_id")
    parts = run(
        params,
        there,
        partial(features_from, places, root / SHEET_FOLDER, workers),
        partial(pixels_of, opener, kept),
        partial(outliers.foreign, is_full(len(there))),
        open_encoder(record, root, load(embed.Params, "embed", root).precision, wish),
        workers,
        wish.batch,
    )
    origin = tables.origin(params.calibrate, list(INPUTS), root)
    found = Calibration(
        encoder=record.encoder_id,
        seed=params.calibrate.seed,
        precision=params.calibrate.precision,
        params=origin["params"],
        inputs=origin["inputs"],
        **parts,
    )
    write_calibration(found, root)
    print(summary(found))


def summary(found: Calibration) -> str:
    """One line: what was found of how much, and the threshold."""
    told = [f"{plural(found.sample, 'picture')} altered"]
    if found.duplicates.recall.enough:
        told.append(f"{found.duplicates.recall.share:.1%} of {found.duplicates.recall.n:,} copies found")
    if found.duplicates.precision.enough:
        doubtful = any(pair.level >= found.duplicates.threshold for pair in found.duplicates.unconfirmed)
        told.append(f"{'at least ' * doubtful}{found.duplicates.precision.share:.1%} of the pairs accepted are copies")
    moved = {"calibrated": "moved by your images", "default": "the default", "too_few": "the default, too few to tell"}
    told.append(f"threshold {found.duplicates.threshold:g} ({moved[found.duplicates.source]})")
    if found.outliers and found.outliers.recall.enough:
        told.append(f"{found.outliers.recall.share:.0%} of {found.outliers.recall.n:,} foreign pictures flagged")
    return f"calibrate: {', '.join(told)}".replace("%", " %")


if __name__ == "__main__":
    exit_on_error(main)
