"""Records that are no tables: one JSON file, checked on every read, the same bytes for the same record."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from stages.contracts.errors import TableError

Record = TypeVar("Record", bound=BaseModel)


def write_json(record: BaseModel, path: Path) -> None:
    """Write the record in one rename; the same record gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(record.model_dump(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(partial, path)


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
