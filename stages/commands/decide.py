"""`winnow decide merge FILE` and `winnow decide tag FILE`: fold what was saved from a page into what is committed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from stages.contracts import tables
from stages.contracts.decisions import PATH, changing, read_decisions, read_decisions_file, write_decisions
from stages.contracts.schemas.images import IMAGES
from stages.contracts.tags import PATH as TAGS
from stages.contracts.tags import read_tags, read_tags_file, write_tags
from stages.core.decisions import apply, named, said
from stages.core.merging import Merged, merge
from stages.core.tagging import fold
from stages.exports.plain_text import visible


def merge_files(files: list[Path], root: Path = Path()) -> list[str]:
    """Fold the files in, in their order, and say what came of it.

    Raises
    ------
    DecisionsError : one of them cannot be understood; then nothing is written.
    """
    others = [read_decisions_file(file) for file in files]
    told = []
    with changing(root):
        rows, images = read_decisions(root), _images(root)
        for file, other in zip(files, others, strict=True):
            merged = merge(rows, other, images)
            told += _told(file, merged)
            rows = merged.rows.assign(line=range(2, len(merged.rows) + 2))
        write_decisions(rows, root)
    return [*told, *_not_reached(rows, images), f"{PATH} now holds {len(rows):,}; dvc repro obeys them"]


def tag_files(files: list[Path], root: Path = Path()) -> list[str]:
    """Fold the files' tags into data/tags.csv, and say what came of it.

    Raises
    ------
    DecisionsError : one of them cannot be understood; then nothing is written.
    """
    others = [read_tags_file(file) for file in files]
    told = []
    with changing(root):
        rows = read_tags(root)
        for file, other in zip(files, others, strict=True):
            before = len(rows)
            rows = fold(rows, other)
            told.append(f"{file}: {len(rows) - before:,} new")
        write_tags(rows, root)
    names = ", ".join(sorted({visible(name) for name in rows["tag"]}))
    return [*told, f"{TAGS} now holds {len(rows):,}: {names}" if names else f"{TAGS} is empty"]


def _told(file: Path, merged: Merged) -> list[str]:
    older = f", {merged.older:,} older than what is held" if merged.older else ""
    lines = [f"{file}: {merged.added:,} new, {merged.changed:,} changed{older}"]
    for row in merged.conflicts.to_dict("records"):
        lines.append(f"  conflict: {_named(row)}: {visible(said(row))}")
    return lines


def _named(row: dict) -> str:
    """As one line of printable text: whoever names files does not get to write on the terminal."""
    return visible(named(row))


def _images(root: Path) -> pd.DataFrame | None:
    """The images that rows are held against; None before the first run."""
    return tables.read(IMAGES, root) if (root / IMAGES.path).exists() else None


def _not_reached(rows: pd.DataFrame, images: pd.DataFrame | None) -> list[str]:
    """Rows that no image follows, told only where there is a table of images to hold them against."""
    if images is None:
        return []
    applied = apply(rows, images)
    lines = [f"  ambiguous: {_named(row)}: several images have this content" for row in _records(applied.ambiguous)]
    return lines + [
        f"  unmatched: {_named(row)}: no image has this path, content or item_id" for row in _records(applied.unmatched)
    ]


def _records(rows: pd.DataFrame) -> list[dict]:
    return rows.to_dict("records")
