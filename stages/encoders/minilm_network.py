"""MiniLM's network in numpy: BERT (Devlin et al. 2019) with six layers, 384 numbers wide.

Loading torch and transformers for a text of three words takes five seconds of processor; this, a tenth of one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

LAYERS = 6
HEADS = 12
EPSILON = 1e-12
"""Of the normalisation of a layer."""
ERF = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
ERF_SCALE = 0.3275911

Weights = dict[str, np.ndarray]


def read(path: Path) -> Weights:
    """The tensors of a safetensors file, by name."""
    from safetensors.numpy import load_file

    return load_file(path)


def states(tokens: np.ndarray, weights: Weights) -> np.ndarray:
    """Sentences of one length (n, length) int -> what the network makes of each token, (n, length, 384) float32."""
    words, places, kinds = (
        weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")
    )
    found = _normal(words[tokens] + places[: tokens.shape[1]] + kinds[0], weights, "embeddings.LayerNorm")
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        seen = _dense(_attended(found, weights, f"{name}.attention.self"), weights, f"{name}.attention.output.dense")
        found = _normal(found + seen, weights, f"{name}.attention.output.LayerNorm")
        wide = _gelu(_dense(found, weights, f"{name}.intermediate.dense"))
        found = _normal(found + _dense(wide, weights, f"{name}.output.dense"), weights, f"{name}.output.LayerNorm")
    return found


def _attended(given: np.ndarray, weights: Weights, name: str) -> np.ndarray:
    n, length, width = given.shape
    query, key, value = (
        _dense(given, weights, f"{name}.{part}").reshape(n, length, HEADS, -1).transpose(0, 2, 1, 3)
        for part in ("query", "key", "value")
    )
    logits = query @ key.transpose(0, 1, 3, 2) / np.float32((width / HEADS) ** 0.5)
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    return (shares @ value).transpose(0, 2, 1, 3).reshape(n, length, width)


def _dense(given: np.ndarray, weights: Weights, name: str) -> np.ndarray:
    return given @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def _normal(given: np.ndarray, weights: Weights, name: str) -> np.ndarray:
    apart = given - given.mean(axis=-1, keepdims=True)
    spread = np.sqrt((apart**2).mean(axis=-1, keepdims=True) + np.float32(EPSILON))
    return apart / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _gelu(given: np.ndarray) -> np.ndarray:
    return given * (1 + _erf(given / np.float32(2**0.5))) / 2


def _erf(given: np.ndarray) -> np.ndarray:
    """Within 1.5e-7 (Abramowitz & Stegun 1964, 7.1.26); numpy has none, and loading scipy would take longer."""
    size = np.abs(given)
    turned = 1 / (1 + np.float32(ERF_SCALE) * size)
    sum_ = np.zeros_like(turned)
    for factor in reversed(ERF):
        sum_ = (sum_ + np.float32(factor)) * turned
    return np.copysign(1 - sum_ * np.exp(-(size**2)), given)
