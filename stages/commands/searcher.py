"""A project that can be searched: opened once, asked many times (`winnow search` asks once).

The query becomes a vector of the encoder that made the index; a condition is evaluated on the tables; the index ranks
what passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from stages import index
from stages.commands.answering import doubts
from stages.commands.finished import must_be_of_these_images
from stages.contracts import tables
from stages.contracts.encoder_record import EncoderRecord, read_record
from stages.contracts.errors import ImageError, QueryError, TableError
from stages.contracts.params import data, embed, machine
from stages.contracts.params.base import load
from stages.contracts.schemas.cluster_names import CLUSTER_NAMES
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.embeddings import embeddings_table
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.labels import LABELS
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.verdicts import VERDICTS
from stages.contracts.tables import Table
from stages.contracts.tags import read_tags
from stages.core import filters, ranking, tagging
from stages.engines.index_update import ids_digest
from stages.engines.vector_index import FOLDER, VectorIndex, open_index

if TYPE_CHECKING:
    from stages.encoders.interface import Encoder

FILTERED = (IMAGES, QUALITY, OUTLIERS, DUPLICATES, CLUSTERS, CLUSTER_NAMES, LABELS, VERDICTS)
"""What a condition may speak of; a name that several of them have means the first."""
TAGS = "tags"
"""What people named images: no table of a stage, but a column of the manifest, and so of conditions."""
SAMPLE = 2_000
OVERSAMPLING = 2


@dataclass(frozen=True)
class Query:
    """What is asked for: a text, an image, or both; how many; and a condition on the tables."""

    text: str | None = None
    image: Path | None = None
    weight: float = 0.5
    where: str | None = None
    k: int = 24


@dataclass(frozen=True)
class Result:
    """One rank: its cosine, the item that is shown, and the other items of the same content that pass."""

    rank: int
    similarity: float
    item: dict
    copies: list[dict]


class Searcher:
    """What it has read stays as it was: after another run, open another one.

    Parameters
    ----------
    root : the project's.

    Raises
    ------
    TableError : there is no index, or it is not that of the present embeddings, or these are of other images.
    """

    def __init__(self, root: Path = Path()) -> None:
        self.root = root
        self.encoder_record = read_record(root)
        self.index = open_index(root / FOLDER)
        _must_be_of_now(self.index, self.encoder_record, root)
        self.passing = lru_cache(maxsize=16)(self._passing)

    @cached_property
    def images(self) -> pd.DataFrame:
        """Every item, in order of path."""
        columns = ["item_id", "path", "frame", "content_id", "label", "split"]
        return tables.read(IMAGES, self.root)[columns].sort_values(["path", "frame", "item_id"]).reset_index(drop=True)

    def search(self, query: Query) -> list[Result]:
        """The images most like the query, most alike first; fewer than k where no more pass.

        Raises
        ------
        QueryError : nothing is asked for, the image cannot be read, or the condition is not understood.
        """
        _must_ask(query)
        passes = None if query.where is None else self.passing(query.where)
        vector = self.vector(query)
        hits = ranking.search(self.index.nearest, vector, query.k, self._row_of, len(self.index), passes)
        return [self._result(rank, hit) for rank, hit in enumerate(hits, 1)]

    def vector(self, query: Query) -> np.ndarray:
        """(dim,) what the index is asked for."""
        image = None if query.image is None else self._image_vector(query.image)
        text = None if query.text is None else self._encoder.text_features([query.text.strip()])[0]
        if text is None or image is None:
            return text if image is None else image
        return ranking.blend(text, image, query.weight, self.index.sample(SAMPLE))

    def doubts(self, query: Query) -> list[str]:
        """What is to be said of a text that the encoder does not know the words of."""
        return [] if query.text is None else doubts([query.text], self._encoder)

    def _passing(self, where: str) -> np.ndarray:
        """(items,) bool: which items a condition holds for."""
        return passing(where, self.images["item_id"], self.root)

    def _image_vector(self, path: Path) -> np.ndarray:
        from stages.core.pixels import decode

        try:
            held = path.read_bytes()  # before the encoder is opened, which takes longer
        except OSError as error:
            raise QueryError("the image cannot be opened", where=path, got=error.strerror or error) from None
        min_side = OVERSAMPLING * self._encoder.input_size
        try:
            pixels = decode(held, min_side, load(data.Params, "data", self.root).max_pixels)
        except ImageError as error:
            raise QueryError("the image cannot be read", where=path, got=error.reason) from None
        return self._encoder.image_features(self._encoder.preprocess(pixels)[None])[0]

    def _result(self, rank: int, hit: ranking.Hit) -> Result:
        first, *copies = self.images.iloc[hit.items].astype(object).to_dict("records")
        return Result(rank, hit.similarity, first, copies)

    @cached_property
    def _encoder(self) -> Encoder:
        from stages.encoders.opening import open_encoder

        wish = load(machine.Params, "machine", self.root)
        return open_encoder(self.encoder_record, self.root, load(embed.Params, "embed", self.root).precision, wish)

    @cached_property
    def _row_of(self) -> np.ndarray:
        return pd.Index(self.index.content_ids).get_indexer(self.images["content_id"].to_numpy(dtype=object))


def passing(where: str, item_ids: pd.Series, root: Path = Path()) -> np.ndarray:
    """
    Which items a condition holds for.

    Parameters
    ----------
    where : such as `split = 'train' and is_outlier`.
    item_ids : (n,).

    Returns
    -------
    (n,) bool.

    Raises
    ------
    QueryError : it is not understood; names the columns there are.
    """
    condition = _understood(where, root)
    held = {table.name: table for table in FILTERED}
    frames = {name: _aligned(held[name], item_ids, root) for name in condition.needs if name != TAGS}
    if TAGS in condition.needs:
        frames[TAGS] = _tags(item_ids, root)
    return filters.passing(condition, frames, len(item_ids))


def must_make_sense(query: Query, root: Path = Path()) -> None:
    """What can be told without an index and an encoder, which take long to open.

    Raises
    ------
    QueryError : nothing is asked for, the image is not there, or the condition is not understood.
    """
    _must_ask(query)
    if query.image is not None and not query.image.is_file():
        raise QueryError("there is no such image", where=query.image, do="winnow search --image FILE")
    if query.where is not None:
        _understood(query.where, root)


def _understood(where: str, root: Path) -> filters.Filter:
    present = [table for table in FILTERED if (root / table.path).exists()]
    return filters.understand(where, {table.name: _columns(table) for table in present} | {TAGS: [TAGS]})


def _aligned(table: Table, item_ids: pd.Series, root: Path) -> pd.DataFrame:
    """A row per item, null where the table has none for it."""
    rows = tables.read(table, root)
    if table is CLUSTER_NAMES:
        cluster_of = _aligned(CLUSTERS, item_ids, root)["cluster"]
        return rows.set_index("cluster", drop=False).reindex(cluster_of)
    return rows.set_index("item_id", drop=False).reindex(item_ids)


def _tags(item_ids: pd.Series, root: Path) -> pd.DataFrame:
    """Per item its tags, joined as in the manifest; null where it has none."""
    named = tagging.by_item(read_tags(root), tables.read(IMAGES, root))
    return pd.DataFrame({TAGS: pd.Series(tagging.joined(item_ids, named), dtype=object)})


def _columns(table: Table) -> list[str]:
    """What can be compared; an item's id is named by `images` alone."""
    return [
        column.name
        for column in table.columns
        if not pa.types.is_list(column.type) and (table is IMAGES or column.name != "item_id")
    ]


def _must_ask(query: Query) -> None:
    if query.k < 1:
        raise QueryError("no image is asked for", where="-k", expected="1 or more", got=query.k)
    if not 0 <= query.weight <= 1:
        raise QueryError(
            "the weight is out of range", where="--weight", expected="0 (image) to 1 (text)", got=query.weight
        )
    if query.text is not None and not query.text.strip():
        raise QueryError("the text is empty", expected="a few words", do='winnow search "red car"')
    if query.text is None and query.image is None:
        raise QueryError(
            "nothing is asked for", expected="a text, an image, or both", do='winnow search "red car" --image photo.jpg'
        )


def _must_be_of_now(opened: VectorIndex, encoder: EncoderRecord, root: Path) -> None:
    must_be_of_these_images(embeddings_table(1), root)
    content_ids, made_from = _embedded(root), index.made_from(root)
    if opened.record.made_from != made_from or opened.record.ids != ids_digest(content_ids):
        raise TableError("the search index is not that of the present embeddings", where=FOLDER, do="dvc repro index")
    made_with = made_from["encoder"]
    if made_with != {name: getattr(encoder, name) for name in made_with}:
        raise TableError(
            "the embeddings are made by another encoder than data/encoder.json names",
            where=FOLDER,
            expected=encoder.encoder_id,
            got=f"{made_with['kind']}:{made_with['model']}",
            do="dvc repro index",
        )


def _embedded(root: Path) -> np.ndarray:
    """The contents that have a vector now; the vectors themselves are not read."""
    table = embeddings_table(1)
    try:
        ids = pq.read_table(root / table.path, columns=["content_id"])["content_id"]
    except (pa.ArrowException, OSError) as error:
        raise TableError("table embeddings cannot be read", where=table.path, got=error, do="dvc repro embed") from None
    return ids.to_pandas().to_numpy(dtype=object)
