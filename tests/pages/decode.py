"""What a page's files say, decoded again: data scripts, thumbnails cut out of their sheets, the text of the HTML."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
from PIL import Image

SCRIPT = re.compile(r'\Awindow\.WINNOW = window\.WINNOW \|\| \{\};\nWINNOW\["(\w+)"\] = (.*);\n\Z', re.DOTALL)


def data(files: dict, name: str) -> dict:
    """The value that a data script gives to the page."""
    found = SCRIPT.match(files[f"assets/data/{name}.js"])
    assert found, f"{name}.js is not one assignment"
    assert found.group(1) == name
    return json.loads(found.group(2))


def unpack(packed: dict) -> np.ndarray:
    """A column of numbers, as packing.py packs it."""
    return np.frombuffer(base64.b64decode(packed["data"]), f"<{packed['kind']}")


def points(files: dict) -> dict:
    """The map's points in columns, from the two scripts that have them; codes of each mode by its key."""
    drawn, named = data(files, "clusters"), data(files, "items")
    boxes = np.column_stack([unpack(named["sheet"]), unpack(named["boxes"]).reshape(-1, 4)])
    frames = unpack(named["frames"]) if named["frames"] else np.zeros(drawn["count"], int)
    found = {name: unpack(drawn[name]) for name in ("x", "y", "score", "flags")}
    found |= {
        name: [part.tobytes().hex() for part in unpack(named[name]).reshape(-1, 16)] for name in ("ids", "contents")
    }
    folders = [named["folders"][number] for number in unpack(named["folder"])]
    found["paths"] = [folder + file for folder, file in zip(folders, named["files"], strict=True)]
    found["places"] = [box.tolist() if box[3] else None for box in boxes]
    found["frames"] = [int(frame) - 1 if frame else None for frame in frames]
    found["modes"] = {mode["key"]: {**mode, "codes": unpack(mode["codes"]).tolist()} for mode in drawn["modes"]}
    return {**found, "sheets": drawn["sheets"], "settled": named["settled"]}


def picture(files: dict, sheets: list, place: list) -> np.ndarray:
    """(h, w, 3) uint8: what the page shows for a place."""
    sheet, x, y, w, h = place
    file, width, height = sheets[sheet]
    image = Image.open(io.BytesIO(files[f"assets/{file}"]))
    assert image.size == (width, height)
    return np.asarray(image.crop((x, y, x + w, y + h)))


def shows(shown: np.ndarray, content: str, pixels: dict[str, np.ndarray]) -> bool:
    """Whether a thumbnail shows the picture of that content, and none of the others better (edited copies aside)."""
    difference = {name: float(np.abs(_coarse(shown) - _coarse(picture)).mean()) for name, picture in pixels.items()}
    return difference[content] < 20 and difference[content] <= min(difference.values()) + 1.5


def _coarse(pixels: np.ndarray) -> np.ndarray:
    """(8, 8, 3): the colours in their places, whatever the size."""
    return np.asarray(Image.fromarray(pixels).resize((8, 8), Image.Resampling.BOX)).astype(float)


def column(item: dict, source: str, name: str) -> np.ndarray | list:
    """A column of a Bokeh data source, by the source's name."""
    entries = dict(_source(item, source)["attributes"]["data"]["entries"])
    values = entries[name]
    if isinstance(values, list):
        return values
    raw = base64.b64decode(values["array"]["data"])
    raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    return np.frombuffer(raw, values["dtype"]).reshape(values["shape"])


def _source(value: object, name: str) -> dict | None:
    if isinstance(value, dict):
        if value.get("name") == "ColumnDataSource" and value["attributes"].get("name") == name:
            return value
        value = list(value.values())
    if isinstance(value, list):
        return next((found for part in value if (found := _source(part, name))), None)
    return None


class Page(HTMLParser):
    """The text, the links and the numbers marked with `data-metric` of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.links, self.sources, self.ids, self.tags = "", [], [], [], []
        self.numbers: dict[str, list[int]] = {}
        self._metric: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        attributes = dict(attrs)
        self.tags.append(tag)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if tag == "a" else []
        self.sources += [
            attributes[key] for key in ("src", "href") if key in attributes and tag in ("script", "img", "link")
        ]
        self._metric = attributes.get("data-metric")

    def handle_data(self, text: str) -> None:
        self.text += text
        if self._metric and text.strip():
            self.numbers.setdefault(self._metric, []).append(int(text.replace(",", "")))
            self._metric = None
