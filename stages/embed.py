"""Turn every distinct readable content into a unit vector.

Reads `images` and `data/encoder.json`, and the pixels. Writes `embeddings`. Threads read and decode ahead while
the encoder works; what was computed is kept in shards by content, so that only new content is computed, and a
kill loses less than half a minute.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from stages.contracts import tables
from stages.contracts.encoder_record import PATH as RECORD
from stages.contracts.encoder_record import read_record
from stages.contracts.errors import EncoderError, exit_on_error
from stages.contracts.identity import digest_of
from stages.contracts.params import data, machine
from stages.contracts.params.base import load
from stages.contracts.params.embed import Params
from stages.contracts.schemas.embeddings import Embeddings, embeddings_table, write_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.encoders.interface import Encoder
from stages.encoders.opening import open_encoder
from stages.engines import ray_cluster, ray_work
from stages.engines.local import in_parallel, worker_count
from stages.engines.progress import Progress
from stages.engines.shards import CACHE, Shards
from stages.sources.folder import folder_of
from stages.sources.frame_store import FOLDER as FRAMES
from stages.sources.opening import Content, Opener, as_rows, distinct_contents, from_rows

SHARD_EVERY_S = 20.0
OVERSAMPLING = 2
"""Pictures are decoded to at least this many times the encoder's input size: less loses detail, more takes longer."""

GPUS = ("auto", "cuda")
"""Values of `machine.device` with which a worker of a cluster takes a GPU."""


def run(
    contents: pd.DataFrame,
    open_pixels: Callable[[Content], np.ndarray],
    encoder: Encoder,
    shards: Shards,
    workers: int = 1,
    batch: int = 32,
) -> Embeddings:
    """Vectors of all contents; those that `shards` holds are not computed again.

    Parameters
    ----------
    contents : `content_id` and `path`, one row a distinct content.
    open_pixels : gives a content's upright RGB pixels (h, w, 3) uint8; called in threads.
    workers : threads that open and preprocess.
    batch : pictures that the encoder is given in one go.
    """
    embed_new(missing(contents, shards), open_pixels, encoder, shards, workers, batch)
    return assembled(shards.read(contents["content_id"]), encoder.dim)


def missing(contents: pd.DataFrame, shards: Shards) -> list[Content]:
    """Those that `shards` lacks."""
    known = shards.known()
    rows = contents[["content_id", "path"]].itertuples(index=False)
    return [Content(*row) for row in rows if row.content_id not in known]


def embed_new(
    new: list[Content],
    open_pixels: Callable[[Content], np.ndarray],
    encoder: Encoder,
    shards: Shards,
    workers: int,
    batch: int,
) -> None:
    """Embed contents that no shard has, and keep their vectors; see `run`."""
    pictures = in_parallel(lambda content: encoder.preprocess(open_pixels(content)), new, workers, ahead=2 * batch)
    with Progress("embed", len(new)) as progress:
        for rows in _gathered(_vectors(pictures, encoder, batch, progress)):
            shards.add(rows)


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


def assembled(rows: pa.Table, dim: int) -> Embeddings:
    """The rows of shards as arrays."""
    ids = rows["content_id"].to_pandas().to_numpy(dtype=object)
    flat = rows["embedding"].combine_chunks()
    values = flat.flatten() if rows.num_rows else pa.array([], pa.float32())
    return Embeddings(ids, values.to_numpy(zero_copy_only=False).reshape(-1, dim))


@dataclass(frozen=True)
class RemoteEncoder:
    """What this process needs to know of an encoder that is opened on a cluster's nodes; see `Encoder`."""

    dim: int
    input_size: int
    engine: str
    fingerprint: str


def remote_encoder(open_here: Callable[[], Encoder], wish: machine.Params) -> RemoteEncoder:
    """The encoder as a cluster's nodes open it."""
    return ray_work.on_a_worker(partial(_opened_once, open_here), wish, wish.device in GPUS)


def embed_remotely(
    new: list[Content],
    open_pixels: Callable[[Content], np.ndarray],
    open_here: Callable[[], Encoder],
    expected: RemoteEncoder,
    shards: Shards,
    wish: machine.Params,
) -> None:
    """As `embed_new`, on all nodes of a cluster."""
    open_work = partial(worker, open_here, expected, open_pixels, shards, wish.batch)
    ray_work.done_on_all_nodes("embed", as_rows(new), open_work, wish, wish.device in GPUS)


def _opened_once(open_here: Callable[[], Encoder]) -> RemoteEncoder:
    """Embeds a picture, too: that fills the encoder's caches before several workers would do so at once."""
    encoder = open_here()
    encoder.image_features(encoder.preprocess(np.zeros((encoder.input_size, encoder.input_size, 3), np.uint8))[None])
    return RemoteEncoder(encoder.dim, encoder.input_size, encoder.engine, encoder.fingerprint)


def worker(
    open_here: Callable[[], Encoder],
    expected: RemoteEncoder,
    open_pixels: Callable[[Content], np.ndarray],
    shards: Shards,
    batch: int,
    workers: int,
) -> ray_work.Work:
    """What a node of a cluster does with a piece of the contents (see `as_rows`): as `embed_new`.

    Raises
    ------
    EncoderError : another node embeds in another way.
    """
    encoder = open_here()
    if encoder.fingerprint != expected.fingerprint:
        raise EncoderError(
            "the nodes of the cluster embed differently",
            expected=expected.engine,
            got=f"{encoder.engine} on {platform.node()}",
            do="machine.device, machine.runtime and embed.precision in params.yaml: what all nodes can do",
        )

    def work(piece: pa.Table) -> pa.Table:
        embed_new(from_rows(piece), open_pixels, encoder, shards, workers, batch)
        return piece.select(["content_id"])

    return work


def _pixels(opener: Opener, min_side: int, content: Content) -> np.ndarray:
    return opener(content.path, content.content_id, min_side)


def cache_of(encoder: Encoder | RemoteEncoder, min_side: int, root: Path, store: str | None = None) -> Shards:
    """The shards of vectors made in exactly this way."""
    fingerprint = digest_of([encoder.fingerprint, min_side, version("pillow")])
    return Shards(root / CACHE / f"embed-{fingerprint}", schema(encoder.dim), store)


def main(root: Path = Path()) -> None:
    params = load(Params, "embed", root)
    wish = load(machine.Params, "machine", root)
    source = load(data.Params, "data", root)
    record = read_record(root)
    contents = distinct_contents(tables.read(IMAGES, root))
    root = root.resolve()  # other nodes stand elsewhere
    open_here = partial(open_encoder, record, root, params.precision, wish)
    opener = Opener(folder_of(source.source, root), root / FRAMES, source.max_pixels)
    with ray_cluster.connected(wish):
        encoder = remote_encoder(open_here, wish) if wish.engine == "ray" else open_here()
        open_pixels = partial(_pixels, opener, OVERSAMPLING * encoder.input_size)
        shards = cache_of(encoder, OVERSAMPLING * encoder.input_size, root, wish.shards)
        print(f"embed: {record.encoder_id} with {encoder.engine}")
        if wish.engine == "ray":
            embed_remotely(missing(contents, shards), open_pixels, open_here, encoder, shards, wish)
        found = run(contents, open_pixels, encoder, shards, worker_count(wish.workers), wish.batch)
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
