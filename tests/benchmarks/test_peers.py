from __future__ import annotations

import os
import sys
from math import isnan
from pathlib import Path

import pandas as pd
import pytest

from tests.benchmarks import peer_page, peer_tables, report
from tests.benchmarks.clocks import Cost
from tests.benchmarks.peer_answers import Answer, of_peer, pairs_of, score
from tests.benchmarks.peer_figures import (
    FASTDUP,
    TOOLS,
    WINNOW,
    Runs,
    short,
    slope,
    stage_slopes,
    targets,
)
from tests.benchmarks.peer_folders import drawn, subsets, without_unreadable
from tests.benchmarks.peer_page import ceiling
from tests.benchmarks.peer_tools import PEERS, Peer, PeerError, environment, install
from tests.benchmarks.process_tree import Spent, run


def spent(seconds: float) -> Spent:
    return Spent(Cost(seconds, 2 * seconds), 100_000_000, 0.5, 0, "")


def race(**added_ms: float) -> Runs:
    """Each tool takes 10 s, and so many milliseconds an image; three rounds, one of them disturbed."""
    runs = Runs([100, 500])
    for tool, each in zip(
        TOOLS, (added_ms[name] for name in ("winnow", "fastdup", "measure", "cleanvision")), strict=True
    ):
        for size in runs.sizes:
            for noise in (0, 0, 99):
                runs.add(tool, size, spent(10 + each * size / 1000 + noise))
    return runs


def test_an_added_image_costs_the_difference_between_the_sizes() -> None:
    assert slope({500: Cost(30.0, 20.0), 100: Cost(10.0, 12.0)}) == Cost(0.05, 0.02)
    runs = race(winnow=50, fastdup=8, measure=5, cleanvision=20)
    assert runs.added(WINNOW).wall == pytest.approx(0.05), "of medians: one disturbed round does not count"


def test_stages_have_slopes_of_their_own() -> None:
    few, many = {"embed": Cost(1, 1), "report": Cost(2, 2)}, {"embed": Cost(5, 9), "report": Cost(2, 2)}
    found = stage_slopes({100: [few], 500: [many]}, Cost(0.03, 0.02))
    assert found.pop("DVC, and exits") == pytest.approx((0.02, 0.0)), "what the stages leave of the whole"
    assert found == {"embed": Cost(0.01, 0.02), "report": Cost(0, 0)}


def test_what_falls_short_is_told() -> None:
    fine = targets(race(winnow=7, fastdup=8, measure=5, cleanvision=50))
    assert [target.is_met for target in fine] == [True] * 4
    assert short(fine) == []
    slow = targets(race(winnow=40, fastdup=8, measure=5, cleanvision=6))
    assert [round(target.figure.value, 2) for target in slow] == [5.0, 5.0, 1.04, 1.04]
    assert short(slow) == slow
    assert {peer_tables.state(target) for target in slow} == {"FALLS SHORT"}


def test_a_figure_that_noise_hides_is_never_met() -> None:
    runs = race(winnow=-40, fastdup=8, measure=5, cleanvision=50)
    found = targets(runs)
    assert isnan(found[0].figure.value), "less than nothing an image is noise, not speed"
    assert short(found) == found[:2]
    assert peer_tables.state(found[0]).startswith("TOO NOISY")


def test_a_round_in_three_that_says_nothing_leaves_the_others() -> None:
    runs = Runs([100, 500])
    for few, many in ((10.0, 14.0), (15.0, 12.0), (10.0, 16.0)):
        for tool, seconds in ((WINNOW, (few, many)), (FASTDUP, (2.0, 4.0))):
            for size, each in zip(runs.sizes, seconds, strict=True):
                runs.add(tool, size, spent(each))
    assert str(targets(runs)[0].figure) == "2.500 (2.000-3.000)"


def test_single_rounds_say_how_much_a_ratio_varies() -> None:
    runs = Runs([100, 500])
    for tool, seconds in ((WINNOW, (4.0, 8.0, 40.0)), (FASTDUP, (4.0, 4.0, 4.0))):
        for size, base in ((100, 0.0), (500, 1.0)):
            for each in seconds:
                runs.add(tool, size, spent(10 + base * each))
    assert str(targets(runs)[0].figure) == "2.000 (1.000-10.000)"


def test_where_a_tool_is_missing_nothing_is_called_short_or_met() -> None:
    runs = race(winnow=40, fastdup=8, measure=5, cleanvision=50)
    runs.drop(FASTDUP)
    found = targets(runs)
    assert FASTDUP not in runs.tools
    assert short(found) == []
    assert [row[""] for row in peer_tables.asked(found).rows] == ["not measured"] * 2 + ["met"] * 2


def test_a_tool_that_was_only_run_on_some_sizes_is_not_compared() -> None:
    runs = Runs([100, 500])
    runs.add(FASTDUP, 100, spent(1.0))
    assert runs.tools == []


def test_a_group_of_copies_is_every_two_of_it() -> None:
    assert pairs_of([["a", "b", "c"], ["d", "e"]]) == {frozenset(pair) for pair in ("ab", "ac", "bc", "de")}
    assert pairs_of([]) == set()


TRUTH = pd.DataFrame(
    [
        ("clean", "a.jpg", ""),
        ("clean", "b.jpg", ""),
        ("dark", "c.jpg", ""),
        ("foreign", "d.jpg", ""),
        ("unreadable", "e.jpg", ""),
        ("exact_duplicate", "f.jpg", "a.jpg"),
        ("near_duplicate", "g.jpg", "b.jpg"),
    ],
    columns=["kind", "path", "other_path"],
)


def test_an_answer_is_held_against_what_was_planted() -> None:
    answer = Answer(
        {"exact": {frozenset(("a.jpg", "f.jpg"))}, "near": {frozenset(("a.jpg", "b.jpg"))}},
        {"e.jpg"},
        {"d.jpg", "a.jpg"},
        {"dark": {"c.jpg"}},
    )
    found = score(TRUTH, answer)
    assert list(found.index) == ["unreadable", "exact_duplicate", "near_duplicate", "foreign", "dark"]
    assert found["found"].tolist() == [1, 1, 0, 1, 1]
    assert found["precision"].tolist() == [1.0, 1.0, 0.0, 0.5, 1.0]


def test_what_a_tool_does_not_judge_is_not_held_against_it() -> None:
    answer = of_peer(
        {"pairs": {"near": [["f.jpg", "a.jpg"]]}, "unreadable": None, "outliers": None, "issues": {"dark": []}}
    )
    found = score(TRUTH, answer)
    assert list(found.index) == ["exact_duplicate", "near_duplicate", "dark"]
    assert found.loc["exact_duplicate", "found"] == 1, "a pair counts, whatever the tool calls it"
    assert peer_tables.told(found, "exact_duplicate") == "1 of 1"
    assert peer_tables.told(found, "near_duplicate") == "0 of 1 (100% right)"
    assert peer_tables.told(found, "foreign") == peer_tables.NOTHING
    assert (answer.count("near_duplicate"), answer.count("exact_duplicate"), answer.count("dark")) == (1, None, 0)


def test_a_smaller_subset_lies_within_a_larger_one(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / "all" / "hat").mkdir(parents=True, exist_ok=True)
        (tmp_path / "all" / "hat" / f"{number}.jpg").write_bytes(bytes([number]))
    found = subsets(tmp_path / "all", [4, 8], tmp_path / "drawn")
    small, large = ({path.relative_to(found[size]) for path in found[size].rglob("*.jpg")} for size in (4, 8))
    assert (len(small), len(large)) == (4, 8)
    assert small < large
    assert {path.parent for path in small} == {Path("hat")}, "class folders stay"
    assert all((found[4] / path).stat().st_nlink == 1 for path in small), "nothing leads to the originals"
    assert drawn(list("abcdef"), 3, "x") == drawn(list("abcdef"), 3, "x")


def test_too_few_images_are_a_mistake_that_says_what_to_type() -> None:
    with pytest.raises(SystemExit, match="SIZES=2,8"):
        drawn(list("abcdefgh"), 9, "photos")


def test_a_folder_can_be_had_without_its_broken_files(tmp_path: Path) -> None:
    for name in ("a.jpg", "e.jpg"):
        (tmp_path / "demo").mkdir(exist_ok=True)
        (tmp_path / "demo" / name).write_bytes(b"x")
    left = without_unreadable(tmp_path / "demo", TRUTH, tmp_path / "readable")
    assert [path.name for path in left.iterdir()] == ["a.jpg"]


def test_what_a_command_costs_includes_what_it_starts(tmp_path: Path) -> None:
    held = "import time; x = bytearray(80_000_000); time.sleep(0.6)"
    found = run([sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {held!r}])"],
                tmp_path, os.environ)  # fmt: skip
    assert found.code == 0
    assert found.memory > 80_000_000
    assert found.cost.wall > 0.6
    assert 0 < found.cost.cpu < found.cost.wall * os.cpu_count()


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    found = run([sys.executable, "-c", "print('first'); raise SystemExit('no such thing')"], tmp_path, os.environ)
    assert found.code == 1
    assert found.last_line == "no such thing"


def test_fastdup_reports_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fastdup = PEERS[0]
    monkeypatch.setenv("PYTHONPATH", "ours")
    told = environment(fastdup, tmp_path)
    assert told["SENTRY_OPT_OUT"] == "1"
    assert told["HOME"] == str(tmp_path)
    assert "PYTHONPATH" not in told, "its environment is its own"
    assert "run_sentry=False" in fastdup.script.read_text(encoding="utf-8")
    monkeypatch.setattr("tests.benchmarks.peer_tools.seal", lambda: ())
    with pytest.raises(PeerError, match="reports home"):
        install(fastdup)


def test_a_peer_that_cannot_be_installed_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.benchmarks.peer_tools.HOME", tmp_path)
    pip = "import sys; sys.exit('ERROR: No matching distribution found for nothing==1\\nand more')"
    monkeypatch.setattr("tests.benchmarks.peer_tools.creation", lambda _: [[sys.executable, "-c", pip]])
    peer = Peer("nothing", "nothing==1")
    with pytest.raises(PeerError, match=r"cannot be installed: ERROR: No matching distribution found for nothing==1$"):
        install(peer)
    assert not peer.folder.exists(), "the next run tries again"


@pytest.mark.parametrize(("value", "most"), [(0.07, 0.08), (1.0, 1.0), (9.0, 10), (10.0, 10), (101, 150), (420, 500)])
def test_an_axis_ends_at_a_round_number(value: float, most: float) -> None:
    assert ceiling(value) == pytest.approx(most)


def test_the_page_holds_everything_and_escapes_what_it_is_given() -> None:
    runs = race(winnow=40, fastdup=8, measure=5, cleanvision=6)
    tables = [peer_tables.asked(targets(runs)), peer_tables.times(runs), report.Table("<b>", [{"x": 1234, "y": "<i>"}])]
    page = peer_page.build(runs, tables, targets(runs), {"other": "no <wheel>"}, "2 cores")
    assert page.count("<polyline") == 2 * (3 * 4 + 3), "a line and a key a tool; one drawing does without Winnow"
    assert page.count('class="dot') == (3 * 4 + 3) * 6
    assert "Falls short:" in page
    assert "1,234" in page
    assert "&lt;i&gt;" in page
    assert "no &lt;wheel&gt;" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


def test_a_drawing_begins_at_nothing_and_keeps_every_dot_in_view() -> None:
    runs = race(winnow=40, fastdup=8, measure=5, cleanvision=6)
    drawing = peer_page.plot(runs, peer_page.DRAWN[0])
    assert drawing.across == [(20.0, "100"), (100.0, "500")]
    assert drawing.up[0] == (0.0, "0")
    assert all(0 <= at <= 100 for line in drawing.lines for dot in line.dots for at in dot)
    assert drawing.lines[0].dots[0][1] > drawing.lines[0].dots[-1][1], "more time is higher up"
    assert "12 seconds for 500" in drawing.label
