from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stages.engines.spool import Spool


def test_what_was_added_is_read_back_in_any_order_by_many_threads(tmp_path: Path) -> None:
    data = {f"{number}": bytes([number % 256]) * (number * 7) for number in range(300)}
    with Spool(tmp_path / "new") as spool, ThreadPoolExecutor(8) as pool:
        for name, content in data.items():
            spool.add(name, content)
        names = sorted(data, reverse=True) * 3
        assert list(pool.map(spool.read, names)) == [data[name] for name in names]
        assert "7" in spool
        assert "700" not in spool


def test_nothing_stays_behind(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.add("a", b"abc")
    assert list(tmp_path.iterdir()) == []


def test_what_was_not_added_is_not_there(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool, pytest.raises(KeyError):
        spool.read("a")
