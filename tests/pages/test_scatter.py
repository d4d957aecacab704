from __future__ import annotations

import json

import numpy as np
from bokeh.plotting import figure

from stages.pages.scatter import map_item, scripts

X, Y = np.array([0.5, -1.25, 3.0]), np.array([1.0, 2.0, -7.5])


def test_the_same_points_give_the_same_bytes_whatever_bokeh_made_before() -> None:
    first = json.dumps(map_item(X, Y))
    figure().scatter([1], [2])
    assert json.dumps(map_item(X, Y)) == first


def test_the_page_finds_what_it_fills_and_listens_to() -> None:
    text = json.dumps(map_item(X, Y))
    for name in ("map", "points", "dots", "names", "labels", "x_range", "y_range", "pan", "lasso"):
        assert f'"name": "{name}"' in text


def test_one_point_equal_points_and_none_have_room_around_them() -> None:
    for x in (np.array([2.0]), np.array([2.0, 2.0])):
        assert '"start": 1.0, "end": 3.0' in json.dumps(map_item(x, x))
    assert '"start": -1.0' in json.dumps(map_item(X[:0], Y[:0]))


def test_ids_refer_to_models_that_are_there() -> None:
    text = json.dumps(map_item(X, Y))
    item = json.loads(text)
    assert item["root_id"] == item["doc"]["roots"][0]["id"]
    assert text.count('"id"') > 10


def test_bokeh_brings_its_own_scripts() -> None:
    for name, data in scripts().items():
        assert name.endswith(".min.js")
        assert b"Bokeh Contributors" in data[:500]
