"""What pictures are asked: labels and names as vectors of the encoder's space, kept, as they cost seconds to make."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stages.contracts.encoder_record import EncoderRecord
from stages.contracts.identity import digest_of
from stages.core.zero_shot import prompts
from stages.encoders.interface import Encoder

CACHE = ".winnow/encoders/texts"
VERSION = 3
"""of how texts become vectors here; another one is computed anew"""


@dataclass(frozen=True, eq=False)
class Question:
    """Names and their vectors (n, d), unit rows; what a cosine is multiplied with before the softmax."""

    names: tuple[str, ...]
    texts: np.ndarray
    logit_scale: float


def labels_asked(
    labels: Mapping[str, Sequence[str]], templates: Sequence[str], encoder: Encoder, record: EncoderRecord, root: Path
) -> Question:
    """The labels, each averaged over its synonyms and the templates.

    Parameters
    ----------
    labels : what each one goes by.

    Raises
    ------
    EncoderError : the encoder cannot read one of them.
    """
    groups = [prompts(label, synonyms, templates) for label, synonyms in labels.items()]
    return Question(tuple(labels), _kept(groups, encoder, record, root), encoder.logit_scale)


def names_asked(names: Sequence[str], encoder: Encoder, record: EncoderRecord, root: Path) -> Question:
    """Names as they stand, each once."""
    names = list(dict.fromkeys(names))
    return Question(tuple(names), _kept([[name] for name in names], encoder, record, root), 1.0)


def _kept(groups: list[list[str]], encoder: Encoder, record: EncoderRecord, root: Path) -> np.ndarray:
    key = digest_of({"groups": groups, "encoder": record.kind, "weights": record.weights_sha256, "version": VERSION})
    path = root / CACHE / f"{key}.npy"
    if not path.exists():
        found = encoder.prompt_features(groups)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npy")
        np.save(partial, found)
        os.replace(partial, path)
    return np.load(path)
