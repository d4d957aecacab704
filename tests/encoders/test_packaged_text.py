"""English words in the space of EfficientNet's pictures."""

from __future__ import annotations

import numpy as np
import pytest

from stages.contracts.errors import EncoderError
from stages.encoders import packaged_words
from stages.encoders.imagenet_words import broader_terms, class_terms
from stages.encoders.interface import unit
from stages.encoders.minilm import DIM, MiniLM
from stages.encoders.packaged_text import PackagedText, _kernel, classifier_rows, solved, taught


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM()


@pytest.fixture(scope="module")
def text() -> PackagedText:
    return PackagedText()


def test_the_kept_vectors_are_those_of_minilm(minilm: MiniLM) -> None:
    """A sample: reading all of it takes a minute."""
    kept, texts = packaged_words.read(), packaged_words.texts()
    assert set(kept) == set(texts)
    for name, groups in texts.items():
        assert len(kept[name]) == len(groups)
        some = range(0, len(groups), len(groups) // 4)
        for place in some:
            mean = minilm(groups[place]).mean(axis=0)
            assert mean @ kept[name][place] / np.linalg.norm(mean) > 0.999, (name, groups[place])


def test_vectors_are_written_as_they_are_read(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(4, DIM))
    monkeypatch.setattr(packaged_words, "texts", lambda: {"names": [["a"], ["b", "c"]]})
    monkeypatch.setattr(packaged_words, "FILE", tmp_path / "data" / "words.npz")
    rows = dict(zip("abc", vectors / np.linalg.norm(vectors, axis=1, keepdims=True), strict=False))
    packaged_words.write(packaged_words.FILE, lambda texts: np.stack([rows[text] for text in texts]))
    found = packaged_words.read()["names"]
    assert found[0] @ rows["a"] > 0.999
    assert found[1] @ (rows["b"] + rows["c"]) / np.linalg.norm(rows["b"] + rows["c"]) > 0.999


def test_the_kept_weights_are_those_that_are_solved_for(text: PackagedText) -> None:
    kept, exact = packaged_words.read_weights(), solved(packaged_words.read())
    assert kept.shape == exact.shape
    assert ((kept * exact).sum(axis=1) / np.linalg.norm(kept, axis=1) / np.linalg.norm(exact, axis=1)).min() > 0.99999
    read = text._described(["hard hat", "a hound on a lead", "wedding", "drone shot of a city"])
    known, middle = taught(packaged_words.read())
    close = _kernel(unit(read - middle), known)
    assert (unit(close @ kept) * unit(close @ exact)).sum(axis=1).min() > 0.9999


def test_the_kept_directions_are_those_that_are_learned(text: PackagedText) -> None:
    """All of them: half a second, as MiniLM's vectors of them are kept too."""
    kept = packaged_words.read_directions()
    learned = text.learned([[name] for name in kept])
    assert (np.stack(list(kept.values())) * learned).sum(axis=1).min() > 0.9999


def test_kept_and_learned_texts_come_in_the_order_asked(text: PackagedText) -> None:
    mixed = text([["dog"], ["a hound on a lead"], ["cat"], ["dog", "hound"]])
    np.testing.assert_array_equal(mixed[[0, 2]], text([["dog"], ["cat"]]))
    np.testing.assert_allclose(mixed[[1, 3]], text.learned([["a hound on a lead"], ["dog", "hound"]]), atol=1e-5)


def test_every_class_name_is_nearest_to_its_own_direction(text: PackagedText) -> None:
    some = range(0, 1000, 7)
    found = text([[class_terms()[row].name] for row in some])
    ranks = (found @ classifier_rows().T).argsort(axis=1)[:, ::-1]
    first = np.mean([row in ranks[place, :1] for place, row in enumerate(some)])
    assert first > 0.95


def test_a_broader_word_lies_among_the_classes_under_it(text: PackagedText) -> None:
    terms = {term.name: term for term in broader_terms()}
    for name in ("dog", "fruit", "bird", "boat"):
        best = (text([[name]]) @ classifier_rows().T)[0].argsort()[::-1][:3]
        assert set(best) <= set(terms[name].classes), name


def test_words_of_no_class_find_their_kind(text: PackagedText) -> None:
    """None of them is among the names that were learned from."""
    for word, kin in {"hound": "dog", "raincoat": "trench coat", "motorbike": "motorcycle"}.items():
        alike, other = text([[kin]])[0], text([["broccoli"]])[0]
        found = text([[word]])[0]
        assert found @ alike > 0.3 > found @ other, word


def test_synonyms_are_averaged(text: PackagedText) -> None:
    cat, dog, both = text([["cat"], ["dog"], ["cat", "dog"]])
    assert cat @ both > cat @ dog < dog @ both
    np.testing.assert_allclose(text([["dog", "cat"]])[0], both, atol=1e-5)


def test_texts_are_unit_rows_and_none_give_none(text: PackagedText) -> None:
    found = text([["a dog"], ["x" * 3_000], ["7"]])
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert text([]).shape == (0, 1280)


@pytest.mark.parametrize("alien", ["猫", "Парк", "", "  ", "?!"])
def test_what_is_not_english_is_refused(text: PackagedText, alien: str) -> None:
    with pytest.raises(EncoderError, match="English only"):
        text([["dog"], [alien]])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("longsleeve", "long sleeve"),
        ("a firetruck", "a fire truck"),
        ("starfish", "starfish"),
        ("cell phone", "cell phone"),
        ("t-shirt", "t-shirt"),
        ("cat", "cat"),
        ("qqqqqqqq", "qqqqqqqq"),
    ],
)
def test_compounds_are_cut_where_the_tokenizer_would_cut_amiss(minilm: MiniLM, word: str, expected: str) -> None:
    assert minilm.spaced(word) == expected


@pytest.mark.parametrize(
    ("texts", "strange"),
    [
        (["asdfqwer zxcv", "blorp"], ["asdfqwer", "zxcv", "blorp"]),
        (["xqzzt blarg", "a red xqzzt"], ["xqzzt", "blarg"]),
        (["parking lot", "a photo of a cat", "hard hat", "hoodie", "longsleeve", "scooter", "PCB", "café"], []),
        (["7", "", "猫 cat"], []),
        ([], []),
    ],
)
def test_words_that_look_like_none_are_named(text: PackagedText, texts: list[str], strange: list[str]) -> None:
    assert text.strange_words(texts) == strange


def test_most_random_letters_are_strange_and_hardly_a_rare_word_is(text: PackagedText) -> None:
    """None of the rare ones was looked at when the two thresholds were set."""
    rng = np.random.default_rng(7)
    letters = ["".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), size)) for size in rng.integers(5, 10, 60)]
    rare = """anvil barometer bassoon begonia billiards cantaloupe cardigan carousel cauliflower chisel clarinet
    cockatoo compost croquet crowbar cutlass dahlia decanter dulcimer easel escalator flamingo gargoyle gladiolus
    handcuffs harpoon hatchet hyena isthmus jackhammer javelin lasagna loincloth mandolin marigold minaret"""
    assert len(text.strange_words(letters)) > 0.6 * len(letters)
    assert len(text.strange_words([rare])) <= 0.1 * len(rare.split())
