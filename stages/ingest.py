"""List the images: a row for each file in the source that is named like one, readable or not, and why not; of videos, a
row for each frame that is taken.

Reads the folder that `data.source` names. Writes `images`; remembers in `.winnow/scan` what each file
turned out to be, so that a second run reads only what is new or changed, and keeps frames in `.winnow/frames`.

Why: every later stage starts from this list and opens pixels through it. A broken file is a row with a
status and a reason here, and never again a surprise. The whole of params.yaml is checked first, since a
slip in the last stage's section should not be found an hour later. Nothing in the source is ever written.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path, PurePosixPath

import pandas as pd
import pyarrow as pa

from stages.contracts import tables
from stages.contracts.errors import SourceError, exit_on_error
from stages.contracts.identity import item_id
from stages.contracts.params import machine
from stages.contracts.params.data import Params
from stages.contracts.params.sections import load_all
from stages.contracts.schemas.images import IMAGES
from stages.contracts.vocabulary import Status
from stages.core.folders import places
from stages.core.numerals import plural
from stages.engines import ray_cluster, ray_work
from stages.engines.local import worker_count
from stages.sources.folder import FoundFile, Walk, folder_of, is_moving, walk
from stages.sources.scan import finder, scan

NOT_UTF8 = "unsupported: the name is not UTF-8, rename the file"


def run(found: pa.Table, labels: str = "folders") -> pd.DataFrame:
    """The images table.

    Parameters
    ----------
    found : what `scan` returns, a row per file.
    labels : ``folders`` or ``none``, as in params.yaml.
    """
    rows = found.drop_columns(["mtime_ns", "inode"]).to_pandas(integer_object_nulls=True)
    raw = rows["path"].tolist()
    # A table holds UTF-8 only. Such a file cannot be opened by what the table says, and is not used.
    rows["path"] = [name.decode("utf-8", "backslashreplace") for name in raw]
    escaped = [shown.encode() != name for shown, name in zip(rows["path"], raw, strict=True)]
    nameless = pd.Series(escaped, index=rows.index, dtype=bool) & (rows["status"] == Status.OK)
    rows.loc[nameless, ["status", "reason"]] = Status.UNSUPPORTED.value, NOT_UTF8
    frames = [None if pd.isna(frame) else int(frame) for frame in rows["frame"]]
    rows["item_id"] = [
        item_id(name.decode("utf-8", "surrogateescape"), at) for name, at in zip(raw, frames, strict=True)
    ]
    rows["bytes"] = rows["bytes"].fillna(0)
    meaning = places(rows["path"].tolist())
    rows["label"] = [place.label if labels == "folders" else None for place in meaning]
    rows["split"] = [place.split for place in meaning]
    return rows[IMAGES.names]


def sorted_out(walked: Walk, params: Params) -> Walk:
    """What was found, with animations among the videos if they are wanted there, and videos among the rest if not."""
    if params.animations == "frames":
        moving = {file for file in walked.files if is_moving(file.path)}
        walked.files = [file for file in walked.files if file not in moving]
        walked.videos = sorted([*walked.videos, *moving], key=lambda file: file.path)
    if params.videos == "none":
        walked.others.update(PurePosixPath(file.path).suffix.lower() for file in walked.videos)
        walked.videos = []
    return walked


def photographs_of(files: list[FoundFile], source: Path, params: Params, wish: machine.Params, root: Path) -> pa.Table:
    """The rows of the files that are not videos."""
    looked = partial(scan, source, files, params.max_pixels, worker_count(wish.workers), root)
    if wish.engine == "local":
        return looked()
    with ray_cluster.connected(wish):
        return looked(lambda new: ray_work.spread(new, partial(finder, source.resolve(), params.max_pixels), wish))


def frames_of(videos: list[FoundFile], source: Path, params: Params, root: Path) -> pa.Table:
    """The rows of the videos; what decodes them is imported only where there are any."""
    from stages.core.sampling import Sampling
    from stages.sources.footage import watch

    sampling = Sampling(params.videos, params.video_every, params.video_cut, params.video_collapse)
    return watch(source, videos, sampling, params.max_pixels, root)


def summary(images: pd.DataFrame, walked: Walk) -> str:
    """One line: how many images, how many of them readable, why the others are not, and what was passed by."""
    readable = int((images["status"] == Status.OK).sum())
    counts = f"{readable:,} readable"
    if readable < len(images):
        counts += f"; {len(images) - readable:,} not: {_reasons(images)}"
    passed = [
        f"{plural(number, what)} {verb}"
        for number, what, verb in (
            (walked.others.total(), "other file", "skipped"),
            (walked.hidden, "hidden file", "skipped"),
            (walked.closed, "folder", "not opened (no permission)"),
        )
        if number
    ]
    if walked.videos:
        frames = images.loc[images["frame"].notna(), "path"]
        videos = frames.nunique()  # broken ones are among the reasons
        counts += f"; {len(frames):,} of them frames of {plural(videos, 'video')}"
    return ", ".join([f"ingest: {plural(len(images), 'image')} ({counts})", *passed])


def main(root: Path = Path()) -> None:
    sections = load_all(root)
    params: Params = sections["data"]
    source = folder_of(params.source, root)
    walked = sorted_out(walk(source), params)
    _refuse_empty(walked, params.source)
    found = [photographs_of(walked.files, source, params, sections["machine"], root)]
    if walked.videos:
        found.append(frames_of(walked.videos, source, params, root))
    images = run(pa.concat_tables(found), params.labels)
    _refuse_unreadable(images, params.source)
    skipped = {"other": walked.others.total(), "hidden": walked.hidden, "closed_folders": walked.closed}
    tables.write(IMAGES, images, root, tables.origin(params, [], root, skipped=skipped))
    print(summary(images, walked))


def _reasons(images: pd.DataFrame) -> str:
    """How often each kind of reason occurs, the most frequent first."""
    kinds = Counter(reason.split(":")[0] for reason in images["reason"].dropna())
    return ", ".join(
        f"{number:,} {kind}" for kind, number in sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def _refuse_empty(walked: Walk, source: str) -> None:
    if walked.files or walked.videos:
        return
    by_extension = ", ".join(f"{number:,} {name}" for name, number in walked.others.most_common(5))
    raise SourceError(
        "the folder of images holds no image",
        where=f"params.yaml, data.source: {source}",
        expected="files named .jpg, .png, .webp, .gif, .tif, .bmp, .avif, .heic, ...",
        got=f"{walked.others.total():,} other files" + (f" ({by_extension})" if by_extension else ""),
        do="winnow use FOLDER",
    )


def _refuse_unreadable(images: pd.DataFrame, source: str) -> None:
    if (images["status"] == Status.OK).any():
        return
    raise SourceError(
        "no image in the folder can be read",
        where=f"params.yaml, data.source: {source}",
        expected="one whole image at least",
        got=f"{len(images):,} that are not: {_reasons(images)}",
        do="winnow use FOLDER",
    )


if __name__ == "__main__":
    exit_on_error(main)
