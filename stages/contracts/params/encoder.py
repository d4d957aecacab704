"""`encoder`: which image-text encoder, and what to use where it cannot be had."""

from typing import Annotated, Literal

from pydantic import Field

from stages.contracts.params.base import Section


class Params(Section):
    model: Annotated[str, Field(min_length=1)] = "openai/clip-vit-base-patch32"
    """hub id, local folder (starting with ./, ../, / or ~), or `packaged`"""
    revision: str | None = None
    """commit, tag or branch of the hub; null: the newest at first, then the one that made the present vectors"""
    fallback: Literal["packaged"] | None = "packaged"
    """used when the model cannot be had; null fails instead"""
