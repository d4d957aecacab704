"""The stage `classify` with vectors at random for the texts: a mixture has no encoder that could read any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from stages import classify
from stages.contracts.params.classify import Params
from stages.contracts.schemas.embeddings import read_embeddings
from stages.encoders.imagenet_words import class_names, vocabulary
from stages.encoders.questions import Question
from tests.benchmarks.mixture import unit

LOGIT_SCALE = 100.0
"""CLIP's."""


def ask(params: Params, images: pd.DataFrame, root: Path = Path()) -> classify.Asked:
    """As many labels and names as there would be."""
    dim = read_embeddings(root).vectors.shape[1]
    rng = np.random.default_rng(0)
    labels = sorted(images["label"].dropna().unique())
    names = list(dict.fromkeys([*vocabulary(), *labels]))
    own, anything, all_names = (unit(rng.normal(size=(len(of), dim))) for of in (labels, class_names(), names))
    return classify.Asked(
        Question(tuple(labels), own, LOGIT_SCALE), anything, Question(tuple(names), all_names, LOGIT_SCALE)
    )


if __name__ == "__main__":
    classify.ask = ask
    classify.main()
