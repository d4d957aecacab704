"""`outliers`: the neighbours that count, and the false-discovery rate."""

from pydantic import Field

from stages.contracts.params.base import Section


class Params(Section):
    neighbors: int = Field(default=10, ge=1, le=100)
    false_discovery_rate: float = Field(default=0.1, gt=0, lt=1)
