"""`machine`: what the work runs on. Nothing here may change a table, so no stage lists it as a DVC param."""

from typing import Literal

from pydantic import Field

from stages.contracts.params.base import Section
from stages.contracts.vocabulary import Engine


class Params(Section):
    engine: Literal["local"] = "local"
    runtime: Literal["auto", "torch", "openvino"] = Engine.AUTO.value
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    workers: int | None = Field(default=None, ge=1)
    batch: int = Field(default=32, ge=1)
    memory_gb: float = Field(default=2.0, gt=0)
