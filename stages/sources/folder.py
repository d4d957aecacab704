"""A folder of images: where it is, and which files are in it. Nothing in it is ever written."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from stages.contracts.errors import SourceError

DECODED_EXTENSIONS = (
    ".jpg .jpeg .jpe .jfif .png .apng .webp .gif .tif .tiff .bmp .dib .avif .avifs .heic .heif .hif .jp2 .j2k"
    " .jpf .jpx .ppm .pgm .pbm .pnm .ico .qoi"
)
UNDECODED_EXTENSIONS = (
    ".svg .svgz .psd .jxl .exr .hdr .dds .eps .3fr .arw .cr2 .cr3 .dng .erf .kdc .mos .mrw .nef .nrw .orf .pef .raf"
    " .raw .rw2 .sr2 .srf .srw .x3f"
)
EXTENSIONS = frozenset(f"{DECODED_EXTENSIONS} {UNDECODED_EXTENSIONS}".split())
"""Files so named become rows, decodable or not."""
VIDEO_EXTENSIONS = frozenset(
    [".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".m2ts", ".wmv", ".flv", ".3gp", ".ogv"]
)
"""Files so named become a row per frame that is taken. All others are counted only; so is .ts, which is more often
TypeScript."""

OUTPUTS = ("reports", "data/thumbnails", "data/export", "data/index.lance", ".winnow", ".dvc", ".git")
NO_EXTENSION = "(none)"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file named like an image or a video. `path` is relative to the source, POSIX; undecodable bytes are surrogates.

    Size in bytes, modification time in ns and inode are null for a link that leads nowhere.
    """

    path: str
    bytes: int | None = None
    mtime_ns: int | None = None
    inode: int | None = None


@dataclass
class Walk:
    """What a walk met: images and videos to look at, each sorted by path, and what it passed by."""

    files: list[FoundFile] = field(default_factory=list)
    videos: list[FoundFile] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    """files not named like an image, by extension"""
    hidden: int = 0
    """files and folders whose names begin with a dot"""
    closed: int = 0
    """folders that may not be listed"""


def folder_of(source: str, root: Path = Path()) -> Path:
    """The folder that `data.source` names; relative ones are below the project's root.

    Raises
    ------
    SourceError : it is missing, is not a folder, or holds what this project writes.
    """
    if "://" in source:
        raise SourceError(
            "data.source is an address",
            where="params.yaml, data.source",
            expected="a folder on this machine",
            got=source,
        )
    folder = root / _expanded(source)
    if not folder.exists():
        do = "dvc repro data/dvc.yaml" if source.rstrip("/") == "data/demo" else "winnow use FOLDER"
        raise SourceError("the folder of images is not there", where="params.yaml, data.source", got=source, do=do)
    if not folder.is_dir():
        raise SourceError(
            "data.source is a file",
            where="params.yaml, data.source",
            expected="a folder of images (unpack an archive, copy listed files together)",
            got=source,
        )
    _refuse_own_outputs(folder, source, root)
    return folder


def walk(source: Path) -> Walk:
    """List the image files below `source`.

    Links are followed. Each real folder is entered once, by its own path if that is below the
    source, else by the first link in order of path; so loops end and nothing is listed twice.

    Raises
    ------
    SourceError : the source itself may not be listed.
    """
    found = Walk()
    entered: set[tuple[int, int]] = set()
    linked: list[tuple[str, os.stat_result]] = [("", source.stat())]
    while linked:
        linked.sort(reverse=True)
        _walk_real(source, *linked.pop(), found, entered, linked)
    for files in (found.files, found.videos):
        files.sort(key=lambda file: file.path)
    return found


def holds_images(source: Path) -> bool:
    """Whether a file below `source` is named like an image or a video, links followed; stops at the first.

    Raises
    ------
    SourceError : the source itself may not be listed.
    """
    entered: set[tuple[int, int]] = set()
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        for entry in _entries(source, folder, Walk()):
            status = None if entry.name.startswith(".") else _status(entry)
            if status is None:
                continue
            if stat.S_ISREG(status.st_mode) and (is_image_name(entry.name) or is_video_name(entry.name)):
                return True
            if stat.S_ISDIR(status.st_mode) and (status.st_dev, status.st_ino) not in entered:
                entered.add((status.st_dev, status.st_ino))
                waiting.append(f"{folder}/{entry.name}" if folder else entry.name)
    return False


def is_image_name(name: str) -> bool:
    return _extension(name) in EXTENSIONS


def is_video_name(name: str) -> bool:
    return _extension(name) in VIDEO_EXTENSIONS


def is_moving(name: str) -> bool:
    """Whether a file so named may have been taken apart into frames."""
    return is_video_name(name) or _extension(name) == ".gif"


def _extension(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _expanded(source: str) -> Path:
    try:
        return Path(source).expanduser()
    except RuntimeError:  # ~somebody, and there is no such user
        return Path(source)


def _refuse_own_outputs(folder: Path, source: str, root: Path) -> None:
    real, project = folder.resolve(), root.resolve()
    holds = [name for name in ("data", "reports") if (project / name).resolve().is_relative_to(real)]
    inside = [name for name in OUTPUTS if real.is_relative_to(project / name)]
    if holds or inside:
        raise SourceError(
            "the source holds what this project writes",
            where="params.yaml, data.source",
            expected="a folder of its own",
            got=f"{source} ({'contains' if holds else 'is inside'} {(holds or inside)[0]}/ of the project)",
            do="move the images to a folder of their own, and winnow use that",
        )


def _walk_real(
    source: Path,
    start: str,
    status: os.stat_result,
    found: Walk,
    entered: set[tuple[int, int]],
    linked: list[tuple[str, os.stat_result]],
) -> None:
    """Walk the real folders below `start`; linked ones are put off until all real ones are entered."""
    waiting = [(start, status)]
    while waiting:
        folder, status = waiting.pop()
        if (status.st_dev, status.st_ino) in entered:
            continue
        entered.add((status.st_dev, status.st_ino))
        for entry in _entries(source, folder, found):
            path = f"{folder}/{entry.name}" if folder else entry.name
            status = _status(entry)
            if entry.name.startswith("."):
                found.hidden += 1
            elif status is not None and stat.S_ISDIR(status.st_mode):
                (linked if entry.is_symlink() else waiting).append((path, status))
            else:
                _take(path, status, found)


def _entries(source: Path, folder: str, found: Walk) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(source / folder if folder else source) as entries:
            yield from entries
    except OSError as error:
        if not folder:
            raise SourceError("the folder of images cannot be listed", where=source, got=error.strerror) from None
        found.closed += 1


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Of what an entry leads to; None for a link that leads nowhere or in a circle."""
    try:
        return entry.stat()
    except OSError:
        return None


def _take(path: str, status: os.stat_result | None, found: Walk) -> None:
    listed = found.videos if is_video_name(path) else found.files
    if not (is_image_name(path) or is_video_name(path)):
        found.others[_extension(path) or NO_EXTENSION] += 1
    elif status is None:
        listed.append(FoundFile(path))
    elif stat.S_ISREG(status.st_mode):
        listed.append(FoundFile(path, status.st_size, status.st_mtime_ns, status.st_ino))
    else:  # a pipe would keep its reader waiting for ever
        found.others["(not a file)"] += 1
