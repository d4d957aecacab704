"""`winnow classify --video FILE`: when a video shows what, as a table, JSON, and a page with a timeline."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import cv2
import numpy as np
import simplejpeg

from stages.commands.classify import ALONE, EXAMPLE, opened
from stages.contracts.encoder_record import EncoderRecord
from stages.contracts.errors import ImageError, QueryError, SourceError
from stages.contracts.identity import digest
from stages.contracts.params import data, machine
from stages.contracts.params.base import load
from stages.core.numerals import plural
from stages.core.sampling import Sampling
from stages.core.timeline import Segment, segments
from stages.core.zero_shot import confidences, cosines
from stages.encoders.interface import Encoder
from stages.exports.folder import replace_folder
from stages.exports.plain_text import visible
from stages.pages.timeline import Footage, build, rows
from stages.sources.folder import is_image_name, is_moving
from stages.sources.video import Frame, Reach, frames

FOLDER = "reports/adhoc"
PAGE = "timeline.html"
SOURCE = "source.id"
"""beside the page: the digest of where the video lies"""
STILL_SIDE = 320
BROKE_OFF = 1
"""exit code where a video ends before its time, as where an image could not be read"""
LONGEST_NAME = 60


@dataclass(frozen=True, eq=False)
class Watched:
    """What was seen, where each prompt holds, and where the page is."""

    footage: Footage
    segments: list[Segment]
    page: Path


def classify(
    prompts: Sequence[str], video: Path, templates: Sequence[str], every_s: float, at_least: float, root: Path = Path()
) -> Watched:
    """Look at a frame every so many seconds, and write `reports/adhoc/timeline-<name>/`.

    Raises
    ------
    QueryError : a prompt or template that makes no sense.
    SourceError : there is no such file, it is a picture, or not one frame of it can be decoded.
    """
    if not video.is_file():
        raise SourceError("there is no such video", where=video, do='winnow classify "person" "car" --video FILE')
    if is_image_name(video.name) and not is_moving(video.name):
        raise SourceError("this is a picture, no video", where=video, do=f"{EXAMPLE.split(' --')[0]} --images FILE")
    record, model, texts, notes = opened(prompts, templates, root)
    limit, batch = load(data.Params, "data", root).max_pixels, load(machine.Params, "machine", root).batch
    footage = _watched(video, Sampling("seconds", every_s), limit, batch, model, texts, prompts)
    found = segments(footage.times_s, footage.confidences, footage.labels, at_least, end_s=footage.end_s)
    return Watched(footage, found, _publish(video, footage, found, at_least, record, notes, root))


def must_be_alone(images: Sequence[Path]) -> None:
    """A video is asked for without images: what is printed of either has another shape.

    Raises
    ------
    QueryError : images are named as well.
    """
    if images:
        raise QueryError(
            "--video and --images are both there",
            got=", ".join(map(str, images[:3])),
            do="ask for the video and for the images one after the other",
        )


def _watched(
    video: Path,
    sampling: Sampling,
    limit: int,
    batch: int,
    model: Encoder,
    texts: np.ndarray,
    prompts: Sequence[str],
) -> Footage:
    """Times, confidences and small pictures; only a batch of frames is held at once."""
    times: list[float] = []
    shares: list[np.ndarray] = []
    stills: list[bytes] = []
    broke: list[str] = []
    reach = Reach()
    taken = _until_it_breaks(video, sampling, limit, reach, broke)
    while some := list(islice(taken, batch)):
        pixels = np.stack([model.preprocess(frame.pixels) for frame in some])
        shares.append(confidences(cosines(model.image_features(pixels), texts), model.logit_scale))
        times += [frame.time_s for frame in some]
        stills += [_still(frame.pixels) for frame in some]
    why = broke[0] if broke else None
    if not times:
        raise SourceError("the video cannot be read", where=video, got=why)
    return Footage(video.name, np.array(times), np.concatenate(shares), list(prompts), stills, reach.end_s, why)


def _until_it_breaks(video: Path, sampling: Sampling, limit: int, reach: Reach, broke: list[str]) -> Iterator[Frame]:
    try:
        yield from frames(video, sampling, limit, reach)
    except ImageError as error:
        broke.append(error.reason)


def _still(pixels: np.ndarray) -> bytes:
    share = min(1.0, STILL_SIDE / max(pixels.shape[:2]))
    size = (max(round(pixels.shape[1] * share), 1), max(round(pixels.shape[0] * share), 1))
    return simplejpeg.encode_jpeg(np.ascontiguousarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)), 85)


def _publish(
    video: Path,
    footage: Footage,
    found: list[Segment],
    at_least: float,
    encoder: EncoderRecord,
    notes: list[str],
    root: Path,
) -> Path:
    name = re.sub(r"[^\w.-]+", "-", footage.name)[:LONGEST_NAME]
    source = digest(str(video.resolve()).encode())
    folder = root / FOLDER / f"timeline-{name}"
    if folder.exists() and _source_of(folder) != source:
        folder = folder.with_name(f"{folder.name}-{source[:8]}")
    replace_folder(folder, chain(build(footage, found, at_least, encoder, notes), [(SOURCE, source)]))
    return folder / PAGE


def _source_of(folder: Path) -> str | None:
    """Of which file a timeline is: videos in different folders may have one name."""
    path = folder / SOURCE
    return path.read_text(encoding="utf-8") if path.is_file() else None


def told(watched: Watched) -> str:
    """The segments as lines, and where the page is."""
    lines = [f"{'label':<28}{'start':>10}{'end':>10}{'duration':>12}{'peak':>8}"]
    for row in rows(watched.segments):
        label = visible(row["label"])
        lines.append(f"{label:<28}{row['start']:>10}{row['end']:>10}{row['duration']:>12}{row['peak']:>8}")
    if not watched.segments:
        lines = ["No text holds in any frame: see the page for the confidences, or lower --at-least."]
    if len(watched.footage.labels) == 1:
        lines.append(ALONE)
    return "\n".join([*lines, f"{plural(len(watched.footage.times_s), 'frame')}; open {watched.page}"])


def broken(watched: Watched) -> str:
    """That the video breaks off, and why; empty where it does not."""
    why = watched.footage.broke
    return f"winnow: the video breaks off: {visible(why)}" if why else ""


def as_json(watched: Watched) -> str:
    """One object: labels, frames with their confidences, segments."""
    footage = watched.footage
    return json.dumps(
        {
            "video": footage.name,
            "labels": footage.labels,
            "frames": [
                {"time_s": float(time), "confidences": [float(share) for share in row]}
                for time, row in zip(footage.times_s, footage.confidences, strict=True)
            ],
            "segments": [
                {
                    "label": one.label,
                    "start_s": one.start_s,
                    "end_s": one.end_s,
                    "duration_s": one.duration_s,
                    "peak": one.peak,
                    "peak_s": one.peak_s,
                }
                for one in watched.segments
            ],
            "end_s": footage.end_s,
            "broke_off": footage.broke,
        },
        ensure_ascii=False,
        indent=1,
    )
