"""`winnow review`, as a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from stages import report
from stages.commands import review
from stages.contracts.decisions import COLUMNS, read_decisions, write_decisions
from stages.contracts.errors import SetupError, TableError
from stages.review.server import address, bind
from tests.pages import dataset
from tests.review.app import make

REPOSITORY = Path(__file__).parents[2]
URL = re.compile(r"http://127\.0\.0\.1:(\d+)/\?token=([\w-]+)")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make(tmp_path_factory.mktemp("review"), dataset.clean(4))
    report.main(made)
    return made


class Running:
    """The command, started in the project, and what it said first."""

    def __init__(self, root: Path, *arguments: str) -> None:
        write_decisions(pd.DataFrame(columns=COLUMNS), root)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stages.cli", "review", "--no-browser", *arguments],
            cwd=root,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = []
        for line in self.process.stdout:
            self.said.append(line)
            if found := URL.search(line):
                self.port, self.token = int(found.group(1)), found.group(2)
                break

    def decide(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        host = f"127.0.0.1:{self.port}"
        headers = {
            "Origin": f"http://{host}",
            "Cookie": f"winnow-review-{self.port}={self.token}",
            "Content-Type": "application/json",
        }
        body = json.dumps({"rows": [{"path": path, "decision": "drop"}]})
        connection.request("POST", "/api/decisions", body, headers)
        return connection.getresponse().status

    def end(self, by: signal.Signals) -> tuple[int, str, str]:
        self.process.send_signal(by)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        yield busy.getsockname()[1]


def test_it_says_where_it_is_takes_the_next_port_and_ends_cleanly(root: Path, taken: int) -> None:
    running = Running(root, "--port", str(taken))
    assert running.port != taken
    assert f"Port {taken} is taken; this is {running.port}." in "".join(running.said)
    assert running.decide("train/cat/01.jpg") == running.decide("gone.jpg") == 200
    code, out, err = running.end(signal.SIGINT)
    assert (code, err) == (0, "")
    assert "Ended. data/decisions.csv decides on 1 image;" in out


def test_killed_in_the_middle_nothing_that_was_answered_is_lost(root: Path) -> None:
    running = Running(root, "--port", "0")
    answered = [path for path in (f"{number}.jpg" for number in range(6)) if running.decide(path) == 200]
    running.end(signal.SIGKILL)
    assert len(answered) == 6
    assert read_decisions(root)["path"].tolist() == answered


def test_without_a_report_it_says_what_to_do(root: Path, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="not there") as told:
        review.run(root=tmp_path)
    assert told.value.do.startswith("dvc repro; if dvc repro is running now")
    page = tmp_path / "reports/index.html"
    page.parent.mkdir()
    page.write_text("")
    (tmp_path / "params.yaml").write_text("data:\n  source: photos\n")
    (tmp_path / "photos").mkdir()
    with pytest.raises(TableError) as told:
        review.run(root=tmp_path)
    assert told.value.do.count("if dvc repro is running now") == 1


def test_all_ports_taken_and_foreign_addresses_are_told(monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    monkeypatch.setattr("stages.review.server.PORTS_TRIED", 1)
    with pytest.raises(SetupError, match="no port is free"):
        bind("127.0.0.1", taken)
    with pytest.raises(SetupError, match="cannot listen there"):
        bind("192.0.2.1", 0)


def test_the_address_can_be_opened_whatever_it_listens_on() -> None:
    assert address("127.0.0.1", 80, "t") == "http://127.0.0.1:80/?token=t"
    assert address("::1", 80, "t") == "http://[::1]:80/?token=t"
    assert address("0.0.0.0", 80, "t") == f"http://{socket.gethostname()}:80/?token=t"


def test_no_text_browser_is_started_in_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in review.SCREENS:
        monkeypatch.delenv(name, raising=False)
    assert not review.has_screen()
    monkeypatch.setenv("DISPLAY", ":0")
    assert review.has_screen()


def test_an_address_that_others_can_reach_is_warned_about(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    async def serve(*_: object) -> None:
        pass

    monkeypatch.setattr(review, "serve", serve)
    run = partial(review.run, port=0, browser=False, root=root, say=lambda _: None)
    # In a thread: a browser test that ran before leaves its event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(run, "0.0.0.0").result()
    assert "can be reached from other machines" in capsys.readouterr().err
    with ThreadPoolExecutor(1) as thread:
        thread.submit(run, "127.0.0.1").result()
    assert not capsys.readouterr().err
