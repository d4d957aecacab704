"""`winnow cache`: what `.winnow` keeps of images and videos, and how to be rid of what is no longer used."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from stages.contracts import tables
from stages.contracts.errors import TableError
from stages.contracts.schemas.embeddings import embeddings_table
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.quality import QUALITY
from stages.engines.shards import CACHE
from stages.sources.frame_store import FOLDER as FRAMES
from stages.sources.frame_store import remove_others


@dataclass(frozen=True)
class Kept:
    """One folder of the cache: its name, its size in bytes, and whether a present table was made from it."""

    name: str
    bytes: int
    in_use: bool


def in_use(root: Path = Path()) -> set[str]:
    """Names of the folders that the present tables were made from."""
    made_from = (tables.metadata(table, root).get("cache") for table in (QUALITY, embeddings_table(1)))
    return {name for name in made_from if name}


def listing(in_use: set[str], root: Path = Path()) -> list[Kept]:
    """Every folder of the cache, in order of name, and the frames of videos.

    Parameters
    ----------
    in_use : names of folders that the present tables were made from.
    """
    folders = sorted(path for path in (root / CACHE).glob("*") if path.is_dir())
    frames = [Kept("frames of videos", _size(root / FRAMES), True)] * (root / FRAMES).exists()
    return [Kept(path.name, _size(path), path.name in in_use) for path in folders] + frames


def prune(in_use: set[str], root: Path = Path()) -> list[Kept]:
    """Delete what no present table was made from, and frames of no present image; returns what went.

    Raises
    ------
    TableError : no run came to its end yet, so that everything would look unused.
    """
    for table in (QUALITY, embeddings_table(1)):
        if not (root / table.path).exists():
            raise TableError("a run is not finished, and goes on from its cache", where=table.path, do="dvc repro")
    old = [kept for kept in listing(in_use, root) if not kept.in_use]
    for kept in old:
        shutil.rmtree(root / CACHE / kept.name)
    frames = _size(root / FRAMES)
    gone = remove_others(root / FRAMES, set(tables.read(IMAGES, root)["content_id"]))
    return old + [Kept(f"{gone:,} frame{'s' * (gone != 1)} of videos", frames - _size(root / FRAMES), False)] * bool(
        gone
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
