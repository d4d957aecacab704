"""Turn every distinct readable content into a unit vector.

Reads `images` and `data/encoder.json`, and the pixels. Writes `embeddings`. Threads read and decode ahead while
the encoder works; what was computed is kept in shards by content, so that only new content is computed, and a
kill loses less than half a minute.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from stages.contracts import tables
from stages.contracts.encoder_record import PATH as RECORD
from stages.contracts.encoder_record import read_record
from stages.contracts.errors import exit_on_error
from stages.contracts.identity import digest_of
from stages.contracts.params import data, machine
from stages.contracts.params.base import load
from stages.contracts.params.embed import Params
from stages.contracts.schemas.embeddings import Embeddings, embeddings_table, write_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.encoders.interface import Encoder
from stages.encoders.opening import open_encoder
from stages.engines.local import in_parallel, worker_count
from stages.engines.progress import Progress
from stages.engines.shards import CACHE, Shards
from stages.sources.folder import folder_of
from stages.sources.frame_store import FOLDER as FRAMES
from stages.sources.opening import Opener, distinct_contents

SHARD_EVERY_S = 20.0
OVERSAMPLING = 2
"""pictures are decoded to at least this many times the encoder's input size: less loses detail, more takes longer"""


class Content(NamedTuple):
    """One content, and a path that holds it."""

    content_id: str
    path: str


def run(
    contents: pd.DataFrame,
    open_pixels: Callable[[Content], np.ndarray],
    encoder: Encoder,
    shards: Shards,
    workers: int = 1,
    batch: int = 32,
) -> Embeddings:
    """
    Vectors of all contents; those that `shards` holds are not computed again.

    Parameters
    ----------
    contents : `content_id` and `path`, one row a distinct content.
    open_pixels : gives a content's upright RGB pixels (h, w, 3) uint8; called in threads.
    workers : threads that open and preprocess.
    batch : pictures that the encoder is given in one go.
    """
    known = shards.known()
    missing = [Content(*row) for row in contents[["content_id", "path"]].itertuples(index=False) if row[0] not in known]
    pictures = in_parallel(lambda content: encoder.preprocess(open_pixels(content)), missing, workers, ahead=2 * batch)
    with Progress("embed", len(missing)) as progress:
        for rows in _gathered(_vectors(pictures, encoder, batch, progress)):
            shards.add(rows)
    return _assembled(shards.read(contents["content_id"]), encoder.dim)


def schema(dim: int) -> pa.Schema:
    """Of a shard's rows."""
    return embeddings_table(dim).schema


def _vectors(
    pictures: Iterator[tuple[Content, np.ndarray]], encoder: Encoder, batch: int, progress: Progress
) -> Iterator[pa.Table]:
    """Rows of the table, a batch at a time."""
    while taken := list(islice(pictures, batch)):
        vectors = encoder.image_features(np.stack([picture for _, picture in taken]))
        column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), encoder.dim)
        ids = pa.array([content.content_id for content, _ in taken], pa.string())
        progress.advance(len(taken))
        yield pa.Table.from_arrays([ids, column], schema=schema(encoder.dim))


def _gathered(parts: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Small tables joined to one every `SHARD_EVERY_S` seconds, and the rest."""
    waiting: list[pa.Table] = []
    since = time.monotonic()
    for part in parts:
        waiting.append(part)
        if time.monotonic() - since > SHARD_EVERY_S:
            yield pa.concat_tables(waiting)
            waiting, since = [], time.monotonic()
    if waiting:
        yield pa.concat_tables(waiting)


def _assembled(rows: pa.Table, dim: int) -> Embeddings:
    ids = rows["content_id"].to_pandas().to_numpy(dtype=object)
    flat = rows["embedding"].combine_chunks()
    values = flat.flatten() if rows.num_rows else pa.array([], pa.float32())
    return Embeddings(ids, values.to_numpy(zero_copy_only=False).reshape(-1, dim))


def _pixels(opener: Opener, min_side: int, content: Content) -> np.ndarray:
    return opener(content.path, content.content_id, min_side)


def cache_of(encoder: Encoder, min_side: int, root: Path) -> Shards:
    """The shards of vectors made in exactly this way."""
    fingerprint = digest_of([encoder.fingerprint, min_side, version("pillow")])
    return Shards(root / CACHE / f"embed-{fingerprint}", schema(encoder.dim))


def main(root: Path = Path()) -> None:
    params = load(Params, "embed", root)
    wish = load(machine.Params, "machine", root)
    source = load(data.Params, "data", root)
    record = read_record(root)
    contents = distinct_contents(tables.read(IMAGES, root))
    encoder = open_encoder(record, root, params.precision, wish)
    min_side = OVERSAMPLING * encoder.input_size
    opener = Opener(folder_of(source.source, root), root / FRAMES, source.max_pixels)
    shards = cache_of(encoder, min_side, root)
    print(f"embed: {record.encoder_id} with {encoder.engine}")
    found = run(contents, partial(_pixels, opener, min_side), encoder, shards, worker_count(wish.workers), wish.batch)
    provenance = tables.origin(
        params,
        [IMAGES.path, RECORD],
        root,
        encoder=record.model_dump(),
        dim=record.dim,
        engine=encoder.engine,
        cache=shards.folder.name,
    )
    write_embeddings(found, record.dim, root, provenance)


if __name__ == "__main__":
    exit_on_error(main)
