"""List the images: a row for each file in the source that is named like one, readable or not, and why not.

Reads the folder that `data.source` names. Writes `images`; remembers in `.winnow/scan` what each file
turned out to be, so that a second run reads only what is new or changed.

Why: every later stage starts from this list and opens pixels through it. A broken file is a row with a
status and a reason here, and never again a surprise. The whole of params.yaml is checked first, since a
slip in the last stage's section should not be found an hour later. Nothing in the source is ever written.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow as pa

from stages.contracts import tables
from stages.contracts.errors import SourceError, exit_on_error
from stages.contracts.identity import item_id
from stages.contracts.params.data import Params
from stages.contracts.params.sections import load_all
from stages.contracts.schemas.images import IMAGES
from stages.contracts.vocabulary import Status
from stages.core.folders import places
from stages.engines.local import worker_count
from stages.sources.folder import Walk, folder_of, walk
from stages.sources.scan import scan

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
    rows["item_id"] = [item_id(name.decode("utf-8", "surrogateescape")) for name in raw]
    rows["bytes"] = rows["bytes"].fillna(0)
    rows["frame"] = rows["timestamp_s"] = None
    meaning = places(rows["path"].tolist())
    rows["label"] = [place.label if labels == "folders" else None for place in meaning]
    rows["split"] = [place.split for place in meaning]
    return rows[IMAGES.names]


def summary(images: pd.DataFrame, walked: Walk) -> str:
    """One line: how many images, how many of them readable, why the others are not, and what was passed by."""
    readable = int((images["status"] == Status.OK).sum())
    counts = f"{readable:,} readable"
    if readable < len(images):
        counts += f"; {len(images) - readable:,} not: {_reasons(images)}"
    passed = [
        f"{number:,} {what if number == 1 else what + 's'} {verb}"
        for number, what, verb in (
            (walked.others.total(), "other file", "skipped"),
            (walked.hidden, "hidden file", "skipped"),
            (walked.closed, "folder", "not opened (no permission)"),
        )
        if number
    ]
    return ", ".join([f"ingest: {len(images):,} image{'s' * (len(images) != 1)} ({counts})", *passed])


def main(root: Path = Path()) -> None:
    sections = load_all(root)
    params: Params = sections["data"]
    source = folder_of(params.source, root)
    walked = walk(source)
    _refuse_empty(walked, params.source)
    found = scan(source, walked.files, params.max_pixels, worker_count(sections["machine"].workers), root)
    images = run(found, params.labels)
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
    if walked.files:
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
