"""`index`: when a search may look at a part of the vectors only, and how much it may miss."""

from pydantic import Field

from stages.contracts.params.base import Section


class Params(Section):
    exact_below: int = Field(default=100_000, ge=1_000)
    """contents from which a search goes through cells of vectors instead of all of them"""
    recall: float = Field(default=0.98, gt=0, le=1)
    """share of the ten nearest that such a search has to find, measured when the cells are made"""
