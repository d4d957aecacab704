"""The frame that all pages share: header, navigation, templates, and data as classic scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stages.pages import words
from stages.pages.facts import Facts

FOLDER = Path(__file__).parent
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


def templates() -> Environment:
    """The templates, and the words that they use."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = words.number
    environment.filters["percent"] = words.percent
    environment.globals |= {"plural": words.plural, "words": words}
    return environment
