"""`data/encoder.json`: which encoder the vectors are made with, and why that one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from stages.contracts.errors import TableError

PATH = "data/encoder.json"


class EncoderRecord(BaseModel):
    """The encoder that `fetch` resolved. No absolute path of the machine is in it, and no clock."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["clip", "packaged"]
    source: Literal["hub", "folder", "package"]
    """where the weights come from"""
    model: str
    """hub id, name of the folder, or the package's name"""
    requested: str
    """what params.yaml asks for: encoder.model, and encoder.revision where one is given"""
    revision: str
    """commit of the hub, hash of the folder's files, or the package's version"""
    weights_sha256: str
    weights_format: Literal["safetensors", "bin"]
    """bin is read by torch with weights_only"""
    dim: int
    input_size: int
    """side of the square that the image tower takes, pixels"""
    licence: str
    is_fallback: bool
    why: str
    """one sentence: why this encoder"""

    @property
    def encoder_id(self) -> str:
        return f"{self.kind}:{self.model}@{self.revision[:12]}"


def asked_for(model: str, revision: str | None) -> str:
    """What params.yaml asks for, without any path of this machine: the record's `requested`."""
    name = Path(model).name if model.startswith("~") or Path(model).is_absolute() else model
    return f"{name}@{revision}" if revision else name


def write_record(record: EncoderRecord, root: Path = Path()) -> None:
    """Write the record in one rename; the same record gives the same bytes."""
    path = root / PATH
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(record.model_dump(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(partial, path)


def read_record(root: Path = Path()) -> EncoderRecord:
    """
    Raises
    ------
    TableError : there is none, or it is not understood.
    """
    path = root / PATH
    try:
        return EncoderRecord.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TableError("the encoder is not resolved yet", where=path, do="dvc repro fetch") from None
    except ValidationError as error:
        problem = error.errors()[0]
        raise TableError(
            "encoder.json is not understood",
            where=f"{path}, {'.'.join(map(str, problem['loc'])) or 'the whole of it'}",
            expected=problem["msg"],
            do="dvc repro --force fetch",
        ) from None
