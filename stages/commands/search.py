"""`winnow search`: the images that a text, an image, or both describe, as a table, as JSON, and as a page."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from stages.commands.answering import encoder_told, say
from stages.commands.searcher import Query, Result, Searcher, must_make_sense
from stages.contracts import tables
from stages.contracts.errors import QueryError
from stages.contracts.params import data, report
from stages.contracts.params.base import load
from stages.contracts.schemas.thumbnails import SHEET_FOLDER, THUMBNAILS
from stages.exports.plain_text import visible

if TYPE_CHECKING:
    from stages.pages.search import Gallery

PAGE = "reports/adhoc/search.html"
MOST_CARDS = 240
"""pictures on the page, which holds them all itself; the table and --json have every one"""


class Found:
    """What was asked, and what came of it."""

    def __init__(self, query: Query, results: list[Result], searcher: Searcher) -> None:
        self.query = query
        self.results = results
        self.doubts = searcher.doubts(query)
        self.searched = len(searcher.index)
        self.encoder = searcher.encoder_record
        self.places = _places(results, searcher.root)


def search(query: Query, root: Path = Path()) -> Found:
    """Ask once.

    Raises
    ------
    WinnowError : the query makes no sense, or the index is not of now.
    """
    must_make_sense(query, root)
    searcher = Searcher(root)
    return Found(query, searcher.search(query), searcher)


def one_text(argument: str | None, option: str | None) -> str | None:
    """The text, which may be given as either; both would be two."""
    if argument is not None and option is not None:
        raise QueryError(
            "two texts are given", expected="one, as TEXT or as --text", got=f"{argument!r} and {option!r}"
        )
    return option if argument is None else argument


def as_json(found: Found) -> str:
    """For programs: the query, and per rank the item, its thumbnail's place and its copies."""
    query = found.query
    asked = {
        "text": query.text,
        "image": str(query.image) if query.image else None,
        "where": query.where,
        "k": query.k,
    }
    results = [
        {
            "rank": one.rank,
            "similarity": round(one.similarity, 6),
            **_plain(one.item),
            "thumbnail": found.places.get(one.item["content_id"]),
            "copies": [{"item_id": copy["item_id"], "path": copy["path"]} for copy in one.copies],
        }
        for one in found.results
    ]
    told = {"query": asked, "encoder": found.encoder.encoder_id, "searched": found.searched, "results": results}
    say(found.doubts)
    return json.dumps(told, indent=2, ensure_ascii=False)


def notes(found: Found) -> list[str]:
    """What a reader would wonder about."""
    query, told = found.query, []
    if not found.results:
        told.append("No image passes the condition." if query.where else "There are no images.")
    elif len(found.results) < query.k:
        passing = " that pass the condition" if query.where else ""
        there = (
            "This is the only picture" if len(found.results) == 1 else f"These are all {len(found.results):,} pictures"
        )
        told.append(f"{there}{passing}; {query.k:,} were asked for.")
    if found.encoder.kind == "packaged" and query.text and not _is_latin(query.text):
        told.append("The packaged encoder reads English only: what it finds for this text means little.")
    return [*told, *found.doubts]


def show(found: Found, console: Console) -> None:
    """A table, a picture a line."""
    if found.results:
        console.print(_grid(found))
    for note in notes(found):
        console.print(Text(note, style="bold"), soft_wrap=True)
    console.print(Text(f"Encoder: {encoder_told(found.encoder)}", style="dim"), soft_wrap=True)


def console() -> Console:
    """Where the table goes. What is no terminal has room for whole lines."""
    return Console() if sys.stdout.isatty() else Console(width=160)


def write_page(found: Found, root: Path = Path()) -> Path:
    """Write the page, in one rename; it holds its pictures itself and needs no other file."""
    from stages.pages.search import build

    path = root / PAGE
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(build(_gallery(found, root)), encoding="utf-8")
    os.replace(partial, path)
    return path


def _grid(found: Found) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    grid.add_column("#", justify="right")
    grid.add_column("cosine", justify="right")
    for name in ("path", "label", "split", f"thumbnail in {SHEET_FOLDER}"):
        grid.add_column(name, overflow="fold")
    for one in found.results:
        copies = f"\nand {len(one.copies):,} exact {'copy' if len(one.copies) == 1 else 'copies'}" if one.copies else ""
        label, split = (visible(str(one.item[name])) if pd.notna(one.item[name]) else "" for name in ("label", "split"))
        place = found.places.get(one.item["content_id"])
        where = f"{place['sheet']} {place['w']}x{place['h']}+{place['x']}+{place['y']}" if place else ""
        cells = (str(one.rank), f"{one.similarity:.3f}", visible(name_of(one.item)) + copies, label, split, where)
        grid.add_row(*map(Text, cells))
    return grid


def name_of(item: dict) -> str:
    """Its path, and the frame of a video."""
    return item["path"] if pd.isna(item["frame"]) else f"{item['path']}, frame {int(item['frame'])}"


def _plain(item: dict) -> dict:
    told = {name: None if pd.isna(value) else value for name, value in item.items()}
    return told | {"frame": None if told["frame"] is None else int(told["frame"])}


def _is_latin(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return sum(character < "\u0250" for character in letters) * 2 >= len(letters)


def _places(results: list[Result], root: Path) -> dict[str, dict]:
    """Per content the sheet and the box of its thumbnail; empty where `measure` made none yet."""
    if not (root / THUMBNAILS.path).exists():
        return {}
    table = tables.read(THUMBNAILS, root)
    wanted = table[table["content_id"].isin([one.item["content_id"] for one in results])]
    return {row.pop("content_id"): row for row in wanted.to_dict("records")}


def _gallery(found: Found, root: Path) -> Gallery:
    from stages.pages.search import Card, Gallery

    shown = found.results[:MOST_CARDS]
    jpegs = _jpegs([one.item["content_id"] for one in shown], found.places, root)
    cards = [
        Card(
            one.rank,
            one.similarity,
            name_of(one.item),
            *(None if pd.isna(one.item[name]) else one.item[name] for name in ("label", "split")),
            [name_of(copy) for copy in one.copies],
            jpegs.get(one.item["content_id"]),
        )
        for one in shown
    ]
    return Gallery(
        _title(root), _asked(found.query), found.encoder, found.searched, len(found.results), cards, notes(found)
    )


def _asked(query: Query) -> list[tuple[str, str]]:
    """What was asked, in the words of the page."""
    told = [("text", query.text), ("image", query.image and query.image.name), ("where", query.where)]
    if query.text is not None and query.image is not None:
        told.append(("weight of the text", f"{query.weight:g}"))
    return [(name, value) for name, value in told if value]


def _title(root: Path) -> str:
    source = load(data.Params, "data", root).source
    return load(report.Params, "report", root).title or PurePosixPath(source.rstrip("/")).name or source


def _jpegs(content_ids: list[str], places: dict[str, dict], root: Path) -> dict[str, tuple[bytes, int, int]]:
    """Per content its thumbnail cut out (JPEG, width, height); each sheet is decoded once."""
    from PIL import Image

    found = {}
    for sheet in sorted({places[content]["sheet"] for content in content_ids if content in places}):
        with Image.open(root / SHEET_FOLDER / sheet) as opened:
            pixels = opened.convert("RGB")
        for content in content_ids:
            place = places.get(content)
            if place and place["sheet"] == sheet:
                x, y, w, h = (place[name] for name in "xywh")
                file = io.BytesIO()
                pixels.crop((x, y, x + w, y + h)).save(file, "JPEG", quality=88)
                found[content] = (file.getvalue(), w, h)
    return found
