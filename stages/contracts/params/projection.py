"""`map`: the drawing."""

from pydantic import Field

from stages.contracts.params.base import Section


class Params(Section):
    neighbors: int = Field(default=15, ge=2, le=200)
    min_dist: float = Field(default=0.1, ge=0, le=1)
    seed: int = Field(default=0, ge=0)
