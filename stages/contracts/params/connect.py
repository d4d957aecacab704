"""`connect`: the neighbour graph."""

from pydantic import Field

from stages.contracts.params.base import Section


class Params(Section):
    neighbors: int = Field(default=30, ge=1, le=200)
