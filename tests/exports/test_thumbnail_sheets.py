"""Thumbnails in sheets, of which only those that hold something new are made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core import sheets
from stages.exports.thumbnail_sheets import write_sheets
from tests.encoded import picture
from tests.vectors import content_ids

LONGEST = 32
ALL = {
    content_id: picture(LONGEST, 20 + number % 10, number) for number, content_id in enumerate(content_ids(90).tolist())
}


class Project:
    """Where sheets are written; `read` lists the contents whose thumbnails were asked for."""

    def __init__(self, root: Path) -> None:
        self.folder, self.kept = root / "thumbnails", root / "kept"
        self.read: list[str] = []

    def write(self, wanted: Sequence[str]) -> pd.DataFrame:
        sizes = {one: ALL[one].shape[1::-1] for one in wanted}
        self.read.clear()
        return write_sheets(self.folder, self.kept, sizes, self._read, LONGEST, workers=2)

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def _read(self, some: Sequence[str]) -> dict[str, bytes]:
        self.read += some
        return {one: sheets.encode(ALL[one], LONGEST) for one in some}


def test_every_thumbnail_lies_where_the_table_says(tmp_path: Path) -> None:
    project = Project(tmp_path)
    table = project.write(list(ALL))
    assert sorted(table["content_id"]) == sorted(ALL)
    opened = {name: sheets.decode(data) for name, data in project.files().items()}
    for row in table.itertuples():
        seen = sheets.cut(opened[row.sheet], row.x, row.y, row.w, row.h)
        assert seen.shape == ALL[row.content_id].shape
        assert np.abs(seen.astype(int) - ALL[row.content_id]).mean() < 12


def test_a_second_time_nothing_is_read_even_if_the_folder_was_emptied(tmp_path: Path) -> None:
    project = Project(tmp_path)
    table, files = project.write(list(ALL)), project.files()
    for path in project.folder.iterdir():
        path.unlink()
    pd.testing.assert_frame_equal(project.write(list(ALL)), table)
    assert project.read == []
    assert project.files() == files


def test_one_more_is_the_same_as_from_the_start_and_changes_one_sheet(tmp_path: Path) -> None:
    project, afresh = Project(tmp_path / "a"), Project(tmp_path / "b")
    *most, last = ALL
    before = project.write(most)
    table = project.write(list(ALL))
    assert last in project.read
    in_its_sheet = before["sheet"].value_counts().max()
    assert len(project.read) <= in_its_sheet + 1
    pd.testing.assert_frame_equal(afresh.write(list(ALL)), table)
    assert afresh.files() == project.files()


def test_what_is_gone_leaves_no_sheet_behind(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write(list(ALL))
    few = list(ALL)[:5]
    assert set(project.write(few)["sheet"]) == set(project.files())
    assert len(list(project.kept.iterdir())) == len(project.files())
    assert project.write([]).empty
    assert project.files() == {}
