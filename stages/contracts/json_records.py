"""Records that are not tables: one JSON file, checked on every read; the same record gives the same bytes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from pydantic import BaseModel, ValidationError

from stages.contracts.errors import TableError

Record = TypeVar("Record", bound=BaseModel)


def write_text(path: Path, text: str) -> None:
    """Write a file, and the folders above it, in one rename: a reader finds the old text or the new one, never a part.

    The temporary file has a name of its own, since several processes may write the same file at once.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{uuid4().hex}.partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


def write_json(record: BaseModel, path: Path) -> None:
    """Write the record in one rename; the same record gives the same bytes."""
    write_text(path, json.dumps(record.model_dump(), indent=2, sort_keys=True) + "\n")


def read_json(model: type[Record], path: Path, absent: str, made_by: str) -> Record:
    """The record in `path`.

    Parameters
    ----------
    absent : what it means that there is no such file.
    made_by : the stage that writes it.

    Raises
    ------
    TableError : there is none, or it is not understood.
    """
    try:
        return model.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TableError(absent, where=path, do=f"dvc repro {made_by}") from None
    except (ValidationError, UnicodeDecodeError) as error:
        problem = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": "text in UTF-8"}
        raise TableError(
            f"{path.name} is not understood",
            where=f"{path}, {'.'.join(map(str, problem['loc'])) or 'the whole of it'}",
            expected=problem["msg"],
            do=f"dvc repro --force {made_by}",
        ) from None
