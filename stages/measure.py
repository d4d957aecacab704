"""Measure every image's pixels: quality, perceptual hash, thumbnail.

Reads `images` and the pixels. Writes `quality`, the thumbnails as sheets in `data/thumbnails/`, and `thumbnails`:
where each lies in them. One look at the pixels serves all three, and is kept in shards by content, so that only
new content is decoded, and nothing is when a threshold changes. Flags are for people to look at: nothing is
removed for them unless `export.remove` says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path

import cv2
import pandas as pd
import pyarrow as pa

from stages.contracts import tables
from stages.contracts.errors import exit_on_error
from stages.contracts.identity import digest_of
from stages.contracts.params import calibrate, data, machine
from stages.contracts.params.base import load
from stages.contracts.params.measure import Params
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.thumbnails import SHEET_FOLDER, THUMBNAILS
from stages.contracts.vocabulary import QualityIssue, Status
from stages.core import sheets
from stages.core.content_sample import sample
from stages.core.numerals import plural
from stages.core.quality import VERSION, WORKING_SIDE, judge, measure, score
from stages.engines import ray_work
from stages.engines.local import InParallel, in_parallel, worker_count
from stages.engines.processes import best_for
from stages.engines.progress import Progress
from stages.engines.shards import CACHE, Shards
from stages.exports.thumbnail_sheets import write_sheets
from stages.sources.folder import folder_of
from stages.sources.frame_store import FOLDER as FRAMES
from stages.sources.opening import Content, Opener, as_rows, distinct_contents, from_rows
from stages.sources.sample_store import FOLDER as SAMPLE
from stages.sources.sample_store import SampleStore

SHARD_EVERY_S = 20.0
SHARD_BYTES = 64e6
SHEETS = "sheets"
"""Where the shards' folder keeps sheets."""
CODECS = ("pillow", "pillow-heif", "simplejpeg", "opencv-python-headless", "numpy")
NUMBERS = ("brightness", "contrast", "highlights", "shadows", "overexposed", "chroma", "sharpness", "entropy")
MEASURED = pa.schema(
    [
        pa.field("content_id", pa.string()),
        *(pa.field(name, pa.float64()) for name in NUMBERS),
        pa.field("phash", pa.string()),
        pa.field("phash_mirrored", pa.string()),
        pa.field("thumbnail_width", pa.int32()),
        pa.field("thumbnail_height", pa.int32()),
        pa.field("thumbnail", pa.binary()),
    ]
)
MEASURES = [name for name in MEASURED.names if name != "thumbnail"]


def run(params: Params, images: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """The quality table.

    Parameters
    ----------
    images : the images table.
    measures : a row per distinct readable content, columns `MEASURES`.
    """
    readable = images.loc[images["status"] == Status.OK, ["item_id", "content_id", "width", "height"]]
    # Sizes are compared among distinct contents: a picture copied a hundred times is one picture's word.
    contents = readable.sort_values("item_id").drop_duplicates("content_id").drop(columns="item_id")
    contents = contents.merge(measures, on="content_id", validate="one_to_one")
    sides = contents[["width", "height"]].astype(float)
    contents = contents.assign(width=sides["width"], height=sides["height"])
    contents["aspect_ratio"] = sides.min(axis=1) / sides.max(axis=1)
    scores = score(contents)
    contents["sharpness"] = contents["sharpness"].fillna(1.0)
    judged = pd.concat([contents, scores, judge(scores, params.model_dump())], axis=1)
    return readable[["item_id", "content_id"]].merge(judged, on="content_id", validate="many_to_one")[QUALITY.names]


def main(root: Path = Path()) -> None:
    params, where = load(Params, "measure", root), load(data.Params, "data", root)
    wish = load(machine.Params, "machine", root)
    root = root.resolve()  # other nodes stand elsewhere
    workers = worker_count(wish.workers)
    images = tables.read(IMAGES, root)
    contents = distinct_contents(images)
    shards = Shards(root / CACHE / f"measure-{fingerprint(params)}", MEASURED, wish.shards)
    kept = sample_store(contents["content_id"].tolist(), shards.folder, root)
    known = shards.known()
    if new := [Content(*row) for row in contents.itertuples(index=False) if row.content_id not in known]:
        opener = Opener(folder_of(where.source, root), root / FRAMES, where.max_pixels)
        if wish.engine == "ray":
            open_work = partial(worker, params, opener, kept, shards)
            ray_work.done_on_all_nodes("measure", as_rows(new), open_work, wish)
        else:
            measure_new(new, partial(_look, params, opener, kept), shards, workers, best_for(len(new)))
    kept.remove_others()

    origin = tables.origin(params, [IMAGES.path], root, cache=shards.folder.name)
    measures = shards.read(contents["content_id"], MEASURES).to_pandas()
    quality = run(params, images, measures)
    tables.write(THUMBNAILS, place_thumbnails(params, measures, shards, workers, root), root, origin)
    tables.write(QUALITY, quality, root, origin)
    print(summary(quality))


def fingerprint(params: Params) -> str:
    """Id of everything that changes what is measured on the same bytes."""
    versions = {name: version(name) for name in CODECS}
    made = {"measures": VERSION, "columns": MEASURED.names, "thumbnail_size": params.thumbnail_size}
    return digest_of({**made, "versions": versions})[:12]


def sample_store(content_ids: list[str], folder: Path, root: Path) -> SampleStore:
    """Where the pictures that `calibrate` will want are kept; no table hangs on it, so its section is no param here."""
    wish = load(calibrate.Params, "calibrate", root)
    return SampleStore(folder / SAMPLE, [content_ids[row] for row in sample(content_ids, wish.seed, wish.sample)])


def measure_new(
    new: list[Content], look: Callable[[Content], dict], shards: Shards, workers: int, each: InParallel
) -> None:
    """Look at contents that no shard knows, and keep what was seen at least every 20 s.

    Parameters
    ----------
    look : gives a row of `MEASURED`.
    each : calls it.
    """
    with Progress("measure", len(new)) as progress:
        rows, size, since = [], 0, time.monotonic()
        try:
            for _, row in each(look, new, workers):
                rows.append(row)
                size += len(row["thumbnail"])
                progress.advance()
                if size > SHARD_BYTES or time.monotonic() - since > SHARD_EVERY_S:
                    shards.add(pa.Table.from_pylist(rows, MEASURED))
                    rows, size, since = [], 0, time.monotonic()
        finally:  # one bad file, or Ctrl-C, does not cost what was seen before it
            shards.add(pa.Table.from_pylist(rows, MEASURED))


def worker(params: Params, opener: Opener, kept: SampleStore, shards: Shards, workers: int) -> ray_work.Work:
    """What a node of a cluster does with a piece of the contents (see `as_rows`): as `measure_new`."""

    def work(piece: pa.Table) -> pa.Table:
        measure_new(from_rows(piece), partial(_look, params, opener, kept), shards, workers, in_parallel)
        return piece.select(["content_id"])

    return work


def place_thumbnails(params: Params, measures: pd.DataFrame, shards: Shards, workers: int, root: Path) -> pd.DataFrame:
    """Write the sheets; returns the thumbnails table."""
    sizes = zip(measures["thumbnail_width"], measures["thumbnail_height"], strict=True)
    sized = dict(zip(measures["content_id"], sizes, strict=True))
    kept = shards.folder / SHEETS
    return write_sheets(root / SHEET_FOLDER, kept, sized, partial(_thumbnails, shards), params.thumbnail_size, workers)


def summary(quality: pd.DataFrame) -> str:
    """One line: how many images were judged, and how many have which issue."""
    found = {issue: int(quality[f"is_{issue}"].sum()) for issue in QualityIssue}
    told = ", ".join(f"{count:,} {issue.replace('_', ' ')}" for issue, count in found.items() if count)
    return f"measure: {plural(len(quality), 'image')}; {told or 'no quality issue'}"


def _look(params: Params, opener: Opener, kept: SampleStore, content: Content) -> dict:
    """A row of `MEASURED` from one file."""
    cv2.setNumThreads(1)  # the threads, or processes, are ours, one picture each
    pixels = opener(content.path, content.content_id, WORKING_SIDE)
    kept.offer(content.content_id, pixels)
    small = sheets.thumbnail(pixels, params.thumbnail_size)
    height, width = small.shape[:2]
    size = {"thumbnail_width": width, "thumbnail_height": height}
    return {
        "content_id": content.content_id,
        **measure(pixels),
        **size,
        "thumbnail": sheets.encode(small, params.thumbnail_size),
    }


def _thumbnails(shards: Shards, content_ids: Sequence[str]) -> dict[str, bytes]:
    rows = shards.read(content_ids, ["content_id", "thumbnail"]).to_pydict()
    return dict(zip(rows["content_id"], rows["thumbnail"], strict=True))


if __name__ == "__main__":
    exit_on_error(main)
