"""Words into the space of EfficientNet's pictures, through the names of the classes it was trained on.

The classifier's rows are directions in the space of the image features, one for each ImageNet class. What the classes
are called, what they are and how they look is known, and so are broader terms, whose direction is the mean of the
classes under them. MiniLM reads these texts, and a kernel ridge regression learns to tell the direction from the text:
the idea of DeViSE (Frome et al. 2013) and of Romera-Paredes & Torr 2015, with the classifier's rows in the place of
pictures. Rows are of unit length and centred, so that what all classes share, which says nothing about any of them,
drops out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from stages.contracts.errors import EncoderError
from stages.encoders import packaged_words
from stages.encoders.imagenet_words import broader_terms, class_terms
from stages.encoders.interface import mean_of_groups, unit
from stages.encoders.minilm import MiniLM
from stages.encoders.packaged_network import DIM, network
from stages.encoders.strange_words import strange_words

WIDTH = 0.4
"""of the kernel exp((cosine - 1) / WIDTH) between two texts; lower trusts the nearest text more"""
RIDGE = 0.3
"""With these two, the names of classes that were left out, a fifth at a time, came nearest to their own rows (of
widths 0.2 to 0.8 and ridges 0.3 to 3): the right one of 1,000 is the 10th in the median. With the average that
the softmax of the cosines over 0.2 weighs, it is the 27th."""

TAUGHT = ("names", "synonyms", "glosses", "descriptions")


class PackagedText:
    """Texts -> (n, 1280) float32, unit rows."""

    def __init__(self) -> None:
        self.minilm = MiniLM()

    def __call__(self, groups: Sequence[Sequence[str]]) -> np.ndarray:
        """Groups of texts that mean the same (n) -> (n, 1280), unit rows.

        The mean is taken of MiniLM's vectors: what several texts have in common is plainer there than among pictures,
        where a text of which little is known counts as much as another.

        Raises
        ------
        EncoderError : a text without a Latin letter or a digit, of which MiniLM knows nothing.
        """
        kept = {
            row: self._kept[group[0]] for row, group in enumerate(groups) if len(group) == 1 and group[0] in self._kept
        }
        others = [row for row in range(len(groups)) if row not in kept]
        found = np.empty((len(groups), DIM), np.float32)
        found[others] = self.learned([groups[row] for row in others])
        for row, direction in kept.items():
            found[row] = direction
        return found

    def learned(self, groups: Sequence[Sequence[str]]) -> np.ndarray:
        """The same, of names that are kept as well: what the kept ones were made with."""
        if not groups:
            return np.empty((0, DIM), np.float32)
        known, middle, weights = self._fitted
        read = unit(mean_of_groups(groups, self._described) - middle)
        return unit(_kernel(read, known) @ weights)

    @cached_property
    def _fitted(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Known texts (m, 384) centred and of unit length, what was taken off, and the weights (m, 1280)."""
        return *taught(self._words), packaged_words.read_weights()

    @cached_property
    def _words(self) -> dict[str, np.ndarray]:
        return packaged_words.read()

    @cached_property
    def _kept(self) -> dict[str, np.ndarray]:
        """Directions of the names that are asked for in every run."""
        return packaged_words.read_directions()

    @cached_property
    def _by_heart(self) -> dict[str, np.ndarray]:
        """MiniLM's vectors of the names that need not be read again."""
        names = [term.name for term in class_terms()], [term.name for term in broader_terms()]
        vectors = self._words["names"], self._words["broader_names"]
        return dict(zip([*names[1], *names[0]], [*vectors[1], *vectors[0]], strict=True))

    def strange_words(self, texts: Sequence[str]) -> list[str]:
        """See `strange_words`."""
        return strange_words(texts, self.minilm, np.concatenate(list(self._words.values())))

    def _described(self, texts: Sequence[str]) -> np.ndarray:
        """Texts (n) -> (n, 384)."""
        for text in texts:
            _must_be_readable(text)
        unknown = sorted({text for text in texts if text not in self._by_heart})
        found = dict(zip(unknown, self.minilm([self.minilm.spaced(text) for text in unknown]), strict=True))
        return np.stack([found[text] if text in found else self._by_heart[text] for text in texts])


def taught(words: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The vectors of what is learned from (m, 384), centred and of unit length; and what was taken off."""
    rows = np.concatenate([*(words[name] for name in TAUGHT), words["broader"]])
    middle = rows.mean(axis=0)
    return unit(rows - middle), middle


def classifier_rows() -> np.ndarray:
    """The classifier's rows (1000, 1280): of unit length, centred, and of unit length again."""
    rows = unit(network()._fc.weight.detach().numpy())
    return unit(rows - rows.mean(axis=0))


def solved(words: dict[str, np.ndarray]) -> np.ndarray:
    """The weights (m, 1280) that the regression learns: what `packaged_words` keeps."""
    from scipy.linalg import solve

    known, rows = taught(words)[0], classifier_rows()
    means = unit(np.stack([rows[list(term.classes)].mean(axis=0) for term in broader_terms()]))
    gram = _kernel(known, known)
    gram[np.diag_indices_from(gram)] += RIDGE
    return solve(gram, np.concatenate([*[rows] * len(TAUGHT), means]), assume_a="pos", overwrite_a=True)


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.exp((a @ b.T - 1) / WIDTH)


def _must_be_readable(text: str) -> None:
    if not any(letter.isascii() and letter.isalnum() for letter in text):
        raise EncoderError(
            "the packaged encoder reads English only",
            where="a text or label",
            got=text,
            do="write it in English, or set encoder.model to one that reads other languages",
        )
