from __future__ import annotations

import errno
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from stages.contracts.errors import EXIT_CODE, ImageError, SourceError, WinnowError, exit_on_error
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


def kinds(of: type[WinnowError] = WinnowError) -> list[type[WinnowError]]:
    return [of, *(kind for below in of.__subclasses__() for kind in kinds(below))]


@pytest.mark.parametrize("kind", kinds())
def test_from_another_process_an_error_comes_as_it_was(kind: type[WinnowError]) -> None:
    about = {} if kind is ImageError else {"where": "a.jpg", "got": 3, "do": "look"}
    error = kind("truncated", "it ends early") if kind is ImageError else kind("it ends early", **about)
    found = pickle.loads(pickle.dumps(error))
    assert type(found) is kind
    assert str(found) == str(error)
    assert vars(found) == vars(error)


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


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_a_machine_that_refuses_is_told_without_a_traceback(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> None:
        raise OSError(number, os.strerror(number), "data/images.parquet")

    with pytest.raises(SystemExit) as stopped:
        exit_on_error(main)
    told = capsys.readouterr().err
    assert stopped.value.code == EXIT_CODE
    assert "where:    data/images.parquet" in told
    assert "do this:" in told


def test_other_errors_of_the_system_are_ours() -> None:
    with pytest.raises(FileNotFoundError):
        exit_on_error(lambda: Path("nowhere").stat())


def test_ctrl_c_ends_a_stage_in_one_line() -> None:
    code = (
        "import signal; from stages.contracts.errors import exit_on_error;"
        # What runs in a shell's background ignores Ctrl-C, and what it starts does so, too.
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        "exit_on_error(lambda: signal.raise_signal(signal.SIGINT))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "winnow: interrupted; dvc repro goes on from what is done\n"
