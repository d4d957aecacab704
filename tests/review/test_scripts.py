"""The pure parts of the app's scripts, run in node."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from stages.contracts.decisions import COLUMNS
from stages.core import filters
from tests.pages.test_scripts import node


def row(path: str, decision: str = "drop", at: str = "2026-01-01T00:00:00Z") -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | {"path": path, "decision": decision, "decided_at": at}


def cells(path: str) -> list[str]:
    return list(row(path).values())


def written(rows: list[list[str]], waiting: list[dict], then: str) -> object:
    held = json.dumps({"revision": "one", "columns": COLUMNS, "rows": rows})
    return node("keeping_app", f"(() => {{ const w = new m.Written({held}, {json.dumps(waiting)}); {then} }})()")


def test_what_waits_counts_already() -> None:
    told = "return w.made().map(r => [r.path, r.decision])"
    found = written([cells("a"), cells("b")], [row("a", "keep", "2026-01-02T00:00:00Z"), row("c", "keep")], told)
    assert found == [["a", "keep"], ["b", "drop"], ["c", "keep"]]


def test_only_what_the_file_does_not_have_is_sent() -> None:
    made = [row("a"), row("b", "keep", "2026-01-02T00:00:00Z"), row("c"), row("d", "keep", "2025-01-01T00:00:00Z")]
    put = f"const first = w.put({json.dumps(made)}); return [first.map(r => r.path), w.put({json.dumps(made)}).length]"
    # a is there, b is newer, c is new, d is older than what is there.
    assert written([cells("a"), cells("b"), cells("d")], [], put) == [["b", "c"], 0]


def test_an_answer_ends_the_waiting_of_what_was_sent_and_of_nothing_else() -> None:
    later = row("a", "keep", "2026-01-03T00:00:00Z")
    then = f"""
      const sent = [...w.waiting.values()];
      w.put([{json.dumps(later)}]);
      const isNext = w.answered(sent, {{ before: "one", revision: "two", rows: [{json.dumps(cells("a"))}] }});
      return [isNext, w.revision, [...w.waiting.values()].map(r => r.decision), w.made().map(r => r.decision)];
    """
    assert written([], [row("a")], then) == [True, "two", ["keep"], ["keep"]]


def test_what_others_wrote_in_between_is_noticed() -> None:
    told = json.dumps({"before": "another", "revision": "two", "rows": []})
    assert written([], [row("a")], f"return w.answered([...w.waiting.values()], {told})") is False


CONDITIONS = [
    ({"name": "label", "kind": "text"}, "=", "it's", "label = 'it''s'"),
    ({"name": "path", "kind": "text"}, "like", "50%_A", "instr(lower(path), '50%_a') > 0"),
    ({"name": "width", "kind": "number"}, "<", "300", "width < 300"),
    ({"name": "width", "kind": "number"}, "<", "1 or 1=1", "width < '1 or 1=1'"),
    ({"name": "is_outlier", "kind": "flag"}, "", "", "is_outlier"),
    ({"name": "is_outlier", "kind": "flag"}, "not", "", "not is_outlier"),
    ({"name": "split", "kind": "text"}, "is null", "x", "split is null"),
]


@pytest.mark.parametrize(("column", "comparison", "value", "expected"), CONDITIONS)
def test_a_condition_is_put_together_so_that_it_is_understood(
    column: dict, comparison: str, value: str, expected: str
) -> None:
    made = node("review_query", f"m.condition({json.dumps(column)}, {json.dumps(comparison)}, {json.dumps(value)})")
    assert made == expected
    columns = {"images": ["label", "path", "width", "split", "is_outlier"]}
    both = node("review_query", f'm.both({json.dumps(made)}, "width > 3")')
    frame = pd.DataFrame([["it's", "a 50%_a.jpg", 100, None, 1]], columns=columns["images"])
    for text in (made, both):
        assert filters.passing(filters.understand(text, columns), {"images": frame}, 1).shape == (1,)


def test_what_is_asked_for_survives_in_the_address() -> None:
    state = {
        "where": "label = 'a&b' and path like '%+%'",
        "sort": "outlier_score",
        "descending": True,
        "text": "é 💃",
        "item": "0" * 32,
        "page": 3,
    }
    there = f'new URL(m.told({json.dumps(state)}), "http://127.0.0.1/").search'
    assert node("review_query", f"m.asked({there})") == state
    assert node("review_query", 'm.told(m.asked("?page=-3&sort="))') == "review.html"


def test_what_is_empty_is_left_out_of_an_address() -> None:
    asked = {"where": "a & b", "page": 0, "descending": True, "text": "", "item": None, "shown": False}
    assert (
        node("review_api", f"m.address('items', {json.dumps(asked)})") == "api/items?where=a+%26+b&page=0&descending=1"
    )
    assert node("review_api", "m.address('progress')") == "api/progress"


def test_a_refusal_is_told_in_the_apps_words() -> None:
    told = node("review_api", '[m.reason(400, "winnow: no such column"), m.reason(500), m.reason(403, "403: no key")]')
    assert told[:2] == ["no such column", "The review app answered 500."]
    assert "was started anew" in told[2]


def test_a_picture_is_seen_whole_and_tiny_ones_are_not_blown_up() -> None:
    assert node("review_zoom", "m.fitting([2000, 1000], [500, 500])") == 0.25
    assert node("review_zoom", "m.fitting([10, 10], [500, 500])") == 4


def test_zooming_keeps_the_point_under_the_pointer() -> None:
    view = node("review_zoom", "m.scaled({ scale: 0.5, x: -20, y: 10 }, 3, 100, 80, 0.1)")
    assert view["scale"] == 1.5
    assert (100 - view["x"]) / 1.5 == pytest.approx((100 + 20) / 0.5)
    assert (80 - view["y"]) / 1.5 == pytest.approx((80 - 10) / 0.5)
    assert node("review_zoom", "m.scaled({ scale: 1, x: 0, y: 0 }, 1e9, 0, 0, 0.1).scale") == 16
    assert node("review_zoom", "m.scaled({ scale: 1, x: 0, y: 0 }, 1e-9, 0, 0, 0.1).scale") == 0.1


def test_no_more_of_the_stage_is_empty_than_has_to_be() -> None:
    assert node("review_zoom", "m.bounded({ scale: 1, x: 900, y: -5 }, [100, 100], [500, 300])") == {
        "scale": 1,
        "x": 200,
        "y": 100,
    }
    assert node("review_zoom", "m.bounded({ scale: 10, x: 50, y: -5000 }, [100, 100], [500, 300])") == {
        "scale": 10,
        "x": 0,
        "y": -700,
    }


def test_the_progress_is_told_in_words() -> None:
    cases = [(0, 0), (12, 340), (1, 1), (5, 5), (0, 1)]
    told = [node("review_progress", f"m.sentence({{ decided: {a}, suspects: {b} }})") for a, b in cases]
    assert told == [
        "Nothing here asks for a decision",
        "12 of 340 suspects decided",
        "The one suspect is decided",
        "All 5 suspects are decided",
        "0 of 1 suspect decided",
    ]


def test_the_keeper_lies_below() -> None:
    pairs = [node("review_compare", f'm.pairOf("item", {keeper}, "other")') for keeper in ("true", "false")]
    assert pairs == [{"first": "item", "second": "other"}, {"first": "other", "second": "item"}]


def test_what_does_not_lie_on_each_other_is_said_so() -> None:
    told = {"aligned": False, "agreement": 0.0, "words": "", "gain": 4}
    assert "No way was found" in node("review_compare", f"m.wordsOf({json.dumps(told)})")
    told |= {"aligned": True, "agreement": 0.997, "words": "mirrored"}
    assert node("review_compare", f"m.wordsOf({json.dumps(told)})").startswith("99\u00a0% of what they show")
