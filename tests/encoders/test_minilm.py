"""MiniLM in numpy is MiniLM."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from stages.encoders import minilm
from stages.encoders.minilm import DIM, LONGEST, MiniLM

SENTENCES = [
    "hard hat",
    "a",
    "x" * 3_000,
    "the red cat on the carpet " * 60,
    "Crème brûlée, 42 °C; naïve 猫!",
    "a sentence of some length about nothing in particular",
]


@pytest.fixture(scope="module")
def found() -> np.ndarray:
    return MiniLM()(SENTENCES)


def test_vectors_are_those_of_transformers(found: np.ndarray) -> None:
    tokenizer, model = AutoTokenizer.from_pretrained(minilm._folder()), AutoModel.from_pretrained(minilm._folder())
    for sentence, row in zip(SENTENCES, found, strict=True):
        tokens = tokenizer([sentence], truncation=True, max_length=LONGEST, return_tensors="pt")
        with torch.inference_mode():
            mean = model.eval()(**tokens).last_hidden_state.mean(1)[0].numpy()
        np.testing.assert_allclose(row, mean / np.linalg.norm(mean), atol=2e-6)
        assert MiniLM().count_tokens([sentence]) == [len(tokenizer(sentence)["input_ids"])]


def test_rows_come_in_the_order_asked_and_do_not_depend_on_their_neighbours(found: np.ndarray) -> None:
    again = MiniLM()
    for place in (3, 0, 4):
        np.testing.assert_allclose(again([SENTENCES[place]])[0], found[place], atol=1e-6)
    np.testing.assert_allclose(again(SENTENCES[::-1])[::-1], found, atol=1e-6)


def test_more_sentences_than_go_through_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = MiniLM()(["cat", "dog", "hat"] * 3)
    monkeypatch.setattr(minilm, "AT_ONCE", 6)
    np.testing.assert_allclose(MiniLM()(["cat", "dog", "hat"] * 3), whole, atol=1e-6)


def test_no_sentence_gives_no_row() -> None:
    assert MiniLM()([]).shape == (0, DIM)


def test_the_parts_of_a_word() -> None:
    assert MiniLM().pieces("cat") == ["cat"]
    assert len(MiniLM().pieces("zxcv")) > 2
