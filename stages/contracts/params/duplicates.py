"""`duplicates`: which pictures are looked at, when two are copies, and which one is proposed to stay.

`propose_*` only decide which pairs are looked at: looser finds more and takes longer (some 3 ms a pair), and
lets no wrong pair in. `threshold` is the share of what the two pictures show that is the same in both, one laid on
the other; a caption over a fifth of the content leaves 0.8. Where too few local features say how one lies on the
other (tiny, flat or blurred pictures), `threshold_pixels` holds instead: the pixels have to carry the whole proof.

`threshold: auto` takes the one that `calibrate` found: `DEFAULT_THRESHOLD`, unless the user's own images speak
against it.
"""

from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from stages.contracts.params.base import Section

DEFAULT_THRESHOLD = 0.60
AUTO = "auto"


def _auto_or_share(value: object) -> object:
    if value == AUTO or (type(value) in (int, float) and 0 < value <= 1):
        return value
    raise ValueError("auto, or a number over 0 and up to 1")


class Params(Section):
    propose_cosine: float = Field(default=0.75, ge=-1, le=1)
    propose_neighbors: int = Field(default=10, ge=1, le=200)
    propose_phash: int = Field(default=80, ge=0, le=256)
    patience: int | None = Field(default=3_000, ge=100)
    """pairs without a copy among them, the likeliest first, after which the rest is not looked at; None looks at all"""
    threshold: Annotated[float | Literal["auto"], PlainValidator(_auto_or_share)] = AUTO
    threshold_pixels: float = Field(default=0.90, gt=0, le=1)
