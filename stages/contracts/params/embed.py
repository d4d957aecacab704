"""`embed`: how the vectors are computed, as far as it changes them."""

from typing import Literal

from stages.contracts.params.base import Section


class Params(Section):
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """auto: bfloat16 where the processor has it and the vectors stay the same (cosine 0.999), else float32"""
