"""The one error tree.

::

    WinnowError                 a user's mistake or an unusable input; exit code 2, no traceback
    ├── ParamsError             params.yaml: an unknown key, a wrong type, a value out of range
    ├── SourceError             the folder of images: missing, empty, contains our own outputs
    ├── ImageError              one image: becomes a row with a status and a reason, ends no run
    ├── TableError              a table that is missing, or does not match its declaration
    ├── EncoderError            a checkpoint that is there but cannot be used
    │   └── EncoderUnreachable  a checkpoint that cannot be had; the fallback is for this one
    ├── DecisionsError          data/decisions.csv
    ├── QueryError              what was asked of a search or a selection
    └── SetupError              the machine: a missing program or package

Every error answers: what, where, expected, got, do this.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

EXIT_CODE = 2
INTERRUPTED = 130
"""exit code after Ctrl-C: 128 and the signal's number, as shells have it"""

FREE_SPACE = "free some space, for instance with winnow cache --prune or dvc gc --workspace"
REFUSED = {
    errno.ENOSPC: ("the disk is full", FREE_SPACE),
    errno.EDQUOT: ("the disk quota is used up", FREE_SPACE),
    errno.EROFS: ("the file system is read-only", "let the project lie where it may be written"),
    errno.EACCES: ("permission denied", "mend the owner or mode of what is named above"),
}
"""What a machine says no with that is no mistake in the code, and what to do about it."""


class WinnowError(Exception):
    """What went wrong, told so that the reader knows the next thing to type.

    Parameters
    ----------
    what : one sentence, no full stop needed.
    where : file, key, row or command that it is about.
    expected, got : the rule, and what was found instead.
    do : the next thing to do.
    """

    def __init__(
        self,
        what: str,
        *,
        where: object = None,
        expected: object = None,
        got: object = None,
        do: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.expected = expected
        self.got = got
        self.do = do

    def __str__(self) -> str:
        details = {
            "where": self.where,
            "expected": self.expected,
            "got": self.got,
            "do this": self.do,
        }
        lines = [f"winnow: {self.what}"]
        lines += [f"  {name + ':':<10}{value}" for name, value in details.items() if value is not None]
        return "\n".join(lines)


class ParamsError(WinnowError):
    """params.yaml holds something that no stage understands."""


class SourceError(WinnowError):
    """The folder of images cannot be curated."""


class ImageError(WinnowError):
    """One image cannot be used; `status` is what its row in `images` will say."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason

    def __reduce__(self) -> tuple[type[ImageError], tuple[str, str]]:
        """From another process it comes as it was."""
        return type(self), (self.status, self.reason)


class TableError(WinnowError):
    """A table is missing or does not match its declaration."""


class EncoderError(WinnowError):
    """A checkpoint is there but cannot be used."""


class EncoderUnreachable(EncoderError):
    """A checkpoint cannot be had here: no network, no such file, no access."""


class DecisionsError(WinnowError):
    """data/decisions.csv cannot be understood."""


class QueryError(WinnowError):
    """What was asked of a search or a selection cannot be answered."""


class SetupError(WinnowError):
    """The machine lacks something."""


def exit_on_error(main: Callable[[], None]) -> None:
    """Run a stage's `main`, and end the process.

    A user's mistake, and a machine that refuses, end it with our message last and exit code 2; Ctrl-C with one line.
    """
    try:
        main()
    except WinnowError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_CODE)
    except OSError as error:
        if error.errno not in REFUSED:
            raise
        what, do = REFUSED[error.errno]
        print(WinnowError(what, where=error.filename or ".", got=error, do=do), file=sys.stderr)
        sys.exit(EXIT_CODE)
    except KeyboardInterrupt:
        print("winnow: interrupted; dvc repro goes on from what is done", file=sys.stderr)
        _leave(INTERRUPTED)
    _leave(0)


def _leave(code: int) -> None:
    """All is written and closed. To take torch and pandas apart, object by object, would cost 0.2 to 0.6 s a stage."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
