"""`machine`: what the work runs on. Nothing here may change a table, so no stage lists it as a DVC param."""

from typing import Literal

from pydantic import Field

from stages.contracts.params.base import Section
from stages.contracts.vocabulary import Engine


class Params(Section):
    engine: Literal["local"] = "local"
    runtime: Literal["auto", "torch", "openvino"] = Engine.AUTO.value
    """what runs the forward pass; auto: OpenVINO on a CPU, torch on a GPU"""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    workers: int | None = Field(default=None, ge=1)
    """threads that read and decode; null: one a processor"""
    batch: int = Field(default=32, ge=1)
    """images in one go; lower it when a GPU's memory runs out"""
