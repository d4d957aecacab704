"""`embed` with an encoder that reads colours off the pixels, so that a vector on the wrong row shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages import embed
from stages.contracts import tables
from stages.contracts.encoder_record import EncoderRecord, write_record
from stages.contracts.errors import SourceError
from stages.contracts.identity import digest
from stages.contracts.params.encoder import Params as EncoderParams
from stages.contracts.schemas.embeddings import embeddings_table, read_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.encoders.choosing import choose
from stages.encoders.forward import CACHE as OPENVINO_CACHE
from stages.engines.shards import Shards
from tests.colours import Colours
from tests.encoded import encoded, picture
from tests.frames import images


def contents(count: int) -> pd.DataFrame:
    names = [f"{number}.jpg" for number in range(count)]
    return pd.DataFrame({"content_id": sorted(digest(name.encode()) for name in names), "path": names})


def pixels(content: embed.Content) -> np.ndarray:
    return picture(seed=int(content.content_id[:6], 16))


def expected(found: pd.DataFrame) -> np.ndarray:
    encoder = Colours()
    pictures = [encoder.preprocess(pixels(embed.Content(*row))) for row in found.itertuples(index=False)]
    return encoder.image_features(np.stack(pictures))


@pytest.fixture
def shards(tmp_path: Path) -> Shards:
    return Shards(tmp_path / "shards", embed.schema(Colours.dim))


@pytest.mark.parametrize("count", [1, 2, 31, 32, 33, 70])
def test_each_content_has_the_vector_of_its_own_pixels(count: int, shards: Shards) -> None:
    found = embed.run(contents(count), pixels, Colours(), shards, workers=3)
    assert found.content_ids.tolist() == contents(count)["content_id"].tolist()
    np.testing.assert_array_equal(found.vectors, expected(contents(count)))


def test_no_contents_are_no_vectors(shards: Shards) -> None:
    found = embed.run(contents(0), pixels, Colours(), shards)
    assert (len(found), found.vectors.shape) == (0, (0, 12))


def test_batch_and_workers_change_nothing(tmp_path: Path) -> None:
    def vectors(name: str, **how: int) -> np.ndarray:
        return embed.run(contents(20), pixels, Colours(), Shards(tmp_path / name, embed.schema(12)), **how).vectors

    first = vectors("a", workers=1, batch=32)
    np.testing.assert_array_equal(first, vectors("b", workers=4, batch=7))


def test_only_new_contents_are_computed(shards: Shards) -> None:
    embed.run(contents(10), pixels, Colours(), shards)
    encoder = Colours()
    found = embed.run(contents(13), pixels, encoder, shards)
    assert encoder.seen == len(set(contents(13)["content_id"]) - set(contents(10)["content_id"]))
    np.testing.assert_array_equal(found.vectors, expected(contents(13)))
    # Contents that are gone stay in the cache, not in the table.
    assert len(embed.run(contents(4), pixels, encoder, shards)) == 4


def test_killed_half_way_it_goes_on(shards: Shards, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "SHARD_EVERY_S", 0.0)
    with pytest.raises(KeyboardInterrupt):
        embed.run(contents(40), pixels, Colours(stop_after=24), shards, batch=8)
    encoder = Colours()
    found = embed.run(contents(40), pixels, encoder, shards, batch=8)
    assert encoder.seen == 16
    np.testing.assert_array_equal(found.vectors, expected(contents(40)))


def test_a_kill_loses_less_than_half_a_minute() -> None:
    assert embed.SHARD_EVERY_S < 30


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> EncoderRecord:
    return choose(EncoderParams(model="packaged"), None, tmp_path_factory.mktemp("choosing"))[0]


@pytest.fixture(scope="session")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Converting a network takes seconds: the projects of a session share what comes of it."""
    return tmp_path_factory.mktemp("graphs")


@pytest.fixture
def project(tmp_path: Path, record: EncoderRecord, graphs: Path) -> Path:
    """A project of four files, two of them the same and one broken, up to and including `fetch`."""
    (tmp_path / OPENVINO_CACHE).parent.mkdir(parents=True)
    (tmp_path / OPENVINO_CACHE).symlink_to(graphs)
    files = {
        "a.jpg": encoded(picture(300, 200, 1)),
        "b.png": encoded(picture(90, 140, 2), "PNG"),
        "c.jpg": b"no picture",
        "d.jpg": encoded(picture(300, 200, 1)),
    }
    (tmp_path / "photos").mkdir()
    for name, data in files.items():
        (tmp_path / "photos" / name).write_bytes(data)
    rows = [{"path": name, "content_id": digest(data)} for name, data in files.items()]
    rows[2] |= {"status": "unreadable", "reason": "not an image", "width": None, "height": None}
    tables.write(IMAGES, images(*rows), tmp_path)
    (tmp_path / "params.yaml").write_text(
        "data: {source: photos}\nmachine: {device: cpu}\nembed: {precision: float32}\n"
    )
    write_record(record, tmp_path)
    return tmp_path


def test_main_embeds_distinct_readable_contents_and_says_with_what(project: Path, record: EncoderRecord) -> None:
    embed.main(project)
    found = read_embeddings(project)
    names = ("a.jpg", "b.png")
    assert found.content_ids.tolist() == sorted(digest((project / "photos" / name).read_bytes()) for name in names)
    told = tables.metadata(embeddings_table(record.dim), project)
    assert told["encoder"] == record.model_dump()
    assert told["dim"] == 1280
    assert "float32" in told["engine"]


def test_main_gives_the_same_bytes_with_and_without_the_cache(project: Path) -> None:
    table = project / "data" / "embeddings.parquet"
    embed.main(project)
    first = table.read_bytes()
    embed.main(project)
    assert table.read_bytes() == first
    for shard in (project / ".winnow" / "cache").glob("embed-*/*"):
        shard.unlink()
    embed.main(project)
    assert table.read_bytes() == first


def grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


@pytest.mark.parametrize("happens", [grow, Path.unlink])
def test_a_file_that_changed_since_ingest_is_told(happens: Callable[[Path], None], project: Path) -> None:
    happens(project / "photos" / "b.png")
    with pytest.raises(SourceError) as caught:
        embed.main(project)
    assert "b.png" in str(caught.value)
    assert caught.value.do.startswith("dvc repro")


def test_embedding_pictures_loads_no_text_tower(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import stages.encoders.packaged_text as text

    def loaded(*args: object) -> None:
        raise AssertionError("the text tower was loaded")

    monkeypatch.setattr(text, "PackagedText", loaded)
    embed.main(project)
    assert len(read_embeddings(project)) == 2
