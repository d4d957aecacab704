from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from stages import cli
from stages.commands.check import as_json, check, console, examine, show
from stages.contracts import tables
from stages.contracts.errors import SourceError, TableError
from stages.contracts.schemas.images import IMAGES
from tests import gated
from tests.exports.findings import HOSTILE, finding


def exit_code(root: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Of `winnow check` as a person types it."""
    monkeypatch.chdir(root)
    monkeypatch.setattr(sys, "argv", ["winnow", "check", *arguments])
    with pytest.raises(SystemExit) as raised:
        cli.main()
    return raised.value.code or 0


def test_a_policy_that_holds_ends_with_zero(tmp_path: Path, monkeypatch, capsys) -> None:
    assert exit_code(gated.make(tmp_path), monkeypatch) == 0
    assert "All 7 rules hold." in capsys.readouterr().out


def test_a_broken_policy_ends_with_one_and_says_what_by_how_much_and_where(tmp_path: Path, monkeypatch, capsys) -> None:
    root = gated.make(tmp_path, leaks=2)
    assert exit_code(root, monkeypatch, "--summary", "out/s.md", "--junit", "out/j.xml") == 1
    printed = capsys.readouterr().out
    (row,) = [line.split() for line in printed.splitlines() if line.strip().startswith("max_leaks ")]
    assert row == ["max_leaks", "at", "most", "0", "2", "2", "broken"]
    assert "  train/cat/0.jpg\n  train/cat/1.jpg\n  see reports/duplicates.html\n" in printed
    assert "2 of 7 rules are broken." in printed
    assert "❌ | `max_leaks`" in (root / "out/s.md").read_text(encoding="utf-8")
    assert ElementTree.parse(root / "out/j.xml").getroot().get("failures") == "2"


def test_json_is_all_that_is_printed(tmp_path: Path, monkeypatch, capsys) -> None:
    assert exit_code(gated.make(tmp_path, leaks=1), monkeypatch, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["holds"] is False
    assert told["findings"][0] | {"first": None} == {
        "rule": "max_leaks",
        "what": "images outside the protected splits with a copy inside one",
        "holds": False,
        "limit": 0,
        "found": 1,
        "told_limit": "at most 0",
        "told_found": "1",
        "told_beyond": "1",
        "count": 1,
        "first": None,
        "see": "reports/duplicates.html",
    }


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ("check: {max_leak: 0}", "max_leaks, perhaps"),
        ("check: {max_leaks: -1}", "check.max_leaks"),
        ("check: {max_outlier_rate: 2.0}", "check.max_outlier_rate"),
        ("check: {max_drift: 0.1}", "set check.baseline"),
        ("check: {max_drift: 0.1, baseline: now}", "such as main or v1"),
        ("check: {max_label_issue_rate: 0.1}", "it has no data/labels.parquet"),
        ("cluster: {min_samples: 9}", "section cluster of params.yaml changed"),
    ],
)
def test_a_users_mistake_ends_with_two_and_says_what_to_do(
    tmp_path: Path, monkeypatch, capsys, params: str, said: str
) -> None:
    root = gated.make(tmp_path)
    (root / "params.yaml").write_text(params)
    assert exit_code(root, monkeypatch) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert "do this:" in printed.err


def test_a_clone_without_tables_is_told_how_to_get_them(tmp_path: Path, monkeypatch, capsys) -> None:
    root = gated.make(tmp_path)
    for path in (root / "data").glob("*.parquet"):
        path.unlink()
    assert exit_code(root, monkeypatch) == 2
    assert "8 tables are not there" in (told := capsys.readouterr().err)
    assert "dvc pull" in told


def test_files_of_an_earlier_run_never_stand_for_one_that_failed(tmp_path: Path) -> None:
    root, summary, junit = gated.make(tmp_path), tmp_path / "s.md", tmp_path / "j.xml"
    check(summary, junit, root)
    assert "hold" in summary.read_text(encoding="utf-8")
    (root / "data/clusters.parquet").unlink()
    with pytest.raises(TableError):
        check(summary, junit, root)
    assert "could not be checked" in summary.read_text(encoding="utf-8")
    assert ElementTree.parse(junit).getroot().get("errors") == "1"


def test_the_shipped_policy_passes_clean_data_and_no_data_with_a_leak(tmp_path: Path) -> None:
    assert all(one.holds for one in examine(gated.make(tmp_path / "clean", "")))
    broken = {one.rule for one in examine(gated.make(tmp_path / "leaking", "", leaks=1)) if not one.holds}
    assert broken == {"max_leaks", "max_near_duplicate_rate"}
    broken = {one.rule for one in examine(gated.make(tmp_path / "flagged", "", flagged=1)) if not one.holds}
    assert broken == {"undecided"}


@pytest.mark.parametrize("option", ["--summary", "--junit"])
def test_a_file_that_cannot_be_written_is_a_users_mistake(tmp_path: Path, monkeypatch, capsys, option: str) -> None:
    assert exit_code(gated.make(tmp_path), monkeypatch, option, str(tmp_path / "data")) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_outliers_that_nobody_looked_for_are_not_said_to_be_none(tmp_path: Path) -> None:
    null = {"fitted": False, "n": 20, "fewest": 50}
    root = gated.make(tmp_path, "check: {max_outlier_rate: 0.0}", null=null)
    (found,) = [one for one in examine(root) if one.rule == "max_outlier_rate"]
    assert (found.holds, found.found, found.told_found) == (True, None, "not judged: 20 images, 50 needed")


def test_open_findings_are_those_that_nobody_dealt_with(tmp_path: Path) -> None:
    """All verdicts of this project are to keep, so that its findings are open."""
    scopes = {
        scope: {
            one.rule: one.found for one in examine(gated.make(tmp_path / scope, f"check: {{scope: {scope}}}", leaks=2))
        }
        for scope in ("all", "open")
    }
    assert scopes["open"]["max_leaks"] == scopes["all"]["max_leaks"] == 2
    assert scopes["open"]["max_near_duplicate_rate"] == scopes["all"]["max_near_duplicate_rate"] == 2 / 5


def test_label_issues_are_counted_where_there_are_any(tmp_path: Path) -> None:
    root = gated.make(tmp_path, "check: {max_label_issue_rate: 0.1}")
    items = tables.read(IMAGES, root)["item_id"]
    rows = {"item_id": items.tolist(), "is_label_issue": [True, *[False] * (len(items) - 1)], "label_score": [0.1] * 5}
    pq.write_table(pa.table(rows), root / "data/labels.parquet")
    (found,) = [one for one in examine(root) if one.rule == "max_label_issue_rate"]
    assert (found.found, found.told_found) == (0.2, "20 % (1 of 5)")


class TestDrift:
    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        """A project at a commit that DVC's cache still holds, and vectors that moved since."""
        root = gated.make(tmp_path, train=tuple(f"train/cat/{number}.jpg" for number in range(60)))
        vectors = (root / "data/embeddings.parquet").read_bytes()
        md5 = hashlib.md5(vectors).hexdigest()
        cached = root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
        cached.parent.mkdir(parents=True)
        cached.write_bytes(vectors)
        (root / "dvc.lock").write_text(
            f"stages: {{embed: {{cmd: x, outs: [{{path: data/embeddings.parquet, md5: {md5}}}]}}}}"
        )
        (root / ".gitignore").write_text("/data\n/.dvc/cache\n")
        for command in (
            ["init", "--quiet"],
            ["add", "."],
            ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "--message", "one"],
        ):
            subprocess.run(["git", *command], cwd=root, check=True)
        return root

    def policy(self, limit: float, baseline: str = "HEAD") -> str:
        return f"check: {{max_drift: {limit}, baseline: {baseline}}}"

    def found(self, root: Path) -> tuple[bool, float]:
        (drift,) = [one for one in examine(root) if one.rule == "max_drift"]
        return drift.holds, drift.found

    def test_the_same_images_did_not_drift(self, project: Path) -> None:
        (project / "params.yaml").write_text(self.policy(0))
        assert self.found(project) == (True, 0)

    def test_other_images_did(self, project: Path) -> None:
        others = tuple(f"train/dog/{number}.jpg" for number in range(60))
        gated.make(project, self.policy(0.01), train=others, shift=3.0)
        holds, shift = self.found(project)
        assert not holds
        assert shift > 0.1

    def test_a_baseline_that_is_not_there_is_a_users_mistake(self, project: Path) -> None:
        (project / "params.yaml").write_text(self.policy(0.1, "nowhere"))
        with pytest.raises(SourceError):
            examine(project)

    def test_vectors_of_two_encoders_are_not_compared(self, project: Path) -> None:
        other = gated.RECORD.model_copy(update={"weights_sha256": "cd" * 32})
        gated.make(project, self.policy(0.1), record=other)
        with pytest.raises(TableError, match="of two encoders"):
            examine(project)


@pytest.mark.parametrize("path", HOSTILE)
def test_a_hostile_path_cannot_reach_the_terminal(path: str) -> None:
    told = io.StringIO()
    show([finding(path, told_found=path, what=path)], Console(file=told, width=300, force_terminal=False))
    printed = told.getvalue()
    assert not set(printed) & {"\x1b", "\x00", "\u202e", "\udcff"}
    assert "[link](javascript:x)" in printed or "link" not in path
    assert len([line for line in printed.splitlines() if line.startswith("  ")]) <= 6


def test_a_log_has_room_for_whole_lines(capsys) -> None:
    long = "train/" + "a" * 300 + ".jpg"
    show([finding(long)], console())
    assert f"  {long}\n" in capsys.readouterr().out


def test_json_holds_whatever_a_path_holds() -> None:
    told = json.loads(as_json([finding(*HOSTILE)]))
    assert told["findings"][0]["first"] == list(HOSTILE)


def test_the_gate_loads_nothing_that_takes_seconds() -> None:
    heavy = ("torch", "sklearn", "scipy", "cv2", "transformers", "hdbscan", "bokeh", "dvc")
    code = f"import sys, stages.commands.check; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
