"""Decisions in the browser's own words, run in node and held against Python's."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from stages.contracts.cells import guarded
from stages.contracts.decisions import COLUMNS, read_decisions_file
from stages.core.decisions import moments
from stages.pages.bundle import ASSETS

NASTY = [
    "=1+1",
    "-1",
    "@a",
    "'=b",
    "''+c",
    "plain",
    "",
    'a "quoted", name',
    "two\nlines",
    "\rret",
    "\u202egpj.exe",
    "💃<script>",
]


def node(code: str) -> object:
    """What `code` gives, with `m` the module and `items`, three of them."""
    prelude = f"""
import * as m from "{(ASSETS / "decisions.mjs").as_uri()}";
const made = (n) => m.itemOf({{ id: `i${{n}}`, content: `c${{n}}`, path: `${{n}}.jpg`, frame: null }});
const items = ["a", "b", "c"].map(made);
const blank = {{ label: "", reason: "", reviewer: "", decided_at: "" }};
const at = (day) => `2026-01-0${{day}}T00:00:00Z`;
const short = (rows) => rows.map((r) => [r.path, r.decision, r.label].join(" ").trim());
const result = (() => {{ {code} }})();
console.log(JSON.stringify(result));
"""
    done = subprocess.run(["node", "--input-type=module", "-e", prelude], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_a_word_counts_until_a_newer_one() -> None:
    assert node(
        """
        const d = new m.Decisions([]);
        d.decide([items[0]], () => ({ decision: "drop" }), "ann", at(1));
        d.decide([items[0]], () => ({ decision: "relabel", label: "cat" }), "ann", at(2));
        return short(d.rows());
        """
    ) == ["a.jpg relabel cat"]


def test_an_undo_of_the_first_word_is_written_as_undecided() -> None:
    assert node(
        """
        const d = new m.Decisions([]);
        d.decide([items[0], items[1]], () => ({ decision: "drop" }), "ann", at(1));
        const count = d.undo("ann", at(2));
        return [count, short(d.rows()), d.of(items[0]), d.undo("ann", at(3))];
        """
    ) == [2, ["a.jpg undecided", "b.jpg undecided"], None, 0]


def test_an_undo_brings_the_earlier_word_back_with_a_newer_time() -> None:
    found = node(
        """
        const held = [{ ...blank, ...items[0].cells, decision: "keep", reviewer: "bob", decided_at: at(1) }];
        const d = new m.Decisions(held);
        d.decide([items[0]], () => ({ decision: "drop" }), "ann", at(2));
        d.undo("ann", at(3));
        return [d.of(items[0]).decision, d.rows()[0].decided_at];
        """
    )
    assert found == ["keep", "2026-01-03T00:00:00Z"]


def test_rows_keep_the_order_of_the_file_and_new_ones_come_by_path() -> None:
    assert node(
        """
        const held = [{ ...items[2].cells, decision: "keep", label: "", reason: "", reviewer: "", decided_at: at(1) }];
        const d = new m.Decisions(held);
        for (const item of [items[1], items[0]]) d.decide([item], () => ({ decision: "drop" }), "ann", at(2));
        return short(d.rows());
        """
    ) == ["c.jpg keep", "a.jpg drop", "b.jpg drop"]


def test_rows_that_mean_no_image_are_not_counted() -> None:
    assert node(
        """
        const held = [{ ...blank, ...items[0].cells, decision: "drop" }];
        const d = new m.Decisions(held, [], [], [{ ...blank, path: "gone.jpg", decision: "drop" }]);
        return [d.decided(), short(d.rows()), short(d.unmatched)];
        """
    ) == [1, ["a.jpg drop"], ["gone.jpg drop"]]


def test_a_time_means_in_the_browser_what_it_means_in_python() -> None:
    times = ["", "2026-01-02T00:00:00", "2026-01-02 01:00", "2026-01-02T04:00+02:00", "2026-01-02", "2026-01-03T00:00Z"]
    for earlier, later in pairwise(times):
        rows = pd.DataFrame({"decided_at": [later, earlier]}).to_dict("records")
        assert node(f"return [...m.newest({json.dumps(rows)}).values()].map((r) => r.decided_at)") == [later]
    assert moments(pd.Series(times[1:])).is_monotonic_increasing


def test_what_is_kept_survives_a_reload() -> None:
    assert node(
        """
        const d = new m.Decisions([]);
        d.decide([items[0]], () => ({ decision: "drop" }), "ann", at(1));
        const { made, steps } = JSON.parse(JSON.stringify(d.kept()));
        const again = new m.Decisions([], made, steps);
        again.undo("ann", at(2));
        return short(again.rows());
        """
    ) == ["a.jpg undecided"]


@pytest.mark.parametrize("name", NASTY)
def test_the_file_is_read_by_python_as_it_was_meant(tmp_path: Path, name: str) -> None:
    text = node(
        f"""
        const item = m.itemOf({{ id: "i", content: "c", path: {json.dumps(name)}, frame: 3 }});
        const d = new m.Decisions([]);
        d.decide([item], () => ({{ decision: "relabel", label: {json.dumps(name or "x")} }}), "ann", at(1));
        return m.toCsv(d.rows());
        """
    )
    path = tmp_path / "saved.csv"
    path.write_text(str(text), encoding="utf-8", newline="")
    (row,) = read_decisions_file(path).to_dict("records")
    assert (row["path"], row["label"], row["frame"], row["reviewer"]) == (name, name or "x", "3", "ann")


def test_both_languages_guard_alike() -> None:
    lines = node(f'return {json.dumps(NASTY)}.map((path) => m.toCsv([{{ path }}], ["path"]))')
    files = [csv.reader(io.StringIO(str(line), newline="")) for line in lines]
    assert [["".join(row) for row in file] for file in files] == [["path", guarded(text)] for text in NASTY]
    assert node("return m.toCsv([])") == ",".join(COLUMNS) + "\n"


def test_a_range_runs_either_way() -> None:
    assert node('return [m.range(["a","b","c","d"], "d", "b"), m.range(["a"], "x", "a")]') == [["b", "c", "d"], ["a"]]


def test_the_newest_row_wins_whatever_the_order() -> None:
    rows = pd.DataFrame({"decided_at": ["2026-01-02", "2026-01-01", ""]}).to_dict("records")
    assert node(f"return [...m.newest({json.dumps(rows)}).values()].map((r) => r.decided_at)") == ["2026-01-02"]


def test_what_was_merged_meanwhile_counts_as_held_and_is_no_step_any_more() -> None:
    assert node(
        """
        const d = new m.Decisions([]);
        d.decide([items[0]], () => ({ decision: "drop" }), "ann", at(1));
        d.decide([items[1]], () => ({ decision: "keep" }), "ann", at(2));
        const { made, steps } = d.kept();
        const again = new m.Decisions([d.of(items[0])], made, steps);
        return [again.since(), again.steps.length, again.undo("ann", at(3)), short(again.rows())];
        """
    ) == [1, 1, 1, ["a.jpg drop", "b.jpg undecided"]]


def test_a_newer_word_of_a_colleague_holds_against_what_the_browser_kept() -> None:
    assert (
        node(
            """
        const d = new m.Decisions([]);
        d.decide([items[0]], () => ({ decision: "drop" }), "ann", at(1));
        const newer = { ...d.of(items[0]), decision: "keep", reviewer: "bob", decided_at: at(2) };
        return new m.Decisions([newer], d.kept().made).of(items[0]).reviewer;
        """
        )
        == "bob"
    )


def test_a_word_counts_although_the_clock_is_behind() -> None:
    found = node(
        """
        const held = [{ ...blank, ...items[0].cells, decision: "keep", reviewer: "bob", decided_at: at(9) }];
        const d = new m.Decisions(held);
        d.decide([items[0]], () => ({ decision: "drop" }), "ann", at(1));
        const said = d.of(items[0]);
        d.undo("ann", at(1));
        return [said.decision, said.decided_at, d.of(items[0]).decision, d.of(items[0]).reviewer];
        """
    )
    assert found == ["drop", "2026-01-09T00:00:00.001Z", "keep", "bob"]


def test_a_moved_file_shows_what_the_report_follows_until_somebody_says_otherwise() -> None:
    assert node(
        """
        const settled = { decision: "drop", label: "", reviewer: "bob" };
        const moved = m.itemOf({ id: "i", content: "ca", path: "new/a.jpg", frame: null, settled });
        const d = new m.Decisions([]);
        const before = d.of(moved).decision;
        d.decide([moved], () => ({ decision: "undecided" }), "ann", at(1));
        const taken = d.of(moved);
        d.undo("ann", at(2));
        return [before, taken, d.of(moved).decision, d.of(moved).reviewer];
        """
    ) == ["drop", None, "drop", "bob"]


def test_the_next_that_waits_is_behind_or_else_before() -> None:
    script = (
        f'import * as m from "{(ASSETS / "paging.mjs").as_uri()}";'
        + """
const open = (n) => n > 0;
const cases = [[[1, 0, 0, 1], 0], [[1, 0, 0, 0], 2], [[0, 1], 1], [[], 0]];
console.log(JSON.stringify(cases.map(([items, own]) => m.waiting(items, own, open))));
"""
    )
    done = subprocess.run(["node", "--input-type=module", "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [3, 0, -1, -1]
