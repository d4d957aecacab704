"""What every way of choosing gives back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Chosen:
    """Rows that were chosen.

    rows : (m,) int, distinct.
    reasons : (m,) a few words each.
    told : how well the choice does by its own measure, in words.
    is_ranked : the rows are in order, and every beginning of them is what would have been chosen for that many.
    """

    rows: np.ndarray
    reasons: list[str]
    told: str
    is_ranked: bool
