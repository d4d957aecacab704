"""`data`: which images, and what their folders mean."""

from typing import Literal

from pydantic import Field

from stages.contracts.params.base import Section


class Params(Section):
    source: str = "data/demo"
    labels: Literal["folders", "none"] = "folders"
    max_pixels: int = Field(default=200_000_000, ge=1_000_000)
