"""`machine`: what the work runs on. Nothing here may change a table, so no stage lists it as a DVC param."""

from typing import Literal

from pydantic import Field

from stages.contracts.params.base import Section
from stages.contracts.vocabulary import Engine


class Params(Section):
    engine: Literal["local", "ray"] = "local"
    """ray: ingest, measure, embed, connect and deduplicate on a cluster"""
    ray_address: str | None = None
    """ray: of the cluster's head; null: the environment's RAY_ADDRESS, or a cluster on this machine"""
    shards: str | None = Field(default=None, pattern="^s3://.")
    """where measures and vectors of each content are kept; null: .winnow/cache"""
    runtime: Literal["auto", "torch", "openvino"] = Engine.AUTO.value
    """what runs the forward pass; auto: OpenVINO on a CPU, torch on a GPU"""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    workers: int | None = Field(default=None, ge=1)
    """threads that read and decode; null: one a processor. ray: of each worker; null: one a processor of a node"""
    batch: int = Field(default=32, ge=1)
    """images in one go; lower it when a GPU's memory runs out"""
