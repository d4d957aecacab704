from __future__ import annotations

import subprocess
import sys

import pytest

from stages.contracts.errors import EXIT_CODE, SourceError, exit_on_error
from tests.imports import ROOT


def test_an_error_tells_what_where_expected_got_and_what_to_do() -> None:
    error = SourceError(
        "no images", where="photos/", expected="image files", got="3 text files", do="winnow use FOLDER"
    )
    assert str(error) == (
        "winnow: no images\n"
        "  where:    photos/\n"
        "  expected: image files\n"
        "  got:      3 text files\n"
        "  do this:  winnow use FOLDER"
    )


def test_what_is_not_known_is_left_out() -> None:
    assert str(SourceError("no images")) == "winnow: no images"


def test_a_users_mistake_ends_with_our_message_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> None:
        raise SourceError("no images")

    with pytest.raises(SystemExit) as stopped:
        exit_on_error(main)
    assert stopped.value.code == EXIT_CODE == 2
    assert capsys.readouterr().err == "winnow: no images\n"


def test_a_stage_that_is_done_ends_at_once_and_all_it_said_is_said() -> None:
    code = (
        "import atexit; from stages.contracts.errors import exit_on_error; atexit.register(print, 'torn down');"
        "exit_on_error(lambda: print('done', end=''))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done", "")


def test_our_own_mistakes_are_not_hidden() -> None:
    def main() -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        exit_on_error(main)
