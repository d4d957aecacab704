"""What each file of a folder turned out to be, remembered so that a file is read and checked once.

A file is the same as last time when its path, size, modification time (ns) and inode are. What was
found is kept in ``.winnow/scan/<id>.parquet``; the id covers whatever else changes a finding.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stages.contracts.errors import ImageError
from stages.contracts.identity import digest, digest_of, item_id
from stages.contracts.vocabulary import Status
from stages.core import pixels
from stages.engines.local import in_parallel
from stages.engines.progress import Progress
from stages.sources.folder import FoundFile
from stages.sources.quiet import hush_libtiff

FOLDER = ".winnow/scan"
SAVE_EVERY_S = 30.0
CLOSED = "cannot be opened"
BYTES_PER_PIXEL = 8
"""of the widest pixels there are (16-bit RGBA): a file of more bytes is not read into memory"""
CODECS = ("pillow", "pillow-heif", "simplejpeg")

SCHEMA = pa.schema(
    [
        pa.field("path", pa.binary()),  # as the file system has it; not every name is UTF-8
        pa.field("bytes", pa.int64()),
        pa.field("mtime_ns", pa.int64()),
        pa.field("inode", pa.uint64()),
        pa.field("frame", pa.int32()),  # these two of videos only, which have several rows
        pa.field("timestamp_s", pa.float64()),
        pa.field("content_id", pa.string()),
        pa.field("format", pa.string()),
        pa.field("mode", pa.string()),
        pa.field("width", pa.int32()),
        pa.field("height", pa.int32()),
        pa.field("status", pa.string()),
        pa.field("reason", pa.string()),
    ]
)

STAMP = ["path", "bytes", "mtime_ns", "inode"]

ORDER = [("path", "ascending"), ("frame", "ascending")]

Finding = dict[str, object]
"""A row of `SCHEMA`."""

Look = Callable[[FoundFile], list[Finding]]
Spread = Callable[[pa.Table], Iterator[pa.Table]]
"""From `STAMP`s of files to findings on them, in any order."""


def scan(
    source: Path,
    files: Sequence[FoundFile],
    max_pixels: int,
    workers: int,
    root: Path = Path(),
    spread: Spread | None = None,
) -> pa.Table:
    """Read, hash and check every file that is not known yet.

    Parameters
    ----------
    spread : does so on other machines; see `finder`.

    Returns
    -------
    Table of `SCHEMA`, a row per file, sorted by path.
    """
    kept = root / FOLDER / f"{_scan_id(source, max_pixels)}.parquet"
    hush_libtiff()
    return remember(files, lambda file: [look_at(source, file, max_pixels)], known(kept), kept, workers, spread)


def finder(source: Path, max_pixels: int, workers: int) -> Callable[[pa.Table], pa.Table]:
    """What another machine does with a piece of the files: findings, a table of `SCHEMA`, from their stamps."""
    hush_libtiff()

    def find(new: pa.Table) -> pa.Table:
        looked = in_parallel(lambda file: look_at(source, file, max_pixels), _files(new), workers)
        return pa.Table.from_pylist([finding for _, finding in looked], SCHEMA)

    return find


def remember(
    files: Sequence[FoundFile],
    look: Look,
    findings: pa.Table,
    kept: Path,
    workers: int,
    spread: Spread | None = None,
) -> pa.Table:
    """What is known of the files, after looking at those that are not known yet.

    Parameters
    ----------
    look : finds out what a file is; called in threads.
    findings : of earlier runs, as `known` gives them.
    kept : the file to remember everything in.
    """
    listed = pa.Table.from_pylist([stamp(file) for file in files], pa.schema([SCHEMA.field(name) for name in STAMP]))
    rows = listed.join(findings, STAMP, join_type="inner").select(SCHEMA.names)
    new = listed.join(findings, STAMP, join_type="left anti")
    if new.num_rows == 0 and rows.num_rows == findings.num_rows:
        return rows.sort_by(ORDER)
    for batch in _batches(_found_by(spread, new) if spread else _looked_at(new, look, workers)):
        rows = pa.concat_tables([rows, batch])
        _save(rows, kept)
    rows = rows.sort_by(ORDER)
    _save(rows, kept)
    return rows


def look_at(source: Path, file: FoundFile, max_pixels: int) -> Finding:
    """Read one file and find out whether it is a whole image, and which."""
    own = stamp(file)
    if (file.bytes or 0) > BYTES_PER_PIXEL * max_pixels:
        reason = f"too large: {file.bytes:,} bytes"
        return own | {"content_id": unknown(file), "status": Status.TOO_LARGE.value, "reason": reason}
    try:
        data = (source / file.path).read_bytes()
    except OSError as error:
        reason = f"{CLOSED}: {(error.strerror or 'unknown error').lower()}"
        return own | {"content_id": unknown(file), "status": Status.UNREADABLE.value, "reason": reason}
    return own | {"content_id": digest(data)} | _verdict(data, max_pixels)


def stamp(file: FoundFile) -> Finding:
    return {"path": os.fsencode(file.path), "bytes": file.bytes, "mtime_ns": file.mtime_ns, "inode": file.inode}


def unknown(file: FoundFile) -> str:
    """Content id of a file that was not read: its own, so that it is a copy of no other such file."""
    return digest(b"not read\0" + item_id(file.path).encode())


def _verdict(data: bytes, max_pixels: int) -> Finding:
    try:
        header = pixels.verify(data, max_pixels)
    except ImageError as error:
        return {"status": Status(error.status).value, "reason": error.reason}
    size = {"width": header.width, "height": header.height}
    return {"status": Status.OK.value, "format": header.format, "mode": header.mode, **size}


def _scan_id(source: Path, max_pixels: int) -> str:
    """Changes with whatever may change a finding of an unchanged file."""
    codecs = {name: version(name) for name in CODECS}
    return digest_of(
        {"source": os.fsencode(source.resolve()).hex(), "pixels": max_pixels, "check": pixels.VERIFIER, **codecs}
    )


def known(kept: Path) -> pa.Table:
    """Findings of earlier runs, but for files that could not be opened: those are tried again."""
    try:
        rows = pq.read_table(kept, schema=SCHEMA)
    except (OSError, pa.ArrowException):  # a scan that cannot be read is only to be made again
        return SCHEMA.empty_table()
    closed = pc.starts_with(pc.fill_null(rows["reason"], ""), CLOSED)
    return rows.filter(pc.invert(closed))


def _looked_at(new: pa.Table, look: Look, workers: int) -> Iterator[list[Finding]]:
    with Progress("ingest", new.num_rows) as progress:
        for _, findings in in_parallel(look, _files(new), workers):
            progress.advance()
            yield findings


def _found_by(spread: Spread, new: pa.Table) -> Iterator[list[Finding]]:
    with Progress("ingest", new.num_rows) as progress:
        for found in spread(new):
            progress.advance(len(found))
            yield found.to_pylist()


def _files(listed: pa.Table) -> Iterator[FoundFile]:
    for batch in listed.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            yield FoundFile(os.fsdecode(row["path"]), row["bytes"], row["mtime_ns"], row["inode"])


def _batches(found: Iterable[list[Finding]]) -> Iterator[pa.Table]:
    """What was found, now and then as a table, so that a kill loses little."""
    waiting: list[Finding] = []
    since = time.monotonic()
    for findings in found:
        waiting.extend(findings)
        if time.monotonic() - since > SAVE_EVERY_S:
            yield pa.Table.from_pylist(waiting, SCHEMA)
            waiting, since = [], time.monotonic()
    yield pa.Table.from_pylist(waiting, SCHEMA)


def _save(rows: pa.Table, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    partial = kept.with_suffix(".partial")
    pq.write_table(rows, partial, compression="zstd")
    os.replace(partial, kept)
