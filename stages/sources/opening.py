"""Opening what `ingest` listed: by path, and only if the bytes are still the same."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from stages.contracts.errors import SourceError
from stages.contracts.identity import digest
from stages.contracts.vocabulary import Status
from stages.sources.folder import is_moving, is_video_name
from stages.sources.frame_store import place


def distinct_contents(images: pd.DataFrame) -> pd.DataFrame:
    """One row (`content_id`, `path`) per distinct readable content, sorted by content id.

    Of several paths with the same content the first in order of path is taken.
    """
    readable = images.loc[images["status"] == Status.OK, ["content_id", "path"]]
    return readable.sort_values(["content_id", "path"]).drop_duplicates("content_id").reset_index(drop=True)


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
            "a file changed while the pipeline ran", where=where, expected=content_id, got=digest(data), do="dvc repro"
        )
    return data
