"""`data/encoder.json`: which encoder the vectors are made with, and why that one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from stages.contracts.json_records import read_json, write_json

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
    write_json(record, root / PATH)


def read_record(root: Path = Path()) -> EncoderRecord:
    """The record, as `fetch` wrote it.

    Raises
    ------
    TableError : there is none, or it is not understood.
    """
    return read_json(EncoderRecord, root / PATH, "the encoder is not resolved yet", made_by="fetch")
