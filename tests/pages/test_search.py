from __future__ import annotations

import base64
import io
import re

import numpy as np
from PIL import Image

from stages.pages.search import Card, Gallery, build
from tests.encoder_records import FALLBACK
from tests.pages.dataset import HOSTILE, HOSTILE_LABEL
from tests.pages.decode import Page

DATA = re.compile(r'src="data:image/jpeg;base64,([^"]+)"')


def jpeg(colour: tuple[int, int, int], width: int = 60, height: int = 40) -> tuple[bytes, int, int]:
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "JPEG", quality=95)
    return file.getvalue(), width, height


def gallery(cards: list[Card], **changed: object) -> Gallery:
    told = {
        "title": "cats <b>",
        "asked": [("text", "a <script>cat</script>"), ("where", "split = 'train'")],
        "encoder": FALLBACK,
        "searched": 12_345,
        "found": len(cards),
        "cards": cards,
        "notes": [],
    }
    return Gallery(**told | changed)


CARDS = [
    Card(1, 0.91234, HOSTILE[0], HOSTILE_LABEL, "train", [HOSTILE[1]], jpeg((250, 10, 10))),
    Card(2, 0.5, "plain.jpg", None, None, [], jpeg((10, 10, 250))),
    Card(3, -0.25, "lost.jpg", "cat", None, [], None),
]


def test_the_page_holds_its_pictures_in_order_and_asks_for_nothing() -> None:
    html = build(gallery(CARDS))
    pictures = [np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))) for data in DATA.findall(html)]
    assert [tuple(picture.mean((0, 1)).round(-1).astype(int)) for picture in pictures] == [(250, 10, 10), (10, 10, 250)]
    page = Page(html)
    assert [source for source in page.sources if not source.startswith("data:")] == []
    assert page.links == ["#content"]
    assert html.count("No preview") == 1


def test_the_page_says_what_was_asked_and_found() -> None:
    text = " ".join(Page(build(gallery(CARDS))).text.split())
    assert "The 3 pictures most like it, of 12,345 searched" in text
    for told in ("cosine 0.912", "cosine -0.250", "plain.jpg", "1 exact copy", "split = 'train'", HOSTILE[0].strip()):
        assert told in text
    assert "Made with the fallback encoder" in text


def test_texts_of_users_stay_texts() -> None:
    html = build(gallery(CARDS))
    plain = build(gallery([]))
    assert html.count("<script") == plain.count("<script") == 1
    assert HOSTILE_LABEL not in html
    assert "cats &lt;b&gt;" in html


def test_nothing_found_is_told() -> None:
    text = Page(build(gallery([], notes=["No image passes the condition."]))).text
    assert "Nothing found" in text


def test_more_than_are_shown_is_told() -> None:
    text = Page(build(gallery(CARDS, found=1_000))).text
    assert "The first 3 are shown" in text


def test_the_same_search_gives_the_same_bytes() -> None:
    assert build(gallery(CARDS)) == build(gallery(CARDS))
