"""Run by run, as images come, go and change: the tables are those of a fresh start, and no file is read for nothing."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.contracts.schemas.images import IMAGES
from tests.encoded import encoded
from tests.pictures import busy
from tests.project import Project

TABLES = ("ingest", "measure", "embed", "connect", "cluster", "calibrate", "deduplicate", "score")
EVERY_STAGE = (*TABLES, "classify", "project", "export", "report")
PARAMS = "cluster: {stability_resamples: 1}\nmeasure: {thumbnail_size: 64}\n"
FILES = [encoded(busy(seed, 40 + seed, 32), "PNG" if seed % 2 else "JPEG") for seed in range(9)]
FILES[-1] = FILES[0][:-200]
"""Pictures as files; the last one is cut short."""
NAMES = [f"{folder}{name}" for folder in ("", "cat/", "train/cat/") for name in ("1.png", "2.jpg")]
ANCHOR = "anchor.png"
"""A file that always stays: without any image `ingest` stops."""

NAME = st.sampled_from(NAMES)
CHANGE = st.one_of(
    st.tuples(st.just("write"), NAME, st.sampled_from(range(len(FILES)))),
    st.tuples(st.just("remove"), NAME),
    st.tuples(st.just("rename"), NAME, NAME),
    st.tuples(st.just("copy"), NAME, NAME),
    st.tuples(st.just("touch"), NAME),
)


def do(source: Path, change: tuple) -> None:
    """Change the folder of images; nothing where there is no such file."""
    kind, path = change[0], source / change[1]
    if kind == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FILES[change[2]])
    elif path.exists():
        if kind == "remove":
            path.unlink()
        elif kind == "touch":
            path.touch()
        elif change[2] != change[1]:
            other = source / change[2]
            other.parent.mkdir(parents=True, exist_ok=True)
            (path.replace if kind == "rename" else lambda to: shutil.copyfile(path, to))(other)


@settings(max_examples=5)
@given(
    start=st.lists(st.tuples(NAME, st.sampled_from(range(len(FILES)))), min_size=3, max_size=6),
    runs=st.lists(st.lists(CHANGE, min_size=1, max_size=3), min_size=1, max_size=2),
)
def test_any_sequence_of_runs_gives_the_bytes_of_a_fresh_one(
    start: list[tuple[str, int]], runs: list[list[tuple]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "photos"
        source.mkdir()
        (source / ANCHOR).write_bytes(FILES[1])
        for name, number in start:
            do(source, ("write", name, number))
        mine = Project(Path(folder) / "mine", source, PARAMS)
        mine.run(*TABLES)
        for changes in runs:
            for change in changes:
                do(source, change)
            mine.run(*TABLES)
        fresh = Project(Path(folder) / "fresh", source, PARAMS)
        fresh.run(*TABLES)
        assert mine.hashes() == fresh.hashes()


_opened: Counter[str] | None = None


def _hear(event: str, arguments: tuple) -> None:
    if event == "open" and _opened is not None and isinstance(arguments[0], str | bytes | os.PathLike):
        _opened[os.fsdecode(arguments[0])] += 1


@contextmanager
def opened(below: Path) -> Iterator[Counter[str]]:
    """How often each file below a folder is opened meanwhile, by its name, from Python."""
    global _opened
    if _opened is None:
        sys.addaudithook(_hear)  # there is no way to take it off again
    _opened = Counter()
    found: Counter[str] = Counter()
    yield found
    for path, count in _opened.items():
        if Path(path).resolve().is_relative_to(below.resolve()):
            found[Path(path).name] += count
    _opened.clear()


def test_a_file_is_read_three_times_at_most_and_never_again(tmp_path: Path) -> None:
    source = tmp_path / "photos"
    for number, data in enumerate(FILES):
        do(source, ("write", f"{number}.jpg", number))
        assert data
    shutil.copyfile(source / "0.jpg", source / "copy.jpg")
    project = Project(tmp_path / "project", source, PARAMS)

    with opened(source) as first:
        project.run(*EVERY_STAGE)
    readable = set(pd.read_parquet(project.root / IMAGES.path).query("status == 'ok'")["path"]) - {"copy.jpg"}
    assert len(readable) == 8
    assert {name: first[name] for name in readable} == dict.fromkeys(readable, 3), "ingest, measure, embed"
    assert (first["copy.jpg"], first["8.jpg"]) == (1, 1), "a copy and a broken file are read by ingest only"

    with opened(source) as again:
        project.run(*EVERY_STAGE)
    assert not again

    (source / "new.png").write_bytes(encoded(busy(77, 50, 40), "PNG"))
    (source / "1.jpg").rename(source / "renamed.jpg")
    with opened(source) as later:
        project.run(*EVERY_STAGE)
    assert later == {"new.png": 3, "renamed.jpg": 1}, "a file that moved is read once, to know it again"
