"""Names from a file, one a line: `park`, or with synonyms `parking lot: car park`; `#` starts a comment."""

from __future__ import annotations

from pathlib import Path

from stages.contracts.errors import ParamsError

WATCHED = "data/names"
"""the folder of such files that DVC watches"""


def is_watched(path: str, root: Path = Path()) -> bool:
    """Whether `dvc repro` sees a change of this file."""
    return _found(path, root).resolve().is_relative_to((root / WATCHED).resolve())


def read_names(path: str, key: str, root: Path = Path()) -> dict[str, list[str]]:
    """Each name with what it goes by, in the file's order; without synonyms that is the name itself.

    Parameters
    ----------
    path : relative to the project or to `data/names`, or absolute.
    key : of params.yaml, for errors.

    Raises
    ------
    ParamsError : there is no such file, it is not text, it holds no name, or one twice.
    """
    where = _found(path, root)
    try:
        lines = where.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ParamsError(
            "a file of names cannot be read",
            where=f"params.yaml, {key}",
            expected=f"a text file with a name a line, in {WATCHED}; a single name is written as [{path}]",
            got=f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8'}",
            do=f"mend {key} in params.yaml",
        ) from None
    found: dict[str, list[str]] = {}
    for number, line in enumerate(lines, start=1):
        name, synonyms = _parsed(line)
        if name in found:
            raise ParamsError("a name is there twice", where=f"{where}, line {number}", got=name, do="leave one out")
        if name:
            found[name] = synonyms or [name]
    if not found:
        raise ParamsError("a file of names holds none", where=where, expected="a name a line")
    return found


def _found(path: str, root: Path) -> Path:
    below = root / WATCHED / Path(path).expanduser()
    return below if below.is_file() else root / Path(path).expanduser()


def _parsed(line: str) -> tuple[str, list[str]]:
    name, _, rest = line.split("#", 1)[0].partition(":")
    return name.strip(), [word.strip() for word in rest.split(",") if word.strip()]
