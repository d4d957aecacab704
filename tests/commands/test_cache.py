from __future__ import annotations

from pathlib import Path

import pytest

from stages.commands.cache import listing, prune
from stages.contracts import tables
from stages.contracts.errors import TableError
from stages.contracts.schemas.images import IMAGES
from stages.engines.shards import CACHE
from stages.sources.frame_store import FOLDER as FRAMES
from stages.sources.frame_store import keep
from tests.frames import images
from tests.videos import scene


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
    shown, old = scene(1, 2)
    used = keep(tmp_path / FRAMES, shown)
    keep(tmp_path / FRAMES, old)
    tables.write(IMAGES, images({"path": "a.mp4", "frame": 0, "content_id": used}), tmp_path, {})
    gone = prune({"embed-new"}, tmp_path)
    assert next((kept.name, kept.bytes) for kept in gone) == ("embed-old", 5)
    assert gone[1].name == "1 frame of videos"
    assert [kept.name for kept in listing({"embed-new"}, tmp_path)] == ["embed-new", "frames of videos"]
    assert len(list((tmp_path / FRAMES).rglob("*.jpg"))) == 1
