"""`measure`: thresholds of the quality issues, and the size of thumbnails.

A picture has an issue when its score is under the issue's threshold; `null` switches an issue off.
"""

from typing import Annotated

from pydantic import Field

from stages.contracts.params.base import Section

Threshold = Annotated[float, Field(ge=0, le=1)] | None


class Params(Section):
    dark: Threshold = 0.32
    bright: Threshold = 0.05
    blurry: Threshold = 0.4
    low_information: Threshold = 0.3
    odd_aspect: Threshold = 0.35
    odd_size: Threshold = 0.1
    grayscale: Threshold = 0.5
    thumbnail_size: int = Field(default=320, ge=64, le=512)
