"""What the map's scripts decide, run in node: which points are drawn, what a lasso holds, which names find room."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.pages.packing import pack, pack_ids
from tests.pages.test_scripts import node

RNG = np.random.default_rng(3)


def test_columns_and_ids_come_back_as_they_were_packed() -> None:
    columns = [np.arange(5), np.array([70_000, 1]), np.array([0.5, -1.25]), np.array([], int)]
    packed = json.dumps([pack(values) for values in columns])
    assert node("packed", f"{packed}.map(one => Array.from(m.unpack(one)))") == [one.tolist() for one in columns]
    ids = ["00ff" * 8, "0123456789abcdef" * 2]
    assert node("packed", f"[0, 1].map(i => m.hexAt(m.unpack({json.dumps(pack_ids(ids))}), i))") == ids


def test_the_order_is_a_seeded_shuffle_that_begins_with_those_asked_for() -> None:
    first, again, other = node(
        "detail",
        "[m.nestedOrder(1000, [7, 3]), m.nestedOrder(1000, [7, 3]), m.nestedOrder(1000, [], 2)].map(o => [...o])",
    )
    assert first == again != other
    assert first[:2] == [7, 3]
    assert sorted(first) == sorted(other) == list(range(1000))
    assert abs(np.mean(first[2:500]) - 500) < 50, "the first half is drawn from everywhere"
    assert node("detail", "[...m.nestedOrder(0)]") == []


def chosen(x: np.ndarray, y: np.ndarray, view: list[float], most: int, picked: list[int] | None = None) -> dict:
    x0, x1, y0, y1 = view
    is_chosen = (
        "null" if picked is None else f"Uint8Array.from({json.dumps([int(i in picked) for i in range(len(x))])})"
    )
    view_of = f"{{ x0: {x0}, x1: {x1}, y0: {y0}, y1: {y1} }}"
    return node(
        "detail",
        f"(d => ({{ ...d, drawn: [...d.drawn] }}))(m.choose({{ order: m.nestedOrder({len(x)}), x: {x.tolist()}, "
        f"y: {y.tolist()}, view: {view_of}, most: {most}, isChosen: {is_chosen} }}))",
    )


def test_as_many_are_drawn_as_allowed_and_zooming_in_only_adds() -> None:
    x, y = RNG.random((2, 2000))
    wide, near = chosen(x, y, [0, 1, 0, 1], 200), chosen(x, y, [0.4, 0.6, 0.4, 0.6], 200)
    assert (wide["inView"], wide["shown"], len(wide["drawn"])) == (2000, 200, 200)
    inside = {i for i in range(2000) if 0.4 <= x[i] <= 0.6 and 0.4 <= y[i] <= 0.6}
    assert near["inView"] == near["shown"] == len(inside), "few enough: all are drawn"
    assert inside <= set(near["drawn"])
    assert set(wide["drawn"]) & inside <= set(near["drawn"])
    around = [i for i in near["drawn"] if i not in inside]
    assert around, "and some beyond the edges"
    assert all(0.35 <= x[i] <= 0.65 and 0.35 <= y[i] <= 0.65 for i in around)


def test_what_is_chosen_is_drawn_before_all_else_and_on_top() -> None:
    x, y = RNG.random((2, 500))
    picked = list(range(0, 90, 2))
    found = chosen(x, y, [0, 1, 0, 1], 60, picked)
    assert sorted(found["drawn"][-45:]) == picked
    assert (len(found["drawn"]), found["shown"]) == (60, 60)
    many = chosen(x, y, [0, 1, 0, 1], 60, list(range(100)))
    assert len(many["drawn"]) == 60
    assert set(many["drawn"]) <= set(range(100))


def test_no_point_and_an_empty_view_draw_nothing() -> None:
    nothing = {"drawn": [], "inView": 0, "shown": 0}
    assert chosen(np.array([]), np.array([]), [0, 1, 0, 1], 10) == nothing
    assert chosen(np.array([5.0]), np.array([5.0]), [0, 1, 0, 1], 10) == nothing


def test_a_lasso_holds_what_lies_inside_it() -> None:
    x, y = [0.5, 1.5, 0.5, 3.0, 2.5], [0.5, 0.5, 1.5, 3.0, 0.5]
    lasso = "[0, 2, 2, 1, 1, 0], [0, 0, 1, 1, 2, 2]"  # an L
    assert node("polygon", f"m.within({x}, {y}, {lasso})") == [0, 1, 2]
    assert node("polygon", f"m.within({x}, {y}, [0, 2], [0, 2])") == [], "a line holds nothing"
    crossing = "[0, 4, 4, 0], [0, 4, 0, 4]"
    assert node("polygon", f"m.within([1, 3, 2], [2, 2, 3.5], {crossing})") == [0, 1], "an hourglass on its side"


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 120), st.integers(0, 2**16))
def test_names_never_overlap_nor_leave_the_map_and_the_first_are_preferred(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = rng.uniform([-50, -50, 10], [650, 450, 200], (count, 3)).tolist()
    names = [{"x": x, "y": y, "width": width, "height": 24} for x, y, width in drawn]
    placed = node("labels_layout", f"m.layOut({json.dumps(names)}, {{ width: 600, height: 400 }}, 1000)")
    for at, one in enumerate(placed):
        assert one["left"] >= 0 <= one["top"]
        assert one["left"] + one["width"] <= 600 + 1e-9
        assert one["top"] + one["height"] <= 400
        assert not [other for other in placed[:at] if apart(one, other) < 0]
    assert [one["at"] for one in placed] == sorted(one["at"] for one in placed)
    fitting = [n for n in names if 0 <= n["x"] <= 600 and 0 <= n["y"] <= 400]
    assert bool(placed) == bool(fitting), "the first has its place"


def test_a_name_stands_above_its_point_or_else_beside_it() -> None:
    names = [{"x": 300, "y": 200, "width": 80, "height": 24}] * 6
    placed = node("labels_layout", f"m.layOut({json.dumps(names)}, {{ width: 600, height: 400 }})")
    middles = [(one["left"] + 40 - 300, one["top"] + 12 - 200) for one in placed]
    assert middles == [(0, -19), (0, 19)], "above, below; the others find no room"
    assert [(one["dx"], one["dy"]) for one in placed] == [(x, y + 19) for x, y in middles]
    flat = node("labels_layout", f"m.layOut({json.dumps([{**names[0], 'y': 13}] * 3)}, {{ width: 600, height: 26 }})")
    assert [one["left"] for one in flat] == [307, 213], "right, left"
    edge = node("labels_layout", "m.layOut([{ x: 5, y: 3, width: 80, height: 24 }], { width: 600, height: 400 })")
    assert [(one["left"], one["top"]) for one in edge] == [(0, 10)]


def test_a_name_without_room_gives_its_short_form_and_displaces_no_other() -> None:
    """The first two stand above and below; of the third only the short form fits between the others."""
    named = {"y": 200, "width": 80, "short": 20, "height": 24}
    names = [{**named, "x": 300}, {**named, "x": 300}, {**named, "x": 335}, {**named, "x": 100}]
    layout = f"m.layOutEither({json.dumps(names)}, {{ width: 370, height: 231 }}"
    placed = node("labels_layout", f"{layout})")
    assert [(one["at"], one["width"], one.get("isShort", False)) for one in placed] == [
        (0, 80, False), (1, 80, False), (3, 80, False), (2, 20, True),
    ]  # fmt: skip
    assert all(apart(one, other) >= 0 for one in placed for other in placed if one is not other)
    assert len(node("labels_layout", f"{layout}, 3)")) == 3, "no more than are allowed"


def apart(one: dict, other: dict) -> float:
    """Pixels between two boxes; under 0 where they overlap."""
    return max(
        one["left"] - other["left"] - other["width"],
        other["left"] - one["left"] - one["width"],
        one["top"] - other["top"] - other["height"],
        other["top"] - one["top"] - one["height"],
    )


def test_a_click_on_a_name_finds_it() -> None:
    layout = "m.layOut([{ x: 100, y: 100, width: 60, height: 24 }], { width: 600, height: 400 })"
    assert node("labels_layout", f"[m.hit({layout}, 100, 80), m.hit({layout}, 100, 100)]") == [0, -1]


def test_names_on_the_map_are_short_and_turn_nothing_around() -> None:
    names = ["dress", "a\n b\t c", "\u202eevil\u200f", "x" * 30, "🎉" * 30]
    assert node("labels_layout", f"{json.dumps(names)}.map(name => m.shorten(name))") == [
        "dress", "a b c", "evil", "x" * 23 + "…", "🎉" * 23 + "…",
    ]  # fmt: skip


def test_markers_are_mixed_and_cut_off_at_the_edges() -> None:
    """A 2 x 2 half-transparent stamp on a 3 x 3 sheet: within, over itself, and beyond each corner."""
    data = "new Uint8ClampedArray([...Array(w * h)].flatMap(() => rgba))"
    made = f"(w, h, rgba) => m.pixels({{ width: w, height: h, data: {data} }})"
    pressed = node(
        "painter",
        f"(made => [[[1, 1]], [[0, 0], [0, 0]], [[-1, -1]], [[2, 2]], [[9, 0]]].map(places => {{ "
        "const sheet = made(3, 3, [0, 0, 0, 0]); "
        "for (const [x, y] of places) m.press(sheet, made(2, 2, [200, 100, 0, 128]), x, y); "
        f"return [...sheet.data] }}))({made})",
    )
    seen = [{i // 4 for i in range(3, 36, 4) if sheet[i]} for sheet in pressed]
    assert seen == [{4, 5, 7, 8}, {0, 1, 3, 4}, {0}, {8}, set()]
    assert pressed[0][16:20] == [200, 100, 0, 128]
    assert pressed[1][:4] == [200, 100, 0, 192], "twice as thick, in the same colour"
