"""Labels and names as vectors, asked for once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from stages.contracts.encoder_record import EncoderRecord
from stages.encoders.interface import mean_of_groups, unit
from stages.encoders.questions import labels_asked, names_asked
from tests.encoder_records import CLIP


class Spelling:
    """A text's vector counts its letters; knows what it was asked."""

    dim = 26
    logit_scale = 50.0

    def __init__(self) -> None:
        self.read: list[str] = []

    def text_features(self, texts: Sequence[str]) -> np.ndarray:
        self.read += texts
        counts = [[text.lower().count(chr(97 + letter)) for letter in range(self.dim)] for text in texts]
        return unit(np.array(counts, float).reshape(-1, self.dim))

    def prompt_features(self, groups: Sequence[Sequence[str]]) -> np.ndarray:
        return mean_of_groups(groups, self.text_features)


def record(weights: str = "w") -> EncoderRecord:
    return CLIP.model_copy(update={"model": "spelling", "dim": 26, "input_size": 8, "weights_sha256": weights})


def test_a_label_is_the_mean_over_synonyms_and_templates(tmp_path: Path) -> None:
    asked = labels_asked({"cat": ["cat", "kitty"], "x_y": []}, ["{}", "a {}"], Spelling(), record(), tmp_path)
    vectors = Spelling().text_features(["cat", "a cat", "kitty", "a kitty"])
    assert asked.names == ("cat", "x_y")
    assert asked.logit_scale == 50
    np.testing.assert_allclose(asked.texts[0], unit(vectors.mean(axis=0)[None])[0], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(asked.texts, axis=1), 1, atol=1e-6)


def test_what_was_asked_once_is_not_read_again(tmp_path: Path) -> None:
    encoder = Spelling()
    first = names_asked(["dog", "cat", "dog"], encoder, record(), tmp_path)
    again = names_asked(["dog", "cat"], encoder, record(), tmp_path)
    assert first.names == ("dog", "cat")
    assert encoder.read == ["dog", "cat"]
    np.testing.assert_array_equal(first.texts, again.texts)
    names_asked(["dog", "cat"], encoder, record("other weights"), tmp_path)
    assert len(encoder.read) == 4


@pytest.mark.parametrize("count", [0, 1, 1_000])
def test_any_number_of_names(tmp_path: Path, count: int) -> None:
    names = [f"{chr(97 + number % 26)}{number}" for number in range(count)]
    assert names_asked(names, Spelling(), record(), tmp_path).texts.shape == (count, 26)


def test_the_mean_of_no_groups_is_empty() -> None:
    assert mean_of_groups([], Spelling().text_features).shape == (0, 26)
