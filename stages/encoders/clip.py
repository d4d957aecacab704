"""`clip`: any image-text dual encoder that transformers loads (CLIP, SigLIP, ...), from a folder.

Preprocessing is the checkpoint's own, by transformers' Pillow processor; only its last step, normalising, is
done inside the image tower, so that pictures travel as bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stages.contracts.identity import digest
from stages.contracts.params import machine
from stages.encoders.clip_loading import (
    Facts,
    image_tower,
    load_model,
    load_processor,
    load_tokenizer,
    pooled,
    square_of,
)
from stages.encoders.forward import Forward
from stages.encoders.interface import mean_of_groups, unit

if TYPE_CHECKING:
    import transformers

GROUP = 8
"""pictures in one pass on a CPU; a transformer's matrices are too small for one picture to fill it"""
TEXTS_AT_ONCE = 64
PADDED_TO_THE_END = ("siglip", "siglip2")
"""model types whose text tower was trained with every text padded to the full length"""


class ClipEncoder:
    """An image-text dual encoder in transformers' format.

    Parameters
    ----------
    folder : holds config.json, preprocessor, tokenizer and weights.
    weights_sha256 : of the weights, as `fetch` found it.
    facts : as `inspect` found them.
    """

    def __init__(
        self, folder: Path, weights_sha256: str, facts: Facts, *, precision: str, wish: machine.Params, root: Path
    ) -> None:
        self.folder = folder
        self.dim = facts.dim
        self.input_size = min(facts.height, facts.width)
        self.processor = load_processor(folder)
        identity = {
            "kind": "clip",
            "weights": weights_sha256,
            "config": digest((folder / "config.json").read_bytes()),
            "preprocessing": self.processor.to_dict(),
        }
        self.forward = Forward(
            # A model of its own, which is let go once OpenVINO has the image tower; texts load another when they come.
            lambda: image_tower(load_model(folder), self.processor),
            identity,
            (facts.height, facts.width),
            GROUP,
            facts.dim,
            precision=precision,
            wish=wish,
            root=root,
        )

    @property
    def engine(self) -> str:
        return str(self.forward.plan)

    @property
    def fingerprint(self) -> str:
        return self.forward.fingerprint

    @property
    def logit_scale(self) -> float:
        return float(self._model.logit_scale.detach().exp())

    def preprocess(self, pixels: np.ndarray) -> np.ndarray:
        """A picture (h, w, 3) uint8, resized and cropped as the checkpoint says: (height, width, 3) uint8."""
        return square_of(self.processor, pixels)

    def image_features(self, pixels: np.ndarray) -> np.ndarray:
        """Pictures (n, height, width, 3) uint8 -> (n, dim) float32, unit rows."""
        return self.forward(pixels)

    def text_features(self, texts: Sequence[str]) -> np.ndarray:
        """Texts -> (n, dim) float32, unit rows."""
        parts = [self._texts(list(texts[at : at + TEXTS_AT_ONCE])) for at in range(0, len(texts), TEXTS_AT_ONCE)]
        return np.concatenate([np.empty((0, self.dim), np.float32), *parts])

    def prompt_features(self, groups: Sequence[Sequence[str]]) -> np.ndarray:
        """Groups of texts that mean the same (n) -> (n, dim) float32, unit rows: the mean of their features."""
        return mean_of_groups(groups, self.text_features)

    @property
    def longest_text(self) -> int:
        return self._model.config.text_config.max_position_embeddings

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(tokens) for tokens in self._tokenizer(list(texts), verbose=False)["input_ids"]]

    def strange_words(self, texts: Sequence[str]) -> list[str]:
        """None: whatever the checkpoint was trained on, its own vectors do not tell."""
        return []

    def _texts(self, texts: list[str]) -> np.ndarray:
        import torch

        config = self._model.config
        tokens = self._tokenizer(
            texts,
            padding="max_length" if config.model_type in PADDED_TO_THE_END else True,
            truncation=True,
            max_length=self.longest_text,
            return_tensors="pt",
        )
        with torch.inference_mode():
            return unit(pooled(self._model.get_text_features(**tokens)).float().numpy())

    @cached_property
    def _model(self) -> transformers.PreTrainedModel:
        return load_model(self.folder)

    @cached_property
    def _tokenizer(self) -> transformers.PreTrainedTokenizerBase:
        return load_tokenizer(self.folder)
