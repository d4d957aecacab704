from __future__ import annotations

from pathlib import Path

import pytest

from stages.commands.cache import listing, prune
from stages.contracts.errors import TableError
from stages.engines.shards import CACHE


def test_no_cache_is_an_empty_list(tmp_path: Path) -> None:
    assert listing(set(), tmp_path) == []


def test_only_what_no_table_was_made_from_is_deleted(tmp_path: Path) -> None:
    for name in ("embed-new", "embed-old"):
        (tmp_path / CACHE / name).mkdir(parents=True)
        (tmp_path / CACHE / name / "a.parquet").write_bytes(b"12345")
    with pytest.raises(TableError, match="not finished"):
        prune({"embed-new"}, tmp_path)
    (tmp_path / "data").mkdir()
    for name in ("quality", "embeddings"):
        (tmp_path / f"data/{name}.parquet").touch()
    gone = prune({"embed-new"}, tmp_path)
    assert [(kept.name, kept.bytes) for kept in gone] == [("embed-old", 5)]
    assert [kept.name for kept in listing({"embed-new"}, tmp_path)] == ["embed-new"]
