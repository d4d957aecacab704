from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console
from typer.testing import CliRunner

from stages import cli
from stages.commands import search as command
from stages.commands.searcher import Query
from stages.contracts.errors import QueryError
from stages.encoders import opening
from tests import searchable
from tests.pages import dataset
from tests.pages.decode import shows

PIXELS = {shot.content_id: shot.pixels for shot in dataset.shots() if shot.pixels is not None}


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "open_encoder", lambda *_: searchable.Colours())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return searchable.make(tmp_path_factory.mktemp("project"))


def shown(found: command.Found, width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width)
    command.show(found, console)
    return console.file.getvalue()


def test_the_table_says_rank_cosine_path_label_and_thumbnail(project: Path) -> None:
    found = command.search(Query("black", k=3), project)
    text = shown(found)
    for result in found.results:
        place = found.places[result.item["content_id"]]
        line = next(line for line in text.splitlines() if result.item["path"] in line)
        assert f"{result.similarity:.3f}" in line
        assert f"{place['sheet']} {place['w']}x{place['h']}+{place['x']}+{place['y']}" in line
        assert result.item["label"] in line


def test_json_says_all_and_the_thumbnail_is_there(project: Path) -> None:
    told = json.loads(command.as_json(command.search(Query("brown", k=40, where="split = 'train'"), project)))
    assert told["query"] == {"text": "brown", "image": None, "where": "split = 'train'", "k": 40}
    assert told["searched"] == len(PIXELS)
    assert any(result["copies"] for result in told["results"])
    for result in told["results"]:
        assert result["split"] == "train"
        place = result["thumbnail"]
        sheet = Image.open(project / "data/thumbnails" / place["sheet"])
        box = (place["x"], place["y"], place["x"] + place["w"], place["y"] + place["h"])
        assert shows(np.asarray(sheet.crop(box)), result["content_id"], PIXELS)


def test_names_that_try_to_break_the_terminal_are_made_visible(project: Path) -> None:
    found = command.search(Query("white", k=len(PIXELS)), project)
    text = shown(found)
    assert "\\u202e" in text
    assert "\u202e" not in text
    assert "new\\nline.jpg" in text
    assert "[" not in text or "[/" not in text


def test_too_few_are_told(project: Path) -> None:
    assert f"These are all {len(PIXELS)} pictures; 500 were asked for." in shown(
        command.search(Query("black", k=500), project)
    )
    none = command.search(Query("black", where="width > 100000"), project)
    assert "No image passes the condition." in shown(none)
    assert "all 3 pictures that pass" in shown(command.search(Query("black", where="cluster = -1"), project))


@pytest.mark.parametrize(
    ("text", "doubted"),
    [("hard hat", False), ("café", False), ("黒い帽子", True), ("шапка", True), ("帽子 hat cap", False), ("42", False)],
)
def test_a_text_that_the_packaged_encoder_cannot_read_is_told(project: Path, text: str, doubted: bool) -> None:
    notes = command.notes(command.search(Query(text, k=2), project))
    assert any("English only" in note for note in notes) == doubted


def test_words_that_look_like_none_and_the_encoder_are_said(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    strange, plain = (command.search(Query(text, k=2), project) for text in ("black xqzxt", "black"))
    told = '"xqzxt": the encoder does not know this word'
    for found, is_told in ((strange, True), (plain, False)):
        assert (told in shown(found)) == is_told
        assert ("xqzxt" in command.write_page(found, project).read_text()) == is_told
        assert found.encoder.encoder_id in shown(found)
        command.as_json(found)
        assert ("xqzxt" in capsys.readouterr().err) == is_told


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (Query("black", image=Path("gone.jpg")), "no such image"),
        (Query("black", where="nope = 1"), "no column nope"),
        (Query(), "nothing is asked for"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_opened(
    project: Path, monkeypatch: pytest.MonkeyPatch, query: Query, said: str
) -> None:
    monkeypatch.setattr(command, "Searcher", None)
    with pytest.raises(QueryError, match=said):
        command.search(query, project)


def test_a_text_may_be_an_argument_or_an_option_but_not_both() -> None:
    assert command.one_text("a", None) == command.one_text(None, "a") == "a"
    assert command.one_text(None, None) is None
    with pytest.raises(QueryError, match="two texts"):
        command.one_text("a", "b")


def test_the_command_prints_and_writes_its_page(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    done = CliRunner().invoke(cli.app, ["search", "black", "-k", "2", "--where", "split = 'train'"])
    assert done.exit_code == 0, done.output
    assert "Page: reports/adhoc/search.html" in done.output
    assert (project / command.PAGE).read_text().count('<li class="card"') == 2
    assert {path.name for path in (project / "reports/adhoc").iterdir()} == {"search.html"}
    asked = CliRunner().invoke(
        cli.app, ["search", "--text", "black", "--image", "photos/my cats/train/cat/01.jpg", "--json"]
    )
    assert json.loads(asked.stdout)["query"]["image"] == "photos/my cats/train/cat/01.jpg"


def test_without_thumbnails_there_are_results_still(tmp_path: Path) -> None:
    root = searchable.make(tmp_path, shots=dataset.clean())
    (root / "data/thumbnails.parquet").unlink()
    found = command.search(Query("black", k=2), root)
    assert found.places == {}
    assert "No preview" in command.write_page(found, root).read_text()
    assert [result["thumbnail"] for result in json.loads(command.as_json(found))["results"]] == [None, None]
