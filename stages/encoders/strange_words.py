"""Words of a text that look like none: what the packaged encoder says of them means little, and it cannot refuse them.

MiniLM makes a vector of any letters. Its tokenizer knows 30,000 words and word parts, and cuts what it does not know
into the longest parts that it does: rare words into two or three, mere letters into many short ones. Neither that nor
the distance to the nearest text that was learned from tells enough; both together do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from stages.encoders.minilm import MiniLM

SHORTEST_WORD = 4
"""letters; shorter ones are abbreviations as often as not"""
LETTERS_A_PIECE = 2.0
NEAREST = 0.5
"""Cosine to the nearest of the 5,000 texts. With these two, 72 % of 300 words of random letters and 61 % of 200 typed
along one row of keys are told, and 5 % of 73 rare names of things that the tokenizer has to cut (kilt, rhubarb);
it cuts few. Whether a name that nobody has given to anything, such as "blicket", sounds like one, is not asked."""

UNKNOWN = "[UNK]"


def strange_words(texts: Sequence[str], minilm: MiniLM, known: np.ndarray) -> list[str]:
    """Each once, in the order of the texts.

    Parameters
    ----------
    known : (m, 384) unit vectors of what was learned from.
    """
    words = dict.fromkeys(word for text in texts for word in re.findall(r"[^\W\d_]+", text))
    cut = [word for word in words if len(word) >= SHORTEST_WORD and _is_crumbled(word, minilm)]
    if not cut:
        return []
    nearest = (minilm(cut) @ known.T).max(axis=1)
    return [word for word, cosine in zip(cut, nearest, strict=True) if cosine < NEAREST]


def _is_crumbled(word: str, minilm: MiniLM) -> bool:
    parts = [(part, minilm.pieces(part)) for part in minilm.spaced(word).split()]
    return any(
        pieces == [UNKNOWN] or (len(pieces) > 1 and len(part) <= LETTERS_A_PIECE * len(pieces))
        for part, pieces in parts
    )
