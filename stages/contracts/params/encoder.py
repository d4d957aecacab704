"""`encoder`: which image-text encoder, and what to use where it cannot be had."""

from typing import Literal

from stages.contracts.params.base import Section


class Params(Section):
    model: str = "openai/clip-vit-base-patch32"
    revision: str | None = None
    fallback: Literal["packaged"] | None = "packaged"
    allow_fallback_over: str | None = None
