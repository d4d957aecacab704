"""Searching by words and by example."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest

from stages import report
from stages.contracts.identity import item_id
from tests import searchable
from tests.review.app import App, serving


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = searchable.make(tmp_path_factory.mktemp("search"))
    report.main(made)
    return made


@pytest.fixture(scope="module")
def opened() -> list:
    """How often an encoder was opened."""
    return []


@pytest.fixture(scope="module")
def app(root: Path, opened: list) -> Iterator[App]:
    def open_encoder(*_: object, **__: object) -> searchable.Colours:
        opened.append(1)
        return searchable.Colours()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stages.encoders.opening.open_encoder", open_encoder)
        with serving(root) as app:
            yield app


def found(app: App, **query: object) -> list[dict]:
    return app.get(f"/api/search?{urlencode(query)}")["items"]


def similarities(cards: list[dict]) -> list[float]:
    return [float(dict(map(tuple, card["facts"]))["Cosine"]) for card in cards]


def test_an_example_finds_what_looks_like_it_and_not_itself(app: App, opened: list) -> None:
    example = item_id("train/cat/same bytes.jpg")
    cards = found(app, item=example, limit=10)
    assert len(cards) == 10
    own = {card["path"] for card in cards} & {"train/cat/same bytes.jpg", "train/cat/02.jpg"}
    assert not own  # nor its exact copy
    assert similarities(cards) == sorted(similarities(cards), reverse=True)
    mirrored = found(app, item=item_id("train/coffee/smaller.png"), limit=1)
    assert mirrored[0]["path"] == "train/coffee/04.jpg"
    assert not opened  # the example's vector is there already


def test_words_find_what_they_name_and_the_encoder_is_opened_once(app: App, opened: list) -> None:
    dark = found(app, text=" black ", limit=2)
    assert {card["path"] for card in dark} == {"train/coffee/night.jpg", "train/coffee/darker.jpg"}
    found(app, text="white")
    assert len(opened) == 1


def test_words_that_the_encoder_does_not_know_are_told(app: App) -> None:
    (note,) = app.get(f"/api/search?{urlencode({'text': 'black zxblat', 'limit': 2})}")["notes"]
    assert '"zxblat"' in note
    assert "black" not in note
    assert app.get("/api/search?text=black&limit=2")["notes"] == []
    assert app.get(f"/api/search?item={item_id('train/coffee/04.jpg')}&limit=2")["notes"] == []


def test_words_and_an_example_count_together_and_conditions_hold(app: App) -> None:
    example = item_id("train/coffee/04.jpg")
    cards = found(app, text="black", item=example, where="label = 'cat'", limit=5)
    assert cards
    assert all(card["path"].split("/")[1] == "cat" for card in cards)
    assert app.get(f"/api/search?{urlencode({'text': 'black', 'where': 'brightness > 2'})}")["items"] == []


@pytest.mark.parametrize(
    "query", ["", "text=", "text=%20", "item=" + "0" * 32, "text=a&where=nosuch", "text=a&limit=x"]
)
def test_what_cannot_be_searched_for_says_so(app: App, query: str) -> None:
    answer = app.ask(f"/api/search?{query}")
    assert answer.status in (400, 404)
    assert answer.json["error"].startswith("winnow:")


def test_an_example_that_could_not_be_read_says_so(app: App) -> None:
    answer = app.ask(f"/api/search?item={item_id('train/cat/broken.jpg')}")
    assert answer.status == 400
    assert "no vector" in answer.json["error"]


def test_an_index_made_anew_is_opened_anew_and_an_old_one_is_refused(app: App, root: Path) -> None:
    before = found(app, text="black", limit=3)
    record = root / "data/index.lance/record.json"
    os.utime(record, ns=(1, 1))
    assert found(app, text="black", limit=3) == before
    text = record.read_text()
    try:
        record.write_text(text.replace('"ids": "', '"ids": "0'))
        answer = app.ask("/api/search?text=black")
        assert answer.status == 409
        assert "dvc repro index" in answer.json["error"]
    finally:
        record.write_text(text)
    assert found(app, text="black", limit=3) == before


def test_similar_pictures_have_similar_vectors() -> None:
    """The fake tells pictures apart, so that a mixed-up row would be found out."""
    encoder = searchable.Colours()
    pictures = np.stack([encoder.preprocess(np.full((8, 8, 3), value, np.uint8)) for value in (0, 30, 255)])
    near, far = encoder.image_features(pictures) @ encoder.image_features(pictures[:1])[0], 0.5
    assert near[1] > far > near[2]
