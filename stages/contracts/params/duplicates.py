"""`duplicates`: when two pictures are copies, and which one is proposed to stay."""

from pydantic import Field

from stages.contracts.params.base import Section


class Params(Section):
    propose_cosine: float = Field(default=0.80, ge=-1, le=1)
    propose_neighbors: int = Field(default=10, ge=1, le=200)
    propose_phash: int = Field(default=64, ge=0, le=256)
    threshold: float = Field(default=0.30, gt=0, le=1)
