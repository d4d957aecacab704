"""`data/encoder.json`: which encoder the vectors are made with, and why that one."""

from __future__ import annotations

import json
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from stages.contracts.errors import TableError

PATH = "data/encoder.json"


class EncoderRecord(BaseModel):
    """The encoder that `fetch` resolved. No absolute path of the machine is in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    """clip or packaged"""
    model: str
    """hub id, folder as written in params.yaml, or the package's name"""
    requested: str
    """encoder.model of params.yaml"""
    revision: str
    """commit of the hub, or the package's version"""
    weights_sha256: str
    weights_format: str
    """safetensors, or bin (read with weights_only)"""
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


def write_record(record: EncoderRecord, root: Path = Path()) -> None:
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
        raise TableError("encoder.json is not understood", where=path, got=error, do="dvc repro --force fetch") from error
