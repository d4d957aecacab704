"""`winnow select`: some of the kept images, chosen by their vectors, as a manifest like that of `export`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from ruamel.yaml import YAML

from stages.commands.finished import must_be_of_these_images
from stages.commands.searcher import passing
from stages.contracts import tables
from stages.contracts.errors import QueryError, TableError
from stages.contracts.identity import digest
from stages.contracts.params import data
from stages.contracts.params.base import load
from stages.contracts.schemas.embeddings import Embeddings, read_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.neighbors import NEIGHBORS, read_neighbors
from stages.contracts.schemas.verdicts import VERDICTS
from stages.contracts.vocabulary import Status
from stages.core.subsets.balanced import balanced
from stages.core.subsets.chosen import Chosen
from stages.core.subsets.diverse import diverse
from stages.core.subsets.representative import representative
from stages.core.subsets.semantic_dedup import Graph, semantic_dedup
from stages.exports.manifest_files import write_csv, write_jsonl, write_parquet

METHODS = ("diverse", "representative", "balanced", "semantic-dedup")
WRITERS = {".csv": write_csv, ".parquet": write_parquet, ".jsonl": write_jsonl}
FOLDER = "data"
KEPT = "data/export/keep.parquet"
PIPELINES = ("dvc.yaml", "data/dvc.yaml")


@dataclass(frozen=True)
class Wish:
    """How many (`n`, or `keep` as a share), by which method, out of which."""

    method: str
    n: int | None = None
    keep: float | None = None
    where: str | None = None
    per_label: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Selected:
    """The manifest, how well it does by its method's own measure, and out of how many kept images it was chosen."""

    rows: pd.DataFrame
    notes: list[str]
    candidates: int
    path: Path


def select(wish: Wish, out: Path | None = None, root: Path = Path()) -> Selected:
    """
    Choose, and write the manifest.

    Parameters
    ----------
    out : .csv, .parquet or .jsonl, in a folder that is there; without it, as `named` says, in `data`.

    Raises
    ------
    QueryError : the wish makes no sense, or `out` is a file that the pipeline or the source owns.
    """
    _must_make_sense(wish)
    if out is not None:
        _must_be_free(root / out, root)
    candidates = kept(wish.where, root)
    rows, notes = run(wish, candidates, read_embeddings(root), lambda ids: known_graph(ids, root))
    path = root / FOLDER / named(wish, len(rows)) if out is None else root / out
    WRITERS[path.suffix](rows, path)
    return Selected(rows, notes, len(candidates), path)


def named(wish: Wish, rows: int) -> str:
    """`subset-diverse-40.csv`; what else was wished for is in the name too, so that no wish overwrites another's file.

    Parameters
    ----------
    rows : chosen, which may be fewer than were asked for.
    """
    number = f"{wish.n}-per-label" if wish.per_label and wish.n else wish.keep or rows
    label = "-per-label" if wish.per_label and not wish.n else ""
    where = "" if wish.where is None else f"-where-{digest(wish.where.encode())[:6]}"
    seed = f"-seed-{wish.seed}" if wish.seed else ""
    return f"subset-{wish.method}-{number}{label}{where}{seed}.csv"


def run(
    wish: Wish, candidates: pd.DataFrame, embeddings: Embeddings, graph: Callable[[np.ndarray], Graph | None]
) -> tuple[pd.DataFrame, list[str]]:
    """
    The chosen candidates, with their rank (where the method has one) and why; and how well they do, in words.

    Images of the same content are one; copies come last, where more are wanted than there are contents.

    Parameters
    ----------
    candidates : rows of `export`'s manifest, all with a vector.
    graph : gives the neighbour graph over the rows of some content ids (ascending), if it is known.
    """
    parts, notes = [], []
    for label, group in candidates.groupby("label", dropna=False) if wish.per_label else [(None, candidates)]:
        chosen, part = _chosen(wish, group, embeddings, graph)
        parts.append(part)
        notes.append(f"{label}: {chosen.told}" if wish.per_label else f"{chosen.told[0].upper()}{chosen.told[1:]}.")
    rows = pd.concat(parts, ignore_index=True).astype({"selected_rank": "Int64"})
    return rows, [*notes, *_spread(wish, rows, candidates)]


def _spread(wish: Wish, rows: pd.DataFrame, candidates: pd.DataFrame) -> list[str]:
    """How even a balanced choice is over the labels, which it does not know: kinds are what looks alike, not labels."""
    there = candidates["label"].dropna().unique()
    if wish.method != "balanced" or wish.per_label or len(there) < 2:
        return []
    counts = rows["label"].value_counts().reindex(there, fill_value=0)
    return [f"Of {len(there):,} labels {counts.min():,} to {counts.max():,} each; --per-label takes as many of each."]


def kept(where: str | None, root: Path) -> pd.DataFrame:
    """What `export` keeps, which can be read and for which the condition holds, in order of path."""
    images = tables.read(IMAGES, root)
    must_be_of_these_images(VERDICTS, root)
    rows = _manifest(root / KEPT)
    rows = rows[rows["item_id"].isin(images.loc[images["status"] == Status.OK, "item_id"])].reset_index(drop=True)
    if where is not None:
        rows = rows[passing(where, rows["item_id"], root)].reset_index(drop=True)
    if rows.empty:
        got = "none" if where is None else f"none for which {where}"
        raise QueryError("there is nothing to choose from", where="winnow select", expected="images that stay", got=got)
    return rows


def _manifest(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (pa.ArrowException, OSError) as error:
        got = None if isinstance(error, FileNotFoundError) else error
        raise TableError("there is no manifest to choose from", where=path, got=got, do="dvc repro export") from None


def known_graph(content_ids: np.ndarray, root: Path) -> Graph | None:
    """The neighbour graph of `connect` over some contents (ascending); -1 where a neighbour is not one of them."""
    if not (root / NEIGHBORS.path).exists():
        return None
    known = read_neighbors(root)
    rows = pd.Index(known.content_ids).get_indexer(content_ids)
    if (rows < 0).any():
        return None
    row_of = np.full(len(known), -1, np.int64)
    row_of[rows] = np.arange(len(rows))
    return row_of[known.indices[rows]], known.similarities[rows]


def told(selected: Selected) -> list[str]:
    """What was chosen, in a line or two."""
    chosen, there = len(selected.rows), selected.candidates
    lines = [f"{chosen:,} of {there:,} kept images: {selected.path}"]
    if chosen == there:
        return [*lines, "These are all there are."]
    return [*lines, *selected.notes]


def _chosen(
    wish: Wish, group: pd.DataFrame, embeddings: Embeddings, graph: Callable[[np.ndarray], Graph | None]
) -> tuple[Chosen, pd.DataFrame]:
    firsts = group.drop_duplicates("content_id").sort_values("content_id", kind="stable").reset_index(drop=True)
    n = wish.n if wish.keep is None else max(1, round(wish.keep * len(group)))
    rows = embeddings.rows_of(firsts["content_id"].to_numpy(dtype=object))
    whole = len(rows) == len(embeddings)
    chosen = _by_method(wish, embeddings.vectors if whole else embeddings.vectors[rows], n, firsts, graph)
    copies = group[~group["item_id"].isin(firsts["item_id"])].head(n - len(chosen.rows))
    last = copies.assign(selected_rank=None, selected_because="a copy; there are no more contents")
    return chosen, pd.concat([_told(firsts.iloc[chosen.rows], chosen), last])


def _by_method(
    wish: Wish, vectors: np.ndarray, n: int, firsts: pd.DataFrame, graph: Callable[[np.ndarray], Graph | None]
) -> Chosen:
    if wish.method == "diverse":
        return diverse(vectors, n)
    if wish.method == "representative":
        return representative(vectors, n, wish.seed)
    if wish.method == "balanced":
        return balanced(vectors, n, wish.seed)
    return semantic_dedup(vectors, n, graph(firsts["content_id"].to_numpy(dtype=object)))


def _told(rows: pd.DataFrame, chosen: Chosen) -> pd.DataFrame:
    """With rank and reason; in order of rank, or else of path."""
    ranks = range(1, len(rows) + 1) if chosen.is_ranked else None
    told = rows.assign(selected_rank=ranks, selected_because=chosen.reasons)
    return told if chosen.is_ranked else told.sort_values(["path", "frame"], kind="stable")


def _must_make_sense(wish: Wish) -> None:
    if wish.method not in METHODS:
        raise QueryError("the method is not known", where="--method", expected=", ".join(METHODS), got=wish.method)
    if wish.keep is not None and wish.method != "semantic-dedup":
        raise QueryError(
            "--keep is for semantic-dedup", where=f"--method {wish.method}", expected="--n NUMBER", got="--keep"
        )
    if (wish.n is None) == (wish.keep is None):
        raise QueryError(
            "how many are wanted is not clear",
            expected="--n NUMBER, or --keep SHARE" if wish.method == "semantic-dedup" else "--n NUMBER",
            got="no number" if wish.n is None else "both --n and --keep",
            do=f"winnow select --method {wish.method} --n 100",
        )
    if wish.n is not None and wish.n < 1:
        raise QueryError("no image is asked for", where="--n", expected="1 or more", got=wish.n)
    if wish.keep is not None and not 0 < wish.keep <= 1:
        raise QueryError("the share is out of range", where="--keep", expected="over 0, to 1", got=wish.keep)


def _must_be_free(path: Path, root: Path) -> None:
    """A manifest is never written over what the pipeline makes, what people decided, or into the source."""
    if path.suffix not in WRITERS:
        raise QueryError(
            "the file has no known kind", where=path, expected=", ".join(WRITERS), got=path.suffix or "none"
        )
    if not path.parent.is_dir():
        raise QueryError("the folder is not there", where=path, expected="a folder that is there", do="make it first")
    real = path.resolve()
    taken = [(root / out).resolve() for out in _outs(root)] + [(root / "data/decisions.csv").resolve()]
    source = (root / Path(load(data.Params, "data", root).source).expanduser()).resolve()
    for owned in (*taken, source):
        if real == owned or real.is_relative_to(owned):
            raise QueryError(
                "the file is in a place that the pipeline or the source owns",
                where=path,
                expected="a place of its own",
                got=owned,
                do="winnow select … --out data/subset.csv",
            )


def _outs(root: Path) -> Iterator[str]:
    """What the pipelines make."""
    for name in PIPELINES:
        if (root / name).exists():
            stages = YAML(typ="safe").load((root / name).read_text(encoding="utf-8")).get("stages", {})
            for stage in stages.values():
                for out in (*stage.get("outs", []), *stage.get("metrics", [])):
                    made = out if isinstance(out, str) else next(iter(out))
                    yield os.path.normpath(Path(name).parent / stage.get("wdir", ".") / made)
