from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.contracts.errors import TableError
from stages.core.looks import look, packed, unpack
from stages.sources.thumbnails import looked_at
from tests.pictures import busy
from tests.sheets import sheet_of


def laid_out(folder: Path, names: list[str]) -> pd.DataFrame:
    """Two thumbnails a sheet."""
    rows = []
    for start in range(0, len(names), 2):
        some = names[start : start + 2]
        sheet, cells = sheet_of([np.dstack([busy(int(name), 160, 120)] * 3) for name in some], 160)
        (folder / f"{start}.jpg").write_bytes(sheet)
        rows += [(name, f"{start}.jpg", *vars(cell).values()) for name, cell in zip(some, cells, strict=True)]
    return pd.DataFrame(rows, columns=["content_id", "sheet", "x", "y", "w", "h"]).set_index("content_id")


def test_each_content_has_the_features_of_its_own_thumbnail(tmp_path: Path) -> None:
    places = laid_out(tmp_path, ["1", "2", "3", "4"])
    found = [one for some in looked_at(places, tmp_path, {"2", "3", "4"}, 2) for one in some]
    assert {name for name, _ in found} == {"2", "3", "4"}
    for name, features in found:
        expected = look(busy(int(name), 160, 120))
        assert features.frame.shape == expected.frame.shape
        assert np.abs(features.frame.astype(int) - expected.frame).mean() < 4


def test_what_is_made_of_a_thumbnail_is_said_by_whoever_asks(tmp_path: Path) -> None:
    places = laid_out(tmp_path, ["1"])
    ((_, usual),) = next(looked_at(places, tmp_path, {"1"}, 1))
    ((_, data),) = next(looked_at(places, tmp_path, {"1"}, 1, seen=packed))
    assert np.array_equal(unpack(data).picture, usual.picture)
    assert np.array_equal(unpack(data).codes[1], usual.codes[1])


def test_sheets_that_nobody_asks_for_are_not_opened(tmp_path: Path) -> None:
    places = laid_out(tmp_path, ["1", "2", "3", "4"])
    (tmp_path / "2.jpg").unlink()
    assert [len(some) for some in looked_at(places, tmp_path, {"1"}, 1)] == [1]
    assert list(looked_at(places, tmp_path, set(), 1)) == []
    with pytest.raises(TableError, match="sheet of thumbnails"):
        list(looked_at(places, tmp_path, {"3"}, 1))
