from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages import index
from stages.commands.searcher import Query, Searcher, passing
from stages.contracts import tables
from stages.contracts.encoder_record import read_record, write_record
from stages.contracts.errors import QueryError, TableError
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.tags import COLUMNS, write_tags
from stages.contracts.tags import PATH as TAGS
from stages.encoders import opening
from tests import searchable
from tests.pages import dataset

SHOTS = dataset.shots()
DISTINCT = len({shot.content_id for shot in SHOTS if shot.pixels is not None})


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "open_encoder", lambda *_: searchable.Colours())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return searchable.make(tmp_path_factory.mktemp("project"))


def ranked(text: str) -> list[str]:
    """Contents by their pixels alone."""
    colours = searchable.Colours()
    query = colours.text_features([text])[0]
    cosines = {
        shot.content_id: float(colours.image_features(colours.preprocess(shot.pixels)[None])[0] @ query)
        for shot in SHOTS
        if shot.pixels is not None
    }
    return sorted(cosines, key=lambda content: (-cosines[content], content))


def test_a_text_finds_what_looks_like_it(project: Path) -> None:
    results = Searcher(project).search(Query("black", k=12))
    assert [result.item["content_id"] for result in results] == ranked("black")[:12]
    assert [result.rank for result in results] == list(range(1, 13))
    assert {results[0].item["path"], results[1].item["path"]} <= {
        "train/coffee/night.jpg",
        "train/coffee/darker.jpg",
    }


def test_an_image_finds_itself_and_its_copies_at_one_rank(project: Path) -> None:
    results = Searcher(project).search(Query(image=project / "photos/my cats/train/cat/same bytes.jpg", k=3))
    assert results[0].similarity == pytest.approx(1, abs=1e-4)
    assert results[0].item["path"] == "train/cat/02.jpg"
    assert [copy["path"] for copy in results[0].copies] == ["train/cat/same bytes.jpg"]
    assert results[1].similarity < 0.9999


def test_both_lie_between(project: Path) -> None:
    searcher = Searcher(project)
    image = project / "photos/my cats/train/coffee/01.jpg"
    orders = {
        weight: [result.item["item_id"] for result in searcher.search(Query("black", image, weight, k=DISTINCT))]
        for weight in (0.0, 0.5, 1.0)
    }
    assert orders[0.0] == [result.item["item_id"] for result in searcher.search(Query(image=image, k=DISTINCT))]
    assert orders[1.0] == [result.item["item_id"] for result in searcher.search(Query("black", k=DISTINCT))]
    assert orders[0.5] not in (orders[0.0], orders[1.0])


def test_a_condition_is_held_against_the_tables(project: Path) -> None:
    searcher = Searcher(project)
    flagged = tables.read(OUTLIERS, project).query("is_outlier")["item_id"]
    found = searcher.search(Query("white", where="is_outlier and split = 'train'", k=100))
    assert {result.item["item_id"] for result in found} == set(flagged)
    test = searcher.search(Query("white", where="split = 'test'", k=5))
    assert len(test) == 5
    assert {result.item["split"] for result in test} == {"test"}
    by_rank = [content for content in ranked("white") if content in {r.item["content_id"] for r in test}]
    assert [result.item["content_id"] for result in test] == by_rank


def test_of_copies_the_one_that_passes_is_shown(project: Path) -> None:
    query = Query("brown", where="path like '%same bytes%'", k=9)
    results = Searcher(project).search(query)
    assert [(result.item["path"], result.copies) for result in results] == [("train/cat/same bytes.jpg", [])]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("images.label = 'cat' and verdicts.verdict = 'remove' and rule = 'exact_duplicate'", 1),
        ("duplicates.keep", 4),
        ("kind is not null or is_dark", 4 + 2),
        ("status <> 'ok'", 2),
        ("cluster = -1", 3),
    ],
)
def test_every_table_can_be_spoken_of(project: Path, where: str, expected: int) -> None:
    images = tables.read(IMAGES, project)
    assert passing(where, images["item_id"], project).sum() == expected


def test_rows_are_those_of_the_items_asked_for(project: Path) -> None:
    images = tables.read(IMAGES, project).sample(frac=1, random_state=1)
    clusters = tables.read(CLUSTERS, project).set_index("item_id")["cluster"]
    expected = clusters.reindex(images["item_id"]).eq(1).to_numpy()
    np.testing.assert_array_equal(passing("cluster = 1", images["item_id"], project), expected)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (Query(), "nothing is asked for"),
        (Query("  "), "the text is empty"),
        (Query("", Path("x.jpg")), "the text is empty"),
        (Query("black", k=0), "no image is asked for"),
        (Query("black", k=-3), "no image is asked for"),
        (Query("black", weight=1.5), "the weight is out of range"),
        (Query("black", weight=float("nan")), "the weight is out of range"),
        (Query("black", where=" "), "the condition is empty"),
        (Query("black", where="colour = 1"), "there is no column colour"),
        (Query(image=Path("/no/such/file.jpg")), "the image cannot be opened"),
        (Query(image=Path("/")), "the image cannot be opened"),
    ],
)
def test_a_question_that_makes_no_sense_is_told(project: Path, query: Query, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        Searcher(project).search(query)


def test_an_image_that_is_none_is_told(project: Path, tmp_path: Path) -> None:
    for name, data in [("empty.jpg", b""), ("text.png", b"not an image"), ("half.jpg", _half(project))]:
        (tmp_path / name).write_bytes(data)
        with pytest.raises(QueryError, match="cannot be read") as raised:
            Searcher(project).search(Query(image=tmp_path / name))
        assert str(tmp_path / name) in str(raised.value.where)


def _half(project: Path) -> bytes:
    whole = (project / "photos/my cats/train/cat/01.jpg").read_bytes()
    return whole[: len(whole) // 2]


@pytest.mark.parametrize("text", ["黒いコーヒー", "черный кофе", "☕️", "black " * 2_000, "\n\tblack\0", "a" * 100_000])
def test_any_text_is_an_answer(project: Path, text: str) -> None:
    assert len(Searcher(project).search(Query(text, k=5))) == 5


@pytest.mark.parametrize("k", [1, DISTINCT, DISTINCT + 1, 10**6])
def test_more_than_there_are_gives_all(project: Path, k: int) -> None:
    assert len(Searcher(project).search(Query("black", k=k))) == min(k, DISTINCT)


def test_an_index_of_other_contents_is_refused(tmp_path: Path) -> None:
    root = searchable.make(tmp_path, shots=dataset.clean())
    images = tables.read(IMAGES, root)
    tables.write(IMAGES, images.drop(index=images.index[images["status"] == "ok"][0]), root)
    searchable.embed(root, dataset.clean())
    with pytest.raises(TableError, match="not that of the present embeddings") as raised:
        Searcher(root)
    assert raised.value.do == "dvc repro index"
    index.main(root)
    assert len(Searcher(root).search(Query("black", k=99))) == len(images) - 1


def test_an_index_of_vectors_made_otherwise_is_refused(tmp_path: Path) -> None:
    root = searchable.make(tmp_path, shots=dataset.clean())
    searchable.embed(root, dataset.clean(), cache="embed-another")
    with pytest.raises(TableError, match="not that of the present embeddings"):
        Searcher(root)


def test_an_encoder_that_did_not_make_the_vectors_is_refused(tmp_path: Path) -> None:
    root = searchable.make(tmp_path, shots=dataset.clean())
    write_record(read_record(root).model_copy(update={"weights_sha256": "cd" * 32}), root)
    with pytest.raises(TableError, match="another encoder"):
        Searcher(root)


def test_what_is_missing_is_told_with_its_command(tmp_path: Path) -> None:
    root = searchable.make(tmp_path, shots=dataset.clean())
    (root / "data/embeddings.parquet").unlink()
    with pytest.raises(TableError) as raised:
        Searcher(root)
    assert raised.value.do == "dvc repro embed"


def test_a_dataset_without_images_finds_none(tmp_path: Path) -> None:
    root = searchable.make(tmp_path, shots=[shot for shot in SHOTS if shot.pixels is None])
    assert Searcher(root).search(Query("black")) == []


def test_images_are_found_by_their_tags(project: Path) -> None:
    paths = tables.read(IMAGES, project).set_index("item_id")["path"]
    ids = pd.Series(paths.index)
    assert not passing("tags is not null", ids, project).any()
    try:
        write_tags(pd.DataFrame([["", "", paths.iloc[0], "", "night"]], columns=COLUMNS), project)
        assert ids[passing("tags like '%night%'", ids, project)].tolist() == [paths.index[0]]
    finally:
        (project / TAGS).unlink(missing_ok=True)
