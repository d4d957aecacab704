from __future__ import annotations

import sys

import pytest

from stages.engines import progress
from stages.engines.progress import Progress


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_elsewhere_than_on_a_terminal_a_line_now_and_then(clock: Clock, capsys: pytest.CaptureFixture) -> None:
    with Progress("embed", 2000) as shown:
        for _ in range(20):
            clock.now += 1
            shown.advance(100)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == ["embed: 1,100 of 2,000, 100/s, 9 s left", "embed: 2,000 in 20.0 s (100/s)"]


def test_quick_work_is_one_line(clock: Clock, capsys: pytest.CaptureFixture) -> None:
    with Progress("measure", 3) as shown:
        clock.now += 0.5
        shown.advance(3)
    assert capsys.readouterr().err == "measure: 3 in 0.5 s (6/s)\n"


def test_slow_work_has_a_rate_that_is_not_nothing(clock: Clock, capsys: pytest.CaptureFixture) -> None:
    with Progress("embed", 4) as shown:
        for _ in range(4):
            clock.now += 12
            shown.advance()
    told = capsys.readouterr().err
    assert "/s" in told
    assert "0.083/s" in told
    assert " 0/s" not in told


def test_no_work_is_no_line(capsys: pytest.CaptureFixture) -> None:
    with Progress("measure", 0):
        pass
    assert capsys.readouterr().err == ""


def test_work_that_failed_does_not_say_that_it_is_done(clock: Clock, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(KeyError), Progress("measure", 3):
        raise KeyError
    assert capsys.readouterr().err == ""


def test_no_time_at_all_has_a_rate(clock: Clock) -> None:
    shown = Progress("measure", 5)
    shown.advance(5)
    assert shown.rate() > 0


def test_on_a_terminal_there_is_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress("measure", 5) as shown:
        shown.advance(5)
        assert shown.bar.tasks[0].completed == 5
        assert shown.bar.tasks[0].fields["rate"].endswith("/s")
    assert "5/5" in capsys.readouterr().err
