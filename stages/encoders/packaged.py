"""`packaged`: an encoder that comes with pip and needs no hub.

Image tower: see `packaged_network`. Text tower: see `packaged_text`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stages.contracts.params import machine
from stages.core.resampling import centre_square
from stages.encoders import packaged_graph
from stages.encoders.forward import Forward, Parts
from stages.encoders.packaged_network import DIM, INPUT_SIZE, image_tower, weights_file
from stages.encoders.packaged_weights import Network, network, read_weights

if TYPE_CHECKING:
    from stages.encoders.packaged_text import PackagedText

LOGIT_SCALE = 33.0
"""median length of a photo's features times that of the classifier's rows: cosines become the network's own logits"""
PREPROCESSING = "centre square, antialiased bicubic to 224 in float32, (x - 127) / 128"
GROUP = 1


class PackagedEncoder:
    """EfficientNet-Lite0 for pictures, MiniLM and what is known of the ImageNet classes for texts.

    Parameters
    ----------
    weights_sha256 : of the image tower's weights, as `fetch` found it.
    """

    dim = DIM
    input_size = INPUT_SIZE
    logit_scale = LOGIT_SCALE

    def __init__(self, weights_sha256: str, *, precision: str, wish: machine.Params, root: Path) -> None:
        self.root = root
        self.forward = Forward(
            image_tower,
            {
                "kind": "packaged",
                "weights": weights_sha256,
                "preprocessing": PREPROCESSING,
                "graph": packaged_graph.VERSION,
            },
            (INPUT_SIZE, INPUT_SIZE),
            GROUP,
            DIM,
            precision=precision,
            wish=wish,
            root=root,
            parts=self._parts,
            reference=packaged_graph.reference,
        )

    def _parts(self, precision: str) -> Parts:
        if precision == "float32":
            return [(precision, lambda group: packaged_graph.graph(self._network, group))]
        exact = packaged_graph.EXACT_BLOCKS
        return [
            ("float32", lambda group: packaged_graph.graph(self._network, group, stop=exact)),
            (precision, lambda group: packaged_graph.graph(self._network, group, start=exact)),
        ]

    @property
    def _network(self) -> Network:
        return network(read_weights(weights_file()))

    @property
    def engine(self) -> str:
        return str(self.forward.plan)

    @property
    def fingerprint(self) -> str:
        return self.forward.fingerprint

    def preprocess(self, pixels: np.ndarray) -> np.ndarray:
        """The centre square of a picture (h, w, 3), as (224, 224, 3) uint8."""
        return centre_square(pixels, INPUT_SIZE)

    def image_features(self, pixels: np.ndarray) -> np.ndarray:
        """Pictures (n, 224, 224, 3) uint8 -> (n, 1280) float32, unit rows."""
        return self.forward(pixels)

    def text_features(self, texts: Sequence[str]) -> np.ndarray:
        """Texts -> (n, 1280) float32, unit rows in the space of the pictures."""
        return self._text([[text] for text in texts])

    def prompt_features(self, groups: Sequence[Sequence[str]]) -> np.ndarray:
        """Groups of texts that mean the same (n) -> (n, 1280) float32, unit rows."""
        return self._text(groups)

    @property
    def longest_text(self) -> int:
        from stages.encoders.minilm import LONGEST

        return LONGEST

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._text.minilm.count_tokens(texts)

    def strange_words(self, texts: Sequence[str]) -> list[str]:
        return self._text.strange_words(texts)

    @cached_property
    def _text(self) -> PackagedText:
        from stages.encoders.packaged_text import PackagedText

        return PackagedText()
