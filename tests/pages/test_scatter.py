from __future__ import annotations

import json

import numpy as np
from bokeh.plotting import figure

from stages.pages.scatter import map_item, scripts
from tests.pages.decode import column

X, Y = np.array([0.5, -1.25, 3.0]), np.array([1.0, 2.0, -7.5])


def test_the_same_points_give_the_same_bytes_whatever_bokeh_made_before() -> None:
    first = json.dumps(map_item(X, Y, [(0.5, 1.0, "0")]))
    figure().scatter([1], [2])
    assert json.dumps(map_item(X, Y, [(0.5, 1.0, "0")])) == first


def test_points_and_names_are_in_it() -> None:
    item = map_item(X, Y, [(0.5, 1.0, "p1001")])
    np.testing.assert_array_equal(column(item, "points", "x"), X.astype(np.float32))
    np.testing.assert_array_equal(column(item, "points", "y"), Y.astype(np.float32))
    assert column(item, "names", "text") == ["p1001"], "a text that looks like an id stays a text"


def test_one_point_and_equal_points_have_room_around_them() -> None:
    for x in (np.array([2.0]), np.array([2.0, 2.0])):
        ranges = json.dumps(map_item(x, x, []))
        assert '"start": 1.0, "end": 3.0' in ranges


def test_ids_refer_to_models_that_are_there() -> None:
    text = json.dumps(map_item(X, Y, []))
    item = json.loads(text)
    assert item["root_id"] == item["doc"]["roots"][0]["id"]
    assert text.count('"id"') > 10


def test_bokeh_brings_its_own_scripts() -> None:
    for name, data in scripts().items():
        assert name.endswith(".min.js")
        assert b"Bokeh Contributors" in data[:500]
