"""Reading params.yaml: strict types, no unknown key, and errors that name key, rule and value."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.contracts.errors import ParamsError

FILE = "params.yaml"
BYTE_ORDER_MARK = "\ufeff"


class Section(BaseModel):
    """A section of params.yaml. Every key has a default, so a section may be left out."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


S = TypeVar("S", bound=Section)


def read_file(root: Path = Path()) -> dict:
    """The whole of params.yaml, as plain values.

    Raises
    ------
    ParamsError : the file is missing, not YAML, or not a mapping.
    """
    path = root / FILE
    try:
        text = path.read_text(encoding="utf-8")
        content = _parsed(text)
    except FileNotFoundError:
        raise ParamsError("params.yaml is not there", where=path, do="run this in the project's root") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(
            "params.yaml is not YAML", where=_place(path, error), got=_problem(error), do=f"mend {FILE}"
        ) from error
    if text.startswith(BYTE_ORDER_MARK):  # DVC takes it for a part of the first key, too
        do = f"save {FILE} as UTF-8 without a byte order mark"
        raise ParamsError("params.yaml begins with a byte order mark", where=path, do=do)
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ParamsError("params.yaml is not a mapping", where=path, expected="sections", got=type(content).__name__)
    return content


def _place(path: Path, error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)


def _problem(error: Exception) -> str:
    """What a parser found wrong, not what it was doing then."""
    return (getattr(error, "problem", None) or str(error)).splitlines()[0]


@lru_cache(maxsize=1)
def _kept(text: str) -> object:
    # Pure, so that a mistake is told in the same words whether the faster parser is installed or not.
    return YAML(typ="safe", pure=True).load(text)


def _parsed(text: str) -> object:
    """What a text of YAML says. A stage reads several sections, and parsing takes longer than all the rest of it."""
    return deepcopy(_kept(text))


def load(model: type[S], name: str, root: Path = Path()) -> S:
    """One section of params.yaml, checked."""
    return parse(model, name, read_file(root).get(name))


def parse(model: type[S], name: str, values: object) -> S:
    """Check the values of one section.

    Raises
    ------
    ParamsError : names the first wrong key, what was expected and what was found.
    """
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise ParamsError(
            f"section {name} is not a mapping", where=f"{FILE}, {name}", expected="keys and values", got=repr(values)
        )
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _explain(error, model, name) from None


def closest(word: str, words: list[str]) -> str:
    """`expected` for an unknown word: the nearest known ones first."""
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return f"{near[0]}, perhaps" if near else "one of " + ", ".join(words)


def _expected(error: Mapping) -> str:
    if error["type"] == "too_short":
        return f"at least {error['ctx']['min_length']}"
    return error["msg"].removeprefix("Input should be ").removeprefix("Value error, ").replace("tuple", "list")


def _explain(error: ValidationError, model: type[Section], name: str) -> ParamsError:
    first = error.errors()[0]
    # A word in brackets is none of the file's: it says which of several types was meant.
    key = ".".join(str(part) for part in first["loc"] if not str(part).startswith("(")) or name
    where = f"{FILE}, {name}.{key}"
    if first["type"] == "extra_forbidden":
        return ParamsError(
            f"unknown key {key} in section {name}",
            where=where,
            expected=closest(key, list(model.model_fields)),
            got=key,
            do=f"mend or delete {name}.{key} in {FILE}",
        )
    return ParamsError(
        f"{name}.{key} is not usable",
        where=where,
        expected=_expected(first),
        got=repr(first["input"]),
        do=f"mend {name}.{key} in {FILE}",
    )
