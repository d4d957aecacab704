"""`report`: how much the pages show."""

from pydantic import Field

from stages.contracts.params.base import Section


class Params(Section):
    title: str = "Winnow"
    gallery_limit: int = Field(default=400, ge=10, le=5000)
    members_per_cluster: int = Field(default=60, ge=1, le=500)
