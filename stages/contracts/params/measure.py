"""`measure`: thresholds of the quality issues, and the size of thumbnails.

A picture has an issue when its score (0 worst, 1 best) is under the issue's threshold; `null` switches an issue off.
Raising a threshold flags more pictures. How the scores are made is told in ``stages/core/quality.py``.
"""

from typing import Annotated

from pydantic import Field

from stages.contracts.params.base import Section

Threshold = Annotated[float, Field(ge=0, le=1)] | None


class Params(Section):
    dark: Threshold = 0.39
    """brightness that 99 % of the picture stays under: what white is in a picture taken three stops too dark, in sRGB;
    cleanvision's 0.32 is three and a half"""
    bright: Threshold = 0.25
    """how far from white the darkest 5 % reach: under this, the picture lies in the lightest quarter of the scale; what
    is over-exposed counts besides"""
    blurry: Threshold = 0.42
    """1 / (1 + r), r the blur's radius in pixels of a picture of 640 pixels diagonal. 0.42 is r = 1.38, 1/460 of the
    diagonal: a copy of 224 pixels then keeps 4 % of the contrast of the finest detail that it could hold"""
    low_information: Threshold = 0.375
    """entropy of the luminance, of 8 bits; 3 bits as in cleanvision, but with the noise averaged away first"""
    odd_aspect: Threshold = 0.35
    """shorter side / longer side; cleanvision's threshold"""
    odd_size: Threshold = 0.5
    """0.5 is Tukey's far-out fence (three interquartile ranges) on sizes as ratios, and at least a factor of four"""
    grayscale: Threshold = 0.5
    """0.5 is a chroma of 0.02, five grey levels between the channels: about where colour begins to be seen"""
    thumbnail_size: int = Field(default=320, ge=64, le=512)
    """longer side, pixels; duplicates are verified on thumbnails, and under 256 some are missed"""
