"""What each video of a folder holds: a row per frame that is taken, remembered like the findings on photographs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa

from stages.contracts.errors import ImageError
from stages.contracts.identity import digest_of
from stages.contracts.vocabulary import Status
from stages.core.sampling import Sampling
from stages.sources import frame_store
from stages.sources.folder import FoundFile
from stages.sources.scan import CLOSED, FOLDER, SCHEMA, Finding, known, remember, stamp, unknown
from stages.sources.video import Frame, frames

VERSION = "1"
"""Of how frames are decoded and chosen; findings of another one are not believed."""


def watch(
    source: Path, files: Sequence[FoundFile], sampling: Sampling, max_pixels: int, root: Path = Path()
) -> pa.Table:
    """Decode every video that is not known yet, and keep the frames that are taken.

    One video at a time: the decoder itself uses all processors.

    Returns
    -------
    Table of `scan.SCHEMA`: a row per frame, and one for each file that is broken or breaks off; by path and frame.
    """
    asked = {"source": os.fsencode(source.resolve()).hex(), "pixels": max_pixels, "check": VERSION, **asdict(sampling)}
    kept = root / FOLDER / f"videos-{digest_of(asked | {'av': version('av')})}.parquet"
    store = root / frame_store.FOLDER
    return remember(
        files, lambda file: look_at(source, file, sampling, max_pixels, store), _intact(known(kept), store), kept, 1
    )


def look_at(source: Path, file: FoundFile, sampling: Sampling, max_pixels: int, store: Path) -> list[Finding]:
    """The rows of one video: its frames, and what is wrong with it."""
    own, rows = stamp(file), []
    try:
        rows.extend(own | _row(frame, store) for frame in frames(source / file.path, sampling, max_pixels))
    except ImageError as error:
        rows.append(own | {"content_id": unknown(file), "status": Status(error.status).value, "reason": error.reason})
    except OSError as error:
        reason = f"{CLOSED}: {(error.strerror or 'unknown error').lower()}"
        rows.append(own | {"content_id": unknown(file), "status": Status.UNREADABLE.value, "reason": reason})
    return rows


def _row(frame: Frame, store: Path) -> Finding:
    height, width = frame.pixels.shape[:2]
    return {
        "frame": frame.number,
        "timestamp_s": frame.time_s,
        "content_id": frame_store.keep(store, frame.pixels),
        "format": frame.format,
        "mode": "RGB",
        "width": width,
        "height": height,
        "status": Status.OK.value,
    }


def _intact(findings: pa.Table, store: Path) -> pa.Table:
    """Findings without those of videos of which a frame is gone from the store: such a video is decoded again."""
    rows = findings.select(["path", "content_id", "frame"]).to_pylist()
    gone = {
        r["path"] for r in rows if r["frame"] is not None and not frame_store.place(store, r["content_id"]).exists()
    }
    if not gone:
        return findings
    return findings.filter(pa.array([row["path"] not in gone for row in rows], pa.bool_())).cast(SCHEMA)
