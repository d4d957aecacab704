"""Opening what `ingest` listed: by path, and only if the bytes are still the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from stages.contracts.errors import ImageError, SourceError
from stages.contracts.identity import digest
from stages.contracts.vocabulary import Status
from stages.core.pixels import decode
from stages.sources.folder import is_moving, is_video_name
from stages.sources.frame_store import place


class Content(NamedTuple):
    """A distinct content, and a path that holds it."""

    content_id: str
    path: str


AGAIN = "dvc repro; where it ends here once more, delete .winnow/scan before, so that every file is read anew"
"""A file written over with its size and time kept, or damaged on its disk, is to `ingest` the file that it knows."""


@dataclass(frozen=True)
class Opener:
    """Gives the pixels of what `ingest` listed.

    source : the folder of images.  frames : that of the frames of videos.  max_pixels : as in params.yaml.
    """

    source: Path
    frames: Path
    max_pixels: int

    def __call__(self, path: str, content_id: str, min_side: int) -> np.ndarray:
        """Upright RGB pixels (h, w, 3) uint8 of a content, decoded no larger than `min_side` needs.

        Raises
        ------
        SourceError : the file is gone, changed since `ingest`, or cannot be decoded any more.
        """
        data = read_content(self.source, path, content_id, self.frames)
        try:
            return decode(data, min_side, self.max_pixels)
        except ImageError as error:
            # `ingest` found every pixel; so this is a codec that changed since, or a lack of memory.
            raise SourceError(
                "an image that ingest could read cannot be decoded any more",
                where=self.source / path,
                got=error.reason,
                do=AGAIN,
            ) from error


def distinct_contents(images: pd.DataFrame) -> pd.DataFrame:
    """One row (`content_id`, `path`) per distinct readable content, sorted by content id.

    Of several paths with the same content the first in order of path is taken.
    """
    readable = images.loc[images["status"] == Status.OK, ["content_id", "path"]]
    return readable.sort_values(["content_id", "path"]).drop_duplicates("content_id").reset_index(drop=True)


def as_rows(contents: Sequence[Content]) -> pa.Table:
    """Contents as a table (`content_id`, `path`), in which a cluster of machines is given its work."""
    return pa.table({name: [getattr(content, name) for content in contents] for name in Content._fields})


def from_rows(rows: pa.Table) -> list[Content]:
    """The inverse of `as_rows`."""
    columns = (rows[name].to_pylist() for name in Content._fields)
    return [Content(*row) for row in zip(*columns, strict=True)]


def read_content(source: Path, path: str, content_id: str, frames: Path | None = None) -> bytes:
    """The bytes of a file, which must be those that `ingest` saw; of a video, those of the frame as it was kept.

    Parameters
    ----------
    frames : the folder that frames of videos are kept in.

    Raises
    ------
    SourceError : the file is gone, or changed since.
    """
    if frames is not None and is_moving(path):
        kept = place(frames, content_id)
        if kept.exists():
            return kept.read_bytes()
        if is_video_name(path):
            raise SourceError("a frame of a video is not kept any more", where=source / path, do="dvc repro")
    where = source / path
    try:
        data = where.read_bytes()
    except OSError as error:
        raise SourceError(
            "a file cannot be opened any more", where=where, got=error.strerror or error, do="dvc repro"
        ) from None
    if digest(data) != content_id:
        raise SourceError(
            "a file is another one than ingest saw", where=where, expected=content_id, got=digest(data), do=AGAIN
        )
    return data
