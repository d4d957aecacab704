from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from stages.pages.skeleton import PAGES, script, templates, unturned
from tests.pages.dataset import HOSTILE, HOSTILE_LABEL
from tests.pages.decode import Page, data, points
from tests.pages.test_scripts import node

NAMES = [name for name, _ in PAGES]


def test_a_data_script_is_ascii_and_could_end_no_element() -> None:
    text = script("x", {"</script>": "\u2028 ' \" \\ ünï 🎉"})
    assert text.isascii()
    assert "<" not in text
    assert data({"assets/data/x.js": text}, "x") == {"</script>": "\u2028 ' \" \\ ünï 🎉"}


def test_a_number_that_json_lacks_is_an_error() -> None:
    with pytest.raises(ValueError, match="JSON"):
        script("x", float("nan"))


@pytest.mark.parametrize("name", NAMES)
def test_pages_share_one_frame(name: str, project: SimpleNamespace) -> None:
    page = Page(project.files[f"{name}.html"])
    assert page.tags.count("h1") == page.tags.count("main") == page.tags.count("header") == 1
    assert {f"{other}.html" for other in NAMES} <= set(page.links)
    assert len(page.ids) == len(set(page.ids)), "ids are unique"
    assert "my cats" in page.text


@pytest.mark.parametrize("name", NAMES)
def test_the_fallback_is_told_at_the_head_of_every_page(
    name: str, project: SimpleNamespace, spotless: SimpleNamespace
) -> None:
    assert (
        "fallback encoder efficientnet-lite0: the hub could not be reached" in Page(project.files[f"{name}.html"]).text
    )
    assert "fallback" not in spotless.files[f"{name}.html"]


@pytest.mark.parametrize("name", NAMES)
def test_names_stay_text(name: str, project: SimpleNamespace) -> None:
    html = project.files[f"{name}.html"]
    assert "window.broken" not in html.replace("&lt;script&gt;window.broken", "")
    assert "<b>train" not in html


def test_names_reach_the_data_unchanged(project: SimpleNamespace) -> None:
    found = points(project.files)
    assert set(HOSTILE) <= set(found["paths"])
    labels = found["modes"]["label"]
    assert HOSTILE_LABEL in [group["name"] for group in labels["groups"]]
    assert "window.broken" in json.dumps(labels)


@pytest.mark.parametrize(
    "text", ["\u202egpj.exe", "a\u2067b\u2069", "\u202aa\u202c", "\u200fעברית 🎉", "plain <b>", ""]
)
def test_marks_that_turn_the_writing_round_are_written_out_alike_in_both_languages(text: str) -> None:
    shown = unturned(text)
    assert shown == text.translate({mark: f"\\u{mark:x}" for mark in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))})
    assert node("dom", f"m.unturned({json.dumps(text)})") == shown


def test_templates_write_them_out_but_for_what_is_escaped_for_scripts() -> None:
    shown = templates().from_string('<i data-x="{{ x | e }}">{{ x }}{{ 1 }}</i>').render(x="\u202e<")
    assert shown == '<i data-x="\u202e&lt;">\\u202e&lt;1</i>'
