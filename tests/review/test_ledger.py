"""`data/decisions.csv` while several write it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from stages.contracts.decisions import COLUMNS, PATH, read_decisions, write_decisions
from stages.contracts.errors import DecisionsError, QueryError
from stages.contracts.identity import item_id
from stages.review.catalog import UnknownItem
from stages.review.ledger import Ledger, as_rows
from tests import frames
from tests.pages.dataset import HOSTILE

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    write_decisions(pd.DataFrame(columns=COLUMNS), tmp_path)
    return tmp_path


def nowhere(item_id: str) -> dict[str, str]:
    raise UnknownItem("there is no such image", got=item_id)


def rows(*told: dict) -> pd.DataFrame:
    return as_rows([{"decision": "drop", **row} for row in told], nowhere, NOW)


def words(root: Path) -> dict[str, str]:
    return read_decisions(root).set_index("path")["decision"].to_dict()


def test_what_was_added_is_in_the_file_and_is_told(root: Path) -> None:
    ledger = Ledger(root)
    empty = ledger.held()
    added = ledger.add(rows({"path": "a.jpg"}, {"path": "b.jpg", "decision": "keep"}))
    assert words(root) == {"a.jpg": "drop", "b.jpg": "keep"}
    assert added.before == empty.revision
    assert added.after == ledger.held()
    assert added.rows["path"].tolist() == ["a.jpg", "b.jpg"]
    assert set(added.rows["decided_at"]) == {"2026-03-04T05:06:07.000+00:00"}


def test_the_same_again_changes_nothing(root: Path) -> None:
    ledger = Ledger(root)
    first = ledger.add(rows({"path": "a.jpg"}))
    before = (root / PATH).stat()
    again = ledger.add(rows({"path": "a.jpg"}))
    assert (again.before, again.after.revision) == (first.after.revision,) * 2
    assert (root / PATH).stat().st_ino == before.st_ino


def test_an_older_word_loses_and_the_one_that_holds_is_told(root: Path) -> None:
    ledger = Ledger(root)
    ledger.add(rows({"path": "a.jpg", "decision": "keep", "decided_at": "2026-05-01T00:00:00Z"}))
    added = ledger.add(rows({"path": "a.jpg", "decided_at": "2026-04-01T00:00:00Z"}))
    assert added.rows["decision"].tolist() == ["keep"]
    assert words(root) == {"a.jpg": "keep"}


def test_what_others_wrote_in_between_stays(root: Path) -> None:
    """`winnow decide merge`, an editor, or git."""
    ledger = Ledger(root)
    ledger.add(rows({"path": "a.jpg"}))
    others = pd.concat([read_decisions(root)[COLUMNS], rows({"path": "theirs.jpg"})])
    write_decisions(others, root)
    assert "theirs.jpg" in ledger.held().rows["path"].tolist()
    ledger.add(rows({"path": "b.jpg"}))
    assert set(words(root)) == {"a.jpg", "theirs.jpg", "b.jpg"}


def test_a_row_written_by_hand_is_the_same_image_as_the_one_decided_on(root: Path) -> None:
    """Else the file would hold two rows on it that disagree."""
    images = frames.images({"path": "a.jpg"}, {"path": "b.jpg"})
    by_hand = rows({"path": "./b.jpg", "decision": "keep"}, {"path": "a.jpg", "decision": "keep"}, {"path": "gone.jpg"})
    write_decisions(by_hand.assign(decided_at=["2026-01-01", "", ""]), root)
    ledger = Ledger(root, lambda: images)
    own = images.iloc[0][["item_id", "content_id", "path"]].to_dict()
    ledger.add(rows(own))
    found = read_decisions(root)
    assert words(root) == {"b.jpg": "keep", "a.jpg": "drop", "gone.jpg": "drop"}
    assert found["item_id"].tolist() == [item_id("b.jpg"), item_id("a.jpg"), ""]
    assert found["decided_at"].tolist()[0] == "2026-01-01"


def test_many_at_once_lose_nothing_whoever_writes(root: Path) -> None:
    """Threads of one app, and two apps: they share nothing but the file."""
    ledgers = [Ledger(root), Ledger(root)]

    def work(name: int) -> None:
        for number in range(5):
            ledgers[name % 2].add(rows({"path": f"{name}-{number}.jpg"}))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(words(root)) == {f"{name}-{number}.jpg" for name in range(4) for number in range(5)}
    assert ledgers[0].held().revision == ledgers[1].held().revision


def test_a_kill_in_the_middle_loses_nothing_that_was_answered(root: Path) -> None:
    code = """
import sys
from pathlib import Path
from tests.review.test_ledger import rows
from stages.review.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]))
for number in range(10_000):
    ledger.add(rows({"path": f"{number}.jpg"}))
    print(number, flush=True)
"""
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    running = subprocess.Popen([sys.executable, "-c", code, root], stdout=subprocess.PIPE, text=True, env=environment)
    answered = [int(running.stdout.readline()) for _ in range(12)]
    os.kill(running.pid, signal.SIGKILL)
    answered += [int(line) for line in running.stdout]
    running.wait()
    found = set(words(root))
    assert {f"{number}.jpg" for number in answered} <= found
    assert len(found) <= len(answered) + 1
    Ledger(root).add(rows({"path": "after.jpg"}))  # and the lock is not held by the dead
    assert set(words(root)) == found | {"after.jpg"}


def test_a_file_that_is_not_understood_is_left_alone(root: Path) -> None:
    ledger = Ledger(root)
    (root / PATH).write_text("something else\n")
    with pytest.raises(DecisionsError, match="another header"):
        ledger.add(rows({"path": "a.jpg"}))
    assert (root / PATH).read_text() == "something else\n"


@pytest.mark.parametrize("name", [*HOSTILE, "=cmd|' /C calc'!A0", "'=x", "a\rb.jpg", "💃,;\t.jpg"])
def test_every_name_comes_back_as_it_was(root: Path, name: str) -> None:
    told = {"path": name, "label": name, "reason": name, "reviewer": name}
    added = Ledger(root).add(rows(told))
    assert added.rows[list(told)].to_dict("records") == [told]
    assert Ledger(root).held().rows[list(told)].to_dict("records") == [told]


@pytest.mark.parametrize(
    ("told", "what"),
    [
        (None, "list of rows"),
        ({"rows": []}, "list of rows"),
        (["drop"], "as an object"),
        ([{"path": "a.jpg", "decision": "perhaps"}], "not known"),
        ([{"path": "a.jpg"}], "not known"),
        ([{"path": "a.jpg", "decision": "relabel", "label": " "}], "no label"),
        ([{"path": "a.jpg", "decision": ["drop"]}], "no text"),
        ([{"path": "a.jpg", "decision": "drop", "frame": 3}], "no text"),
        ([{"path": "a" * 5000, "decision": "drop"}], "too long"),
        ([{"path": "\ud800.jpg", "decision": "drop"}], "no valid text"),
        ([{"path": "a.jpg", "decision": "drop", "decided_at": "yesterday"}], "no valid time"),
        ([{"item_id": "0" * 32, "decision": "drop"}], "no such image"),
    ],
)
def test_what_is_no_decision_is_refused(told: object, what: str) -> None:
    with pytest.raises(QueryError, match=what):
        as_rows(told, nowhere)


def test_a_row_that_names_an_item_only_is_filled_in() -> None:
    place = {"content_id": "c" * 32, "path": "a.jpg", "frame": "3"}
    found = as_rows([{"item_id": "1" * 32, "decision": "keep"}], lambda _: place, NOW).to_dict("records")
    assert json.loads(json.dumps(found[0])) == {
        **dict.fromkeys(COLUMNS, ""),
        **place,
        "item_id": "1" * 32,
        "decision": "keep",
        "decided_at": "2026-03-04T05:06:07.000+00:00",
    }
