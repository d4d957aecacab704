from __future__ import annotations

import pandas as pd

from stages.contracts.identity import digest, item_id
from stages.contracts.tags import COLUMNS
from stages.core import manifest, tagging
from tests import frames


def tags(*rows: tuple[str, str]) -> pd.DataFrame:
    full = [("", digest(path.encode()), path, "", tag) for path, tag in rows]
    return pd.DataFrame(full, columns=COLUMNS, dtype=object)


def test_each_row_is_held_once_and_the_first_keep_their_order() -> None:
    first = tags(("b.jpg", "night"), ("a.jpg", "night"))
    both = tagging.fold(first, tags(("c.jpg", "day"), ("a.jpg", "night"), ("a.jpg", "day"), ("c.jpg", "day")))
    assert both[["path", "tag"]].to_numpy().tolist() == [
        ["b.jpg", "night"],
        ["a.jpg", "night"],
        ["a.jpg", "day"],
        ["c.jpg", "day"],
    ]
    assert tagging.fold(both, first).equals(both)
    assert tagging.fold(tags(), tags()).empty


def test_a_tag_follows_its_image_when_the_file_moves_and_reaches_none_of_two() -> None:
    moved = frames.images({"path": "new/a.jpg", "content_id": digest(b"a.jpg")})
    assert tagging.by_item(tags(("a.jpg", "x")), moved) == {item_id("new/a.jpg"): ["x"]}
    twice = frames.images(*({"path": path, "content_id": digest(b"a.jpg")} for path in ("c.jpg", "d.jpg")))
    assert tagging.by_item(tags(("a.jpg", "x")), twice) == {}


def test_the_manifest_carries_the_tags_of_an_image_in_one_cell() -> None:
    images = frames.images({"path": "a.jpg"}, {"path": "b.jpg"})
    named = tagging.by_item(tags(("a.jpg", "night"), ("a.jpg", "fog")), images)
    verdicts = pd.DataFrame({"item_id": images["item_id"], "verdict": "keep"})
    verdicts[["rule", "detail", "keeper_id", "label", "original_label"]] = None
    kept, _ = manifest.split(images, verdicts, named)
    assert kept["tags"].fillna("").tolist() == ["fog;night", ""]
