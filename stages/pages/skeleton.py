"""The frame that all pages share: header, navigation, templates, and data as classic scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from stages.core.numerals import plural
from stages.pages import words
from stages.pages.facts import Facts

FOLDER = Path(__file__).parent
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Overrides, embeddings and isolates of the bidirectional algorithm."""
PAGES = (
    ("index", "Overview"),
    ("clusters", "Clusters"),
    ("outliers", "Outliers"),
    ("labels", "Labels"),
    ("duplicates", "Duplicates"),
    ("quality", "Quality"),
    ("calibration", "Calibration"),
)


def render(page: str, facts: Facts, **context: Any) -> str:
    """One page as HTML. Everything that is put in is escaped."""
    return (
        templates()
        .get_template(f"{page}.html")
        .render(page=page, pages=PAGES, deciding=True, facts=facts, metrics=facts.metrics, words=words, **context)
    )


def render_alone(page: str, title: str, **context: Any) -> str:
    """A page outside the report; `title` is at its head. Everything that is put in is escaped."""
    facts = {"title": title}
    return (
        templates().get_template(f"{page}.html").render(page=page, deciding=False, facts=facts, words=words, **context)
    )


def script(name: str, value: object) -> str:
    """Data as a classic script, `WINNOW.<name>`: browsers refuse `fetch` on local files.

    `<` is escaped, so the text could stand inside a page as well; so is all that is not ASCII.
    """
    data = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'window.WINNOW = window.WINNOW || {{}};\nWINNOW["{name}"] = {data};\n'


def unturned(value: object) -> object:
    r"""A text with the marks that turn the writing round written out, `\u202e`, as dom.mjs does.

    Left in, one in a file's name or a label turns the words of ours round that stand behind it. Other values are left
    alone, and so is markup, such as what the filter `e` gives.
    """
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return TURNING.sub(lambda mark: f"\\u{ord(mark[0]):04x}", value)


def templates() -> Environment:
    """The templates, and the words that they use."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=unturned,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = words.number
    environment.filters["percent"] = words.percent
    environment.filters["firm"] = words.firm
    environment.globals |= {"plural": plural, "words": words}
    return environment
