"""The report's pages as the app gives them: unchanged, but for one script more."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from stages.contracts.errors import SetupError
from stages.contracts.identity import digest
from stages.contracts.schemas.images import IMAGES
from stages.pages.bundle import ASSETS, bundle
from stages.pages.skeleton import render, script
from stages.review.answers import decisions
from stages.review.project import Project

REPORTS = "reports"
HOME = "index.html"
FIRST = "review"
"""assets/review.js, which reports/ does not have"""
MAIN = '<script src="assets/winnow.js"></script>'
START = f'<script src="assets/{FIRST}.js"></script>\n'
HEAD = "</head>"
STYLE = f'<link rel="stylesheet" href="assets/{FIRST}.css">\n'
MOST_LABELS = 2_000


def must_be_there(root: Path) -> None:
    """
    Raises
    ------
    SetupError : the report was not made yet.
    """
    page(root, HOME)


def page(root: Path, name: str) -> str:
    """A page of `reports/`, with the app's script before its own.

    Raises
    ------
    SetupError : there is no such page.
    """
    path = root / REPORTS / name
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise SetupError("this page of the report is not there", where=path, do="dvc repro") from None
    return _as_app(text)


def all_images(project: Project) -> str:
    """The page of all images, which only the app has."""
    facts = SimpleNamespace(title=project.title, encoder=project.encoder, metrics={})
    return _as_app(render("review", facts))


def _as_app(page: str) -> str:
    return page.replace(HEAD, STYLE + HEAD, 1).replace(MAIN, START + MAIN)


def start(project: Project) -> str:
    """assets/review.js: the decisions of now, so that a page shows them at once, and what the app adds to pages."""
    told = {"dataset": digest(str(project.root.resolve()).encode()), "labels": labels(project)}
    return script(FIRST, told | decisions(project.view())) + bundle(FIRST)


def styles() -> str:
    """assets/review.css"""
    return (ASSETS / f"{FIRST}.css").read_text(encoding="utf-8")


def labels(project: Project) -> list[str]:
    """The labels that the data set has, to choose from."""
    found = project.shelf.catalog().tables[IMAGES.name]["label"].drop_null().unique().to_pylist()
    return sorted(found)[:MOST_LABELS]


def onward(where: str) -> str:
    """A page that goes on to another by itself, and leaves no trace of its own address."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Winnow</title>'
        '<link rel="icon" href="data:,">'
        f'<meta http-equiv="refresh" content="0;url={where}"></head>'
        f'<body><p><a href="{where}">Go on to the report</a></p></body></html>'
    )
