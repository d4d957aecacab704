"""`demo`: the planted data set that ships with Winnow."""

from pydantic import Field

from stages.contracts.params.base import Section


class Params(Section):
    images: int = Field(default=300, ge=300, le=500)
    seed: int = Field(default=0, ge=0)
