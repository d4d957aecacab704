"""`calibrate`: how many of the user's images are altered, and how precise duplicates have to be."""

from pydantic import Field

from stages.contracts.params.base import Section


class Params(Section):
    sample: int = Field(default=64, ge=30, le=1000)
    """each gets half of the alterations or more, so that the figure of one rests on some 32 copies; fewer than 30
    pictures tell nothing"""
    precision: float = Field(default=0.99, gt=0, lt=1)
    seed: int = Field(default=0, ge=0)
