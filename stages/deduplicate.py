"""Find copies: the same bytes, and the same picture.

Reads `images`, `quality` (hashes, sharpness), `embeddings`, `neighbors`, the thumbnails, and the calibration where
`duplicates.threshold` is auto. Writes `pairs` and `duplicates`. Embeddings and hashes only propose; a pair is accepted
when one picture, laid on the other, shows the same. Copies of one picture are then compared pair by pair, so that no
leak hides behind a nearer copy. Pairs are what was found; groups, each around the keeper it proposes, are for showing
and keeping. Of more pairs than `duplicates.patience` the likeliest are looked at first, and the rest no more once there
are hardly any copies among them; how many that were is told.

Every proposed picture is looked at once, at its thumbnail; what was seen waits in a temporary file below `.winnow`
(90 KB a picture), so memory does not grow with the number of images.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from stages.contracts import tables
from stages.contracts.calibration_record import PATH as CALIBRATION
from stages.contracts.calibration_record import read_calibration
from stages.contracts.errors import exit_on_error
from stages.contracts.params import export, machine
from stages.contracts.params.base import load
from stages.contracts.params.duplicates import AUTO, Params
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.embeddings import Embeddings, read_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.neighbors import Neighbors, read_neighbors
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.thumbnails import SHEET_FOLDER, THUMBNAILS
from stages.contracts.vocabulary import Status
from stages.core import proposals
from stages.core.copies import Copies, duplicates_table, pairs_table
from stages.core.groups import ranked
from stages.core.looking import Patience, likeliest_first, usual_cosine
from stages.core.looks import Look, compare, packed, unpack
from stages.core.numerals import plural
from stages.core.phash import to_bits
from stages.core.sensitivity import NearCopies
from stages.core.verification import Verification, accepted
from stages.engines import ray_cluster, ray_work
from stages.engines.local import InParallel, worker_count
from stages.engines.memory import keep_freed
from stages.engines.processes import best_for, get_ready
from stages.engines.progress import Progress
from stages.engines.spool import Spool
from stages.sources.thumbnails import looked_at

READ = ("data/images.parquet", "data/quality.parquet", "data/embeddings.parquet", "data/neighbors.parquet")
FROM_IMAGES = ("item_id", "content_id", "path", "frame", "label", "split", "width", "height", "bytes", "format")
FROM_QUALITY = ("item_id", "sharpness", "phash", "phash_mirrored")
SCRATCH = ".winnow/scratch"
AT_HAND = 256
"""Pictures whose features are kept for further pairs, some 300 KB each."""
MOST_ROUNDS = 10
"""Rounds of looking at what the last round's copies suggest; two or three are usual."""

Pair = tuple[str, str]
Judge = Callable[[list[Pair]], Iterable[tuple[Pair, Verification]]]


def run(
    params: Params,
    threshold: float,
    protect: tuple[str, ...],
    images: pd.DataFrame,
    quality: pd.DataFrame,
    embeddings: Embeddings,
    graph: Neighbors,
    judge: Judge,
    near: NearCopies | None = None,
    patience: Patience | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables `pairs` and `duplicates`.

    Parameters
    ----------
    threshold : agreement from which two are copies: `params.threshold`, or what `calibrate` found.
    protect : splits whose items are kept before others.
    embeddings, graph : over the same contents.
    judge : verifies pairs of content ids, and gives them back in the same order with what was found.
    near : is told of every pair that is verified, to say how much hangs on the thresholds.
    patience : hands out the pairs, and says afterwards how many were looked at; None: one of `params.patience`.
    """
    readable = images.loc[images["status"] == Status.OK, list(FROM_IMAGES)]
    items = ranked(readable.merge(quality[list(FROM_QUALITY)], on="item_id", validate="one_to_one"), protect)
    contents = items.drop_duplicates("content_id").set_index("content_id").loc[list(embeddings.content_ids)]
    hashes, flipped = (to_bits(contents[name]) for name in ("phash", "phash_mirrored"))
    splits = _splits(items, embeddings.content_ids)
    seen = partial(_look, params, threshold, embeddings.content_ids, hashes, flipped, judge, near)
    patience = patience or Patience(params.patience)
    rows, verified = find_copies(params, embeddings, graph, hashes, flipped, splits, seen, patience)
    cosines = proposals.cosines(embeddings.vectors, rows)
    copies = Copies(embeddings.content_ids[rows], verified, cosines, proposals.hamming(hashes, flipped, rows))
    pairs = pairs_table(items, copies)
    return pairs, duplicates_table(items, copies, pairs)


def find_copies(
    params: Params,
    embeddings: Embeddings,
    graph: Neighbors,
    hashes: np.ndarray,
    flipped: np.ndarray,
    splits: np.ndarray,
    look: Callable[[np.ndarray], dict[tuple[int, int], Verification]],
    patience: Patience,
) -> tuple[np.ndarray, list[Verification]]:
    """Pairs of contents that are copies: rows (m, 2) of `embeddings`, and what was found on each.

    Accepted pairs suggest others, which are looked at in the next round, until nothing new is suggested.

    Parameters
    ----------
    look : from pairs of rows (m, 2) to those of them that are copies.
    """
    n = len(embeddings)
    wanted = proposals.proposed(
        graph.indices,
        graph.similarities,
        hashes,
        params.propose_cosine,
        params.propose_neighbors,
        params.propose_phash,
    )
    found: dict[tuple[int, int], Verification] = {}
    for block in patience.blocks(_likeliest_first(wanted, embeddings, graph, hashes, flipped)):
        copies = look(block)
        patience.answer(np.array([pair in copies for pair in map(tuple, block.tolist())]))
        found |= copies
    looked = wanted[:, 0] * n + wanted[:, 1]
    for _ in range(MOST_ROUNDS):
        wanted = _suggested(params, embeddings, graph, splits, np.array(sorted(found), np.int64).reshape(-1, 2))
        keys = np.setdiff1d(wanted[:, 0] * n + wanted[:, 1], looked, assume_unique=True)
        if not len(keys):
            break
        looked = np.concatenate([looked, keys])
        found |= look(np.column_stack(np.divmod(keys, n)))
    rows = sorted(found)
    return np.array(rows, np.int64).reshape(-1, 2), [found[row] for row in rows]


def _likeliest_first(
    pairs: np.ndarray, embeddings: Embeddings, graph: Neighbors, hashes: np.ndarray, flipped: np.ndarray
) -> np.ndarray:
    distances = proposals.hamming(hashes, flipped, pairs)
    cosines = proposals.cosines(embeddings.vectors, pairs)
    return pairs[likeliest_first(cosines, distances, usual_cosine(graph.similarities, pairs))]


def _look(
    params: Params,
    threshold: float,
    content_ids: np.ndarray,
    hashes: np.ndarray,
    flipped: np.ndarray,
    judge: Judge,
    near: NearCopies | None,
    pairs: np.ndarray,
) -> dict[tuple[int, int], Verification]:
    """Those of the pairs (m, 2) of rows that are copies, and what was found on them."""
    found = {}
    pairs = proposals.distinct(pairs)
    judged = judge([(a, b) for a, b in content_ids[pairs]])
    distances = proposals.hamming(hashes, flipped, pairs).tolist()
    for (a, b), (_, seen), distance in zip(pairs.tolist(), judged, distances, strict=True):
        if accepted(seen, threshold, params.threshold_pixels, distance):
            found[a, b] = seen
        if near is not None:
            near.add(tuple(content_ids[[a, b]]), partial(accepted, seen, distance=distance))
    return found


def _suggested(
    params: Params, embeddings: Embeddings, graph: Neighbors, splits: np.ndarray, copies: np.ndarray
) -> np.ndarray:
    """Pairs that the copies found so far make worth looking at."""
    n = len(embeddings)
    labels = proposals.components(copies, n)
    further = proposals.crowded(graph.indices, graph.similarities, labels, params.propose_cosine)
    outside = proposals.beyond_groups(
        embeddings.vectors, further, labels, params.propose_cosine, params.propose_neighbors
    )
    return proposals.distinct(np.concatenate([proposals.within_groups(copies, n, splits), outside]))


def _splits(items: pd.DataFrame, content_ids: np.ndarray) -> np.ndarray:
    """In which splits each content is, as one word (n,)."""
    words = items[["content_id", "split"]].fillna({"split": ""}).drop_duplicates().sort_values("split")
    several = words["content_id"].duplicated(keep=False)
    joined = words[several].groupby("content_id")["split"].agg(" ".join)
    return pd.concat([words[~several].set_index("content_id")["split"], joined]).loc[list(content_ids)].to_numpy(str)


class Pictures:
    """A first look at contents, taken of their thumbnails when first asked for, each sheet opened once a round.

    Parameters
    ----------
    best_for : where so many pictures are described, or compared: here, or on a cluster.
    """

    def __init__(
        self,
        thumbnails: pd.DataFrame,
        sheets: Path,
        spool: Spool,
        workers: int,
        best_for: Callable[[int], InParallel] = best_for,
    ) -> None:
        self.places = thumbnails.set_index("content_id")
        self.sheets = sheets
        self.spool = spool
        self.workers = workers
        self.best_for = best_for

    def judge(self, pairs: list[Pair]) -> Iterator[tuple[Pair, Verification]]:
        """See `Judge`."""
        self.prepare({content_id for pair in pairs for content_id in pair})
        given = ((pair, self.spool.read(pair[0]), self.spool.read(pair[1])) for pair in pairs)
        with Progress("verify pairs", len(pairs)) as progress:
            for (pair, *_), seen in self.best_for(len(pairs))(_verify, given, self.workers, 64 * self.workers):
                progress.advance()
                yield pair, seen

    def prepare(self, content_ids: set[str]) -> None:
        """Look at the contents that nobody looked at yet."""
        missing = {content_id for content_id in content_ids if content_id not in self.spool}
        with Progress("look at pictures", len(missing)) as progress:
            each = self.best_for(len(missing))
            for found in looked_at(self.places, self.sheets, missing, self.workers, each, packed):
                for content_id, data in found:
                    self.spool.add(content_id, data)
                progress.advance(len(found))


def _verify(given: tuple[Pair, bytes, bytes]) -> Verification:
    cv2.setNumThreads(1)  # the threads are ours, a pair each
    _, one, other = given
    return compare(_unpacked(one), _unpacked(other))


@lru_cache(AT_HAND)
def _unpacked(data: bytes) -> Look:
    """What was found on a picture on the way, such as what it takes to look in full, is there for its next pair."""
    return unpack(data)


def main(root: Path = Path()) -> None:
    cv2.setNumThreads(1)  # the threads are ours, one picture each
    keep_freed()
    params = load(Params, "duplicates", root)
    is_auto = params.threshold == AUTO
    threshold = read_calibration(root).duplicates.threshold if is_auto else params.threshold
    protect = load(export.Params, "export", root).protect
    wish = load(machine.Params, "machine", root)
    root = root.resolve()  # other nodes stand elsewhere
    images = tables.read(IMAGES, root)
    if wish.engine == "local":
        get_ready(len(images), worker_count(wish.workers))  # while the others are read and pairs proposed
    quality = tables.read(QUALITY, root)
    embeddings, graph = read_embeddings(root), read_neighbors(root)
    near = NearCopies(threshold=threshold, threshold_pixels=params.threshold_pixels)
    patience = Patience(params.patience)
    with ray_cluster.connected(wish), Spool(root / SCRATCH) as spool:
        where = (
            (ray_cluster.processors(), lambda _: ray_work.in_parallel)
            if wish.engine == "ray"
            else (worker_count(wish.workers), best_for)
        )
        pictures = Pictures(tables.read(THUMBNAILS, root), root / SHEET_FOLDER, spool, *where)
        told = (pictures.judge, near, patience)
        pairs, duplicates = run(params, threshold, protect, images, quality, embeddings, graph, *told)
    moved = near.told(images.loc[images["status"] == Status.OK, "content_id"].value_counts().to_dict())
    inputs = [*READ, *[CALIBRATION] * is_auto]
    origin = tables.origin(
        params,
        inputs,
        root,
        protect=list(protect),
        threshold_in_force=threshold,
        sensitivity=moved,
        looked=patience.told(),
    )
    tables.write(PAIRS, pairs, root, origin)
    tables.write(DUPLICATES, duplicates, root, origin)
    print(summary(pairs, duplicates, patience))


def summary(pairs: pd.DataFrame, duplicates: pd.DataFrame, patience: Patience) -> str:
    """One line: groups, copies, pairs across splits, pairs of different labels; and if not all pairs were looked at."""
    kinds = duplicates["kind"].value_counts()
    told = [plural(duplicates["group_id"].nunique(), "group")]
    told += [plural(count, f"{kind} copy", f"{kind} copies") for kind, count in kinds.items()]
    told += [f"{plural(int(pairs['leak'].sum()), 'pair')} across splits"]
    told += [f"{plural(int(pairs['label_conflict'].sum()), 'pair')} with different labels"]
    if patience.looked_at < patience.proposed:
        told.append(f"the likeliest {patience.looked_at:,} of {patience.proposed:,} proposed pairs looked at")
    return f"deduplicate: {', '.join(told)}"


if __name__ == "__main__":
    exit_on_error(main)
