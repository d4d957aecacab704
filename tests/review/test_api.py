"""What the pages' scripts are told, by a running app."""

from __future__ import annotations

import io
import threading
from urllib.parse import quote, urlencode

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from stages.contracts import tables
from stages.contracts.decisions import COLUMNS, read_decisions, write_decisions
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.verdicts import VERDICTS
from stages.contracts.tags import COLUMNS as TAG_COLUMNS
from stages.contracts.tags import write_tags
from stages.core.decisions import apply
from tests.pages.dataset import HOSTILE, HOSTILE_LABEL
from tests.review.app import App


def items(app: App, **query: object) -> dict:
    return app.get(f"/api/items?{urlencode(query)}")


def paths(app: App, **query: object) -> list[str]:
    return [card["path"] for card in items(app, limit=200, **query)["items"]]


def test_a_decision_is_in_the_file_when_the_answer_comes(app: App, ids: dict[str, str]) -> None:
    before = app.get("/api/decisions")
    answer = app.decide({"item_id": ids["train/cat/01.jpg"], "decision": "drop", "reviewer": "Ann"}).json
    rows = read_decisions(app.project.root)
    assert rows[["path", "decision", "reviewer"]].to_numpy().tolist() == [["train/cat/01.jpg", "drop", "Ann"]]
    assert rows["content_id"].str.len().tolist() == [32]
    assert answer["before"] == before["revision"]
    assert answer["rows"] == rows[COLUMNS].to_numpy().tolist()
    after = app.get("/api/decisions")
    assert after["revision"] == answer["revision"] != before["revision"]
    assert after["rows"] == answer["rows"]
    assert app.get(f"/api/decisions?since={after['revision']}") == {"revision": after["revision"]}


def test_two_windows_lose_nothing_to_each_other(app: App, ids: dict[str, str]) -> None:
    own = [[path for path in ids if path.startswith(f"{split}/")][:12] for split in ("train", "test")]
    refused = []

    def decide(mine: list[str]) -> None:
        for path in mine:
            if app.decide({"item_id": ids[path], "decision": "keep"}).status != 200:
                refused.append(path)

    windows = [threading.Thread(target=decide, args=(mine,)) for mine in own]
    for window in windows:
        window.start()
    for window in windows:
        window.join()
    assert not refused
    assert set(read_decisions(app.project.root)["path"]) == {*own[0], *own[1]}


def test_what_somebody_else_wrote_is_told_and_kept(app: App, ids: dict[str, str]) -> None:
    first = app.decide({"item_id": ids["train/cat/01.jpg"], "decision": "drop"}).json
    rows = read_decisions(app.project.root)
    write_decisions(rows.assign(decision="keep", decided_at="2999-01-01T00:00:00Z"), app.project.root)
    told = app.get(f"/api/decisions?since={first['revision']}")
    assert [row[COLUMNS.index("decision")] for row in told["rows"]] == ["keep"]
    late = app.decide({"item_id": ids["train/cat/01.jpg"], "decision": "drop"}).json
    assert late["before"] == told["revision"]
    assert [row[COLUMNS.index("decision")] for row in late["rows"]] == ["keep"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"rows": 3}', b'{"rows": [{}]}', b"\xff", b"[" * 100_000])
def test_what_is_no_decision_is_refused_and_nothing_is_written(app: App, body: bytes) -> None:
    headers = {"Origin": f"http://{app.host}", "Content_Type": "application/json"}
    answer = app.ask("/api/decisions", "POST", body, **headers)
    assert answer.status in (400, 404)
    assert answer.json["error"].startswith("winnow:")
    assert app.get("/api/decisions")["rows"] == []


def test_a_broken_file_is_told_and_not_overwritten(app: App) -> None:
    path = app.project.root / "data/decisions.csv"
    path.write_text("mine,all,mine\n")
    answer = app.decide({"path": "a.jpg", "decision": "drop"})
    assert answer.status == 409
    assert "another header" in answer.json["error"]
    assert path.read_text() == "mine,all,mine\n"


def test_all_images_come_sorted_by_any_column(app: App) -> None:
    told = items(app, limit=200)
    images = tables.read(VERDICTS, app.project.root)
    assert told["matched"] == told["total"] == len(images)
    assert [card["path"] for card in told["items"]] == sorted(card["path"] for card in told["items"])
    outliers = tables.read(OUTLIERS, app.project.root).set_index("item_id")["outlier_score"]
    found = [card["id"] for card in items(app, sort="outlier_score", descending=1, limit=200)["items"]]
    scores = [outliers.get(item) for item in found]
    known = [score for score in scores if score is not None]
    assert known == sorted(known, reverse=True)
    assert scores[len(known) :] == [None] * (len(scores) - len(known))
    for column in told["columns"]:
        assert items(app, sort=column["name"], limit=1)["total"] == len(images)


def test_pages_hold_every_image_once(app: App) -> None:
    whole = paths(app, sort="brightness")
    parts = [
        card["path"] for at in range(0, 80, 7) for card in items(app, sort="brightness", offset=at, limit=7)["items"]
    ]
    assert parts == whole
    assert items(app, offset=10_000)["items"] == []


def test_conditions_are_those_of_search(app: App) -> None:
    found = items(app, where="split = 'test' and label = 'cat'", limit=200)
    assert found["matched"] == len(found["items"]) == 4
    assert all(card["path"].startswith("test/cat/") for card in found["items"])
    outliers = tables.read(OUTLIERS, app.project.root)
    flagged = set(outliers.loc[outliers["is_outlier"], "item_id"])
    assert {card["id"] for card in items(app, where="is_outlier", limit=200)["items"]} == flagged
    assert flagged


def test_decisions_can_be_filtered_by_as_soon_as_they_are_made(app: App, ids: dict[str, str]) -> None:
    undecided = paths(app, where="suspect and decision is null")
    app.decide({"item_id": ids[undecided[0]], "decision": "relabel", "label": "dog"})
    assert paths(app, where="suspect and decision is null") == undecided[1:]
    assert paths(app, where="new_label = 'dog'") == [undecided[0]]
    assert paths(app, sort="review.decision")[0] == undecided[0]


@pytest.mark.parametrize(
    "query",
    [
        "where=nosuch%20=%201",
        "where=1;drop",
        "where=(select%201)",
        "sort=nosuch",
        "sort=images.nosuch",
        "limit=-1",
        "offset=x",
        "offset=" + "9" * 5000,
    ],
)
def test_what_cannot_be_answered_says_so(app: App, query: str) -> None:
    answer = app.ask(f"/api/items?{query}")
    assert answer.status == 400
    assert answer.json["error"].startswith("winnow:")


def test_names_from_the_file_system_stay_text(app: App) -> None:
    told = items(app, where=f"label = '{HOSTILE_LABEL}'", shown="label", limit=200)
    assert {card["path"] for card in told["items"]} == set(HOSTILE)
    assert all(["label", HOSTILE_LABEL] in card["facts"] for card in told["items"])
    for name in HOSTILE:
        condition = quote(f"path = '{name.replace(chr(39), chr(39) * 2)}'")
        assert app.get(f"/api/items?where={condition}")["matched"] == 1


def test_an_item_tells_all_its_values_and_its_copies(app: App, ids: dict[str, str]) -> None:
    told = app.get(f"/api/items/{ids['train/coffee/smaller.png']}")
    keeper = app.get(f"/api/items/{ids['train/coffee/04.jpg']}")
    assert told["copies"] == [{"id": ids["train/coffee/04.jpg"], "path": "train/coffee/04.jpg"}]
    assert keeper["copies"] == [{"id": ids["train/coffee/smaller.png"], "path": "train/coffee/smaller.png"}]
    assert (told["keeper"], keeper["keeper"]) == (False, True)
    assert ["images", "format", "PNG"] in told["values"]
    assert (told["width"], told["height"]) == (48, 48)
    assert app.ask(f"/api/items/{'0' * 32}").status == 404


def test_every_suspect_says_why_it_is_one(app: App, ids: dict[str, str]) -> None:
    path_of = {item: path for path, item in ids.items()}
    catalog = app.project.view().catalog
    outliers = catalog.tables["outliers"].select(["evidence", "is_outlier"]).to_pylist()
    for row in catalog.queue:
        item = catalog.values("images", "item_id")[row]
        grounds = app.get(f"/api/items/{item}")["grounds"]
        assert grounds, path_of[item]
        assert all(title and text for title, text in grounds), path_of[item]
        assert len(dict(grounds)) == len(grounds)
        if outliers[row]["is_outlier"]:
            assert dict(grounds)["Outlier"].startswith(outliers[row]["evidence"][:40])
    assert app.get(f"/api/items/{ids['train/astronaut/01.jpg']}")["grounds"] == []


def test_progress_counts_decisions_and_leads_through_all_suspects(app: App) -> None:
    start = app.get("/api/progress")
    assert start["decided"] == 0
    seen, at = [], start["next"]
    while at is not None:
        seen.append(at)
        app.decide({"item_id": at, "decision": "keep"})
        told = app.get(f"/api/progress?after={at}")
        assert told["decided"] == len(seen)
        at = told["next"]
    assert len(set(seen)) == len(seen) == start["suspects"]


def test_the_next_suspect_lies_behind_and_then_at_the_start(app: App) -> None:
    first = app.get("/api/progress")["next"]
    second = app.get(f"/api/progress?after={first}")["next"]
    assert first != second
    queue = [first]
    while len(queue) < app.get("/api/progress")["suspects"]:
        queue.append(app.get(f"/api/progress?after={queue[-1]}")["next"])
    assert app.get(f"/api/progress?after={queue[-1]}")["next"] == first


def test_decisions_reach_the_same_images_as_in_export(app: App, ids: dict[str, str]) -> None:
    """By content where the path is gone, and not at all where several have it."""
    places = app.project.shelf.catalog().places.set_index("path")
    content = places.loc["train/cat/01.jpg", "content_id"]
    shared = places.loc["train/cat/02.jpg", "content_id"]
    told = {"decision": "drop", "decided_at": "2026-01-01T00:00:00Z"}
    app.decide(
        {**told, "path": "gone.jpg", "content_id": content}, {**told, "path": "gone too.jpg", "content_id": shared}
    )
    assert paths(app, where="decision = 'drop'") == ["train/cat/01.jpg"]
    found = apply(read_decisions(app.project.root), app.project.shelf.catalog().places)
    assert found.by_item.index.tolist() == [ids["train/cat/01.jpg"]]


def test_a_thumbnail_shows_its_own_image(app: App, ids: dict[str, str]) -> None:
    answer = app.ask(f"/api/thumbnail/{ids['train/cat/stray stripes.jpg']}")
    assert answer.headers["Content-Type"] == "image/jpeg"
    pixels = np.asarray(Image.open(io.BytesIO(answer.body)))
    colours = [(12, 12, 0), (12, 6, 0), (36, 6, 2), (12, 6, 2)]
    assert [bool(pixels[at] > 128) for at in colours] == [True, False, True, False]
    assert app.ask(f"/api/thumbnail/{ids['train/cat/broken.jpg']}").status == 415


def test_copies_are_laid_on_each_other(app: App, ids: dict[str, str]) -> None:
    pair = f"/api/difference/{ids['test/astronaut/00.jpg']}/{ids['train/astronaut/mirrored.jpg']}"
    told = app.get(pair)
    assert told["aligned"]
    assert "mirrored" in told["words"]
    assert told["words"] == app.project.view().catalog.transforms[frozenset(pair.split("/")[-2:])]
    layers = {}
    for layer in ("first", "second", "difference"):
        answer = app.ask(f"{pair}/{layer}.png")
        assert answer.headers["Content-Type"] == "image/png"
        layers[layer] = np.asarray(Image.open(io.BytesIO(answer.body)))
        assert layers[layer].shape[:2] == (told["height"], told["width"])
    both = layers["second"][..., 3] > 0
    assert layers["difference"][..., :3][both].mean() < 4 * 8
    assert app.ask(f"{pair}/else.png").status == 404


def test_a_page_is_the_reports_own_with_one_script_more(app: App) -> None:
    page = app.ask("/outliers.html")
    own = (app.project.root / "reports/outliers.html").read_bytes()
    script, style = b'<script src="assets/review.js"></script>\n', b'<link rel="stylesheet" href="assets/review.css">\n'
    assert page.body.replace(script, b"").replace(style, b"") == own
    assert page.body.index(script) < page.body.index(b"assets/winnow.js")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert app.ask("/nosuch.html").status == 404
    assert b"WINNOW_REVIEW" in app.ask("/assets/review.js").body


def test_the_start_script_holds_hostile_names_as_data(app: App) -> None:
    app.decide(*({"path": name, "decision": "relabel", "label": HOSTILE_LABEL} for name in HOSTILE))
    body = app.ask("/assets/review.js").body
    assert b"<script" not in body
    assert b"</script" not in body
    assert b"\xe2\x80\xae" not in body


def test_the_page_of_all_images_is_the_apps_own(app: App) -> None:
    page = app.ask("/review.html")
    assert b"All images" in page.body
    assert not (app.project.root / "reports/review.html").exists()


def test_search_without_an_index_says_what_to_do(app: App) -> None:
    answer = app.ask("/api/search?text=cat")
    assert answer.status == 409
    assert "dvc repro" in answer.json["error"]
    assert app.ask("/api/search").status == 400


def test_pages_are_told_one_row_an_image_and_none_that_reaches_no_image(app: App, ids: dict[str, str]) -> None:
    by_hand = dict.fromkeys(COLUMNS, "") | {"decision": "keep", "decided_at": "2026-01-01"}
    own = ids["train/cat/01.jpg"]
    rows = [
        by_hand | {"path": "./train/cat/01.jpg"},
        by_hand | {"item_id": own, "decision": "drop", "decided_at": "2026-01-02"},
        by_hand | {"path": "gone.jpg"},
    ]
    write_decisions(pd.DataFrame(rows), app.project.root)
    (told,) = app.get("/api/decisions")["rows"]
    assert told[:5] == [own, app.project.place(own)["content_id"], "train/cat/01.jpg", "", "drop"]
    assert len(app.project.view().decisions) == 1


def test_images_are_filtered_by_their_tags(app: App) -> None:
    write_tags(
        pd.DataFrame([["", "", "train/cat/01.jpg", "", tag] for tag in ("night", "fog")], columns=TAG_COLUMNS),
        app.project.root,
    )
    assert paths(app, where="tags = 'fog;night'") == ["train/cat/01.jpg"]
    assert "tags" in {column["name"] for column in items(app)["columns"]}
