"""What folders mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.vocabulary import SPLITS
from stages.core.folders import Place, places


def place(path: str) -> tuple[str | None, str | None]:
    return tuple(places([path])[0])


@pytest.mark.parametrize(
    ("path", "label", "split"),
    [
        ("x.jpg", None, None),
        ("cat/x.jpg", "cat", None),
        ("cat/2024/x.jpg", "cat", None),
        ("train/x.jpg", None, "train"),
        ("train/cat/x.jpg", "cat", "train"),
        ("train/cat/2024/x.jpg", "cat", "train"),
        ("cat/train/x.jpg", "cat", "train"),
        ("pets/train/cat/x.jpg", "cat", "train"),
        ("validation/cat/x.jpg", "cat", "val"),
        ("val/cat/x.jpg", "cat", "val"),
        ("TEST/Cat/x.jpg", "Cat", "test"),
        ("train/train/x.jpg", "train", "train"),
        ("train2017/x.jpg", None, "train"),
        ("images/val_2014/cat/x.jpg", "cat", "val"),
        ("2017/x.jpg", "2017", None),
        ("training/x.jpg", "training", None),
        ("train.jpg", None, None),
    ],
)
def test_label_and_split(path: str, label: str | None, split: str | None) -> None:
    assert place(path) == (label, split)


def test_a_folder_named_train_among_classes_is_a_class() -> None:
    found = places(["car/1.jpg", "bus/1.jpg", "train/1.jpg"])
    assert found == [Place("car", None), Place("bus", None), Place("train", None)]


def test_it_is_a_split_where_it_has_classes() -> None:
    assert places(["extra/1.jpg", "train/cat/1.jpg"])[1] == ("cat", "train")


def test_it_is_a_split_where_there_is_another_split() -> None:
    assert places(["train/1.jpg", "test/1.jpg", "extra/1.jpg"])[:2] == [Place(None, "train"), Place(None, "test")]


def test_it_is_a_split_where_it_is_alone() -> None:
    assert places(["1.jpg", "train/1.jpg"]) == [Place(None, None), Place(None, "train")]


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (("train", "valid", "test"), ("train", "val", "test")),
        (("Training", "Testing"), ("train", "test")),
        (("train", "testing"), ("train", "test")),
        (("train2017", "valid2017"), ("train", "val")),
    ],
)
def test_other_names_of_splits_are_known_among_splits(names: tuple[str, ...], splits: tuple[str, ...]) -> None:
    assert places([f"{name}/cat/1.jpg" for name in names]) == [Place("cat", split) for split in splits]
    assert places([f"{name}/1.jpg" for name in names]) == [Place(None, split) for split in splits]


def test_what_is_valid_beside_what_is_not_is_a_class() -> None:
    assert places(["valid/1.jpg", "invalid/1.jpg"]) == [Place("valid", None), Place("invalid", None)]
    assert places(["bolts/valid/1.jpg", "bolts/invalid/1.jpg"]) == [Place("bolts", None)] * 2
    assert places(["train/valid/1.jpg", "train/invalid/1.jpg"]) == [Place("valid", "train"), Place("invalid", "train")]


def test_no_paths() -> None:
    assert places([]) == []


@given(st.lists(st.lists(st.sampled_from(["cat", "dog", "train", "Test", "val", "a b", "1"]), max_size=4), max_size=8))
def test_labels_and_splits_come_from_the_path(folders: list[list[str]]) -> None:
    for parts, (label, split) in zip(folders, places(["/".join([*p, "x.jpg"]) for p in folders]), strict=True):
        assert label is None or label in parts
        assert split is None or split in {SPLITS.get(part.lower()) for part in parts}
        assert (label is None and split is None) == (not parts)
