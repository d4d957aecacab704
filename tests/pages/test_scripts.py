"""The scripts' pure parts, run in node."""

from __future__ import annotations

import json
import subprocess

from stages.pages.bundle import ASSETS


def node(module: str, expression: str) -> object:
    code = f'import * as m from "{(ASSETS / f"{module}.mjs").as_uri()}"; console.log(JSON.stringify({expression}));'
    done = subprocess.run(["node", "--input-type=module", "-e", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_numbers_are_written_as_the_page_writes_them() -> None:
    assert node("format", "[0, 7, 999, 1000, 1234567].map(m.number)") == ["0", "7", "999", "1,000", "1,234,567"]
    assert node("format", '[m.plural(1, "image"), m.plural(1234, "image"), m.plural(2, "copy", "copies")]') == [
        "1 image",
        "1,234 images",
        "2 copies",
    ]


def test_pages_hold_every_item_once() -> None:
    cases = [(0, 48), (1, 48), (48, 48), (49, 48), (100, 7)]
    shown = node(
        "paging",
        f"{json.dumps(cases)}.map(([count, size]) => [...Array(m.pageCount(count, size)).keys()]"
        ".map(p => m.span(p, count, size))"
        ".flatMap(({ from, to }) => [...Array(to - from).keys()].map(i => from + i)))",
    )
    assert shown == [list(range(count)) for count, _ in cases]


def test_a_page_that_is_not_there_becomes_the_nearest() -> None:
    assert node("paging", "[m.span(-1, 10, 4).page, m.span(9, 10, 4).page]") == [0, 2]


def test_arrow_keys_follow_what_the_eye_sees() -> None:
    # Two rows of three and a last row of one.
    boxes = json.dumps([{"left": 100 * (i % 3), "top": 50 * (i // 3)} for i in range(7)])
    cases = [
        ("ArrowRight", 0, 1),
        ("ArrowRight", 6, 7),
        ("ArrowLeft", 0, -1),
        ("ArrowDown", 1, 4),
        ("ArrowDown", 5, 6),
        ("ArrowDown", 6, 6),
        ("ArrowUp", 4, 1),
        ("ArrowUp", 1, 1),
        ("Home", 5, 0),
        ("End", 0, 6),
        ("k", 3, 3),
    ]
    found = node("paging", f"{json.dumps(cases)}.map(([key, at]) => m.step(key, at, {boxes}))")
    assert found == [to for _, _, to in cases]


def test_28_groups_look_different_and_the_rest_is_grey() -> None:
    looks = [tuple(look.values()) for look in node("palette", "[...Array(31).keys()].map(m.look)")]
    assert len(set(looks[1:29])) == 28
    assert looks[0] == looks[29] == looks[30] == ("var(--neutral)", "x")


def test_every_shape_has_a_drawing() -> None:
    assert all(node("palette", '[...m.SHAPES, "x"].map(m.outline)'))


def test_colours_are_mixed_between_their_stops() -> None:
    stops = "[[0, 0, 0], [10, 20, 30], [20, 40, 60]]"
    assert node("palette", f"[-1, 0, 0.25, 0.5, 1, 2].map(s => m.mix({stops}, s))") == [
        [0, 0, 0], [0, 0, 0], [5, 10, 15], [10, 20, 30], [20, 40, 60], [20, 40, 60],
    ]  # fmt: skip
    assert node("palette", "m.numbered([255, 1, 16])") == 0xFF011000


POINTS = """{
  ids: "i", content: () => "c", id: (i) => `id${i}`, path: () => "=a.jpg", frame: (i) => (i ? 7 : null),
  isRemoved: (i) => i === 1, score: [0.123456789, 1], settled: () => null,
  mode: (key) => ({ cluster: { codes: [0, 1], groups: [{ value: "" }, { value: 4 }] },
                    label: { codes: [0, 0], groups: [{ value: "cat" }] } })[key],
}"""


def test_a_point_of_the_map_as_a_row_of_a_file() -> None:
    still, frame = node("chosen", f"[0, 1].map((i) => m.rowAt({POINTS}, i))")
    assert still == {
        "item_id": "id0",
        "content_id": "c",
        "path": "=a.jpg",
        "frame": "",
        "label": "cat",
        "split": "",
        "verdict": "keep",
        "rule": "",
        "cluster": -1,
        "outlier_score": 0.123457,
    }
    assert (frame["frame"], frame["cluster"], frame["verdict"]) == (7, 4, "remove")


def test_a_frame_of_a_video_is_called_by_its_number_too() -> None:
    cases = [
        {"path": "a.jpg"},
        {"path": "a.jpg", "frame": None},
        {"path": "a.mp4", "frame": 0},
        {"path": "a.mp4", "frame": 70, "time": "0:07.0"},
    ]
    named = ["a.jpg", "a.jpg", "a.mp4, frame 0", "a.mp4, at 0:07.0"]
    assert node("card", f"{json.dumps(cases)}.map(m.nameOf)") == named
