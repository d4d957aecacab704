"""Measure every image's pixels: quality, perceptual hash, thumbnail.

Reads `images` and the pixels. Writes `quality`, the thumbnails as sheets in `data/thumbnails/`, and `thumbnails`:
where each lies in them. One look at the pixels serves all three, and is kept in shards by content, so that only
new content is decoded, and nothing is when a threshold changes. Flags are for people to look at: nothing is
removed for them unless `export.remove` says so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import cv2
import pandas as pd
import pyarrow as pa

from stages.contracts import tables
from stages.contracts.errors import ImageError, SourceError, exit_on_error
from stages.contracts.identity import digest_of
from stages.contracts.params import data, machine
from stages.contracts.params.base import load
from stages.contracts.params.measure import Params
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.thumbnails import SHEET_FOLDER, THUMBNAILS
from stages.contracts.vocabulary import QualityIssue, Status
from stages.core import sheets
from stages.core.pixels import decode
from stages.core.quality import VERSION, WORKING_SIDE, judge, measure, score
from stages.engines.local import in_parallel, worker_count
from stages.engines.progress import Progress
from stages.engines.shards import CACHE, Shards
from stages.sources.folder import folder_of
from stages.sources.frame_store import FOLDER as FRAMES
from stages.sources.opening import distinct_contents, read_content

SHARD_EVERY_S = 20.0
SHARD_BYTES = 64e6
SHEETS_AT_ONCE = 32
CODECS = ("pillow", "pillow-heif", "simplejpeg", "opencv-python-headless", "numpy")
NUMBERS = ("brightness", "contrast", "highlights", "shadows", "overexposed", "chroma", "sharpness", "entropy")
MEASURED = pa.schema(
    [
        pa.field("content_id", pa.string()),
        *(pa.field(name, pa.float64()) for name in NUMBERS),
        pa.field("phash", pa.string()),
        pa.field("phash_mirrored", pa.string()),
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
    cv2.setNumThreads(1)  # the threads are ours, one picture each
    params = load(Params, "measure", root)
    workers = worker_count(load(machine.Params, "machine", root).workers)
    images = tables.read(IMAGES, root)
    contents = distinct_contents(images)
    shards = Shards(root / CACHE / f"measure-{fingerprint(params)}", MEASURED)
    measure_new(params, contents, load(data.Params, "data", root), shards, workers, root)

    origin = tables.origin(params, [IMAGES.path], root, cache=shards.folder.name)
    measures = shards.read(contents["content_id"], MEASURES).to_pandas()
    quality = run(params, images, measures)
    places = write_sheets(params, contents["content_id"].tolist(), shards, workers, root)
    tables.write(THUMBNAILS, places, root, origin)
    tables.write(QUALITY, quality, root, origin)
    print(summary(quality))


def fingerprint(params: Params) -> str:
    """Id of everything that changes what is measured on the same bytes."""
    versions = {name: version(name) for name in CODECS}
    return digest_of({"measures": VERSION, "thumbnail_size": params.thumbnail_size, "versions": versions})[:12]


def measure_new(
    params: Params, contents: pd.DataFrame, where: data.Params, shards: Shards, workers: int, root: Path
) -> None:
    """Look at every content that no shard knows, and keep what was seen at least every 20 s."""
    known = shards.known()
    new = [(path, content_id) for content_id, path in contents.itertuples(index=False) if content_id not in known]
    if not new:
        return
    look = partial(_look, params, folder_of(where.source, root), root / FRAMES, where.max_pixels)
    with Progress("measure", len(new)) as progress:
        rows, size, since = [], 0, time.monotonic()
        try:
            for _, row in in_parallel(look, new, workers):
                rows.append(row)
                size += len(row["thumbnail"])
                progress.advance()
                if size > SHARD_BYTES or time.monotonic() - since > SHARD_EVERY_S:
                    shards.add(pa.Table.from_pylist(rows, MEASURED))
                    rows, size, since = [], 0, time.monotonic()
        finally:  # one bad file, or Ctrl-C, does not cost what was seen before it
            shards.add(pa.Table.from_pylist(rows, MEASURED))


def write_sheets(params: Params, content_ids: list[str], shards: Shards, workers: int, root: Path) -> pd.DataFrame:
    """Write the sheets and delete those of earlier runs; returns the thumbnails table."""
    folder = root / SHEET_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    write = partial(_write_sheet, params.thumbnail_size, folder)
    places = [place for _, rows in in_parallel(write, _sheets(content_ids, shards), workers) for place in rows]
    table = pd.DataFrame(places, columns=THUMBNAILS.names)
    for old in {path.name for path in folder.iterdir()} - set(table["sheet"]):
        (folder / old).unlink()
    return table


def summary(quality: pd.DataFrame) -> str:
    """One line: how many images were judged, and how many have which issue."""
    found = {issue: int(quality[f"is_{issue}"].sum()) for issue in QualityIssue}
    told = ", ".join(f"{count:,} {issue.replace('_', ' ')}" for issue, count in found.items() if count)
    return f"measure: {len(quality):,} images; {told or 'no quality issue'}"


def _look(params: Params, source: Path, frames: Path, max_pixels: int, content: tuple[str, str]) -> dict:
    """A row of `MEASURED` from one file."""
    path, content_id = content
    try:
        pixels = decode(read_content(source, path, content_id, frames), WORKING_SIDE, max_pixels)
    except ImageError as error:
        # `ingest` found every pixel; so this is a codec that changed since, or a lack of memory.
        raise SourceError(
            "an image that could be read no longer can",
            where=source / path,
            got=error.reason,
            do="dvc repro --force ingest",
        ) from error
    small = sheets.encode(sheets.thumbnail(pixels, params.thumbnail_size))
    return {"content_id": content_id, **measure(pixels), "thumbnail": small}


def _sheets(content_ids: list[str], shards: Shards) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Name of each sheet, and the contents and thumbnails (JPEG) that it holds; a few sheets' worth in memory."""
    remaining = sheets.sheets_of(content_ids)
    while some := list(islice(remaining, SHEETS_AT_ONCE)):
        rows = shards.read([one for _, ids in some for one in ids], ["content_id", "thumbnail"]).to_pydict()
        found = dict(zip(rows["content_id"], rows["thumbnail"], strict=True))
        for name, ids in some:
            yield name, [(one, found[one]) for one in ids]


def _write_sheet(longest: int, folder: Path, sheet: tuple[str, list[tuple[str, bytes]]]) -> list[tuple]:
    """Pack and write one sheet; returns its rows of the thumbnails table."""
    name, members = sheet
    packed, cells = sheets.pack([sheets.decode(small) for _, small in members], longest)
    (folder / name).write_bytes(sheets.encode(packed))
    return [
        (content_id, name, cell.x, cell.y, cell.w, cell.h) for (content_id, _), cell in zip(members, cells, strict=True)
    ]


if __name__ == "__main__":
    exit_on_error(main)
