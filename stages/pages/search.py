"""The page of one search: one file that holds its pictures, so that it can be sent or moved as it is."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from stages.contracts.encoder_record import EncoderRecord
from stages.pages import bundle
from stages.pages.skeleton import templates

LARGEST = 3
"""a tiny picture is shown at most this many times its size, as on the other pages"""


@dataclass(frozen=True)
class Card:
    """One picture: `jpeg` is (bytes, width, height), or None where there is no thumbnail."""

    rank: int
    similarity: float
    name: str
    label: str | None
    split: str | None
    copies: list[str]
    jpeg: tuple[bytes, int, int] | None

    @property
    def source(self) -> str:
        return f"data:image/jpeg;base64,{base64.b64encode(self.jpeg[0]).decode()}"

    @property
    def frame(self) -> str:
        """The picture's frame in its square, as style."""
        _, w, h = self.jpeg
        return f"width:{100 * w / max(w, h):.4g}%;--most:{LARGEST * w}px;aspect-ratio:{w} / {h}"


@dataclass(frozen=True)
class Gallery:
    """What was asked of how many images, the cards that are shown, and what a reader would wonder about."""

    title: str
    asked: list[tuple[str, str]]
    encoder: EncoderRecord
    searched: int
    found: int
    cards: list[Card]
    notes: list[str]


def build(gallery: Gallery) -> str:
    """The page as HTML. Everything that is put in is escaped, but for our own styles and script."""
    return (
        templates()
        .get_template("search.html")
        .render(gallery=gallery, styles=bundle.styles(), theme=bundle.bundle("theme"))
    )
