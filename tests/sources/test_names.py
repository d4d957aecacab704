"""Files of names."""

from __future__ import annotations

from pathlib import Path

import pytest

from stages.contracts.errors import ParamsError
from stages.sources.names import is_watched, read_names


def names(tmp_path: Path, text: str) -> dict[str, list[str]]:
    (tmp_path / "names.txt").write_text(text, encoding="utf-8")
    return read_names("names.txt", "classify.labels", tmp_path)


def test_names_and_their_synonyms_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = names(tmp_path, "# where cars stand\nparking lot: car park,  parking lot\n\npark\nПарк # in Cyrillic\n")
    assert found == {"parking lot": ["car park", "parking lot"], "park": ["park"], "Парк": ["Парк"]}
    assert list(found) == ["parking lot", "park", "Парк"]


@pytest.mark.parametrize(("text", "told"), [("a\nb\na: c\n", "twice"), ("# nothing\n\n", "holds none")])
def test_a_file_that_makes_no_sense_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ParamsError, match=told):
        names(tmp_path, text)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ParamsError) as caught:
        read_names("park", "classify.labels", tmp_path)
    assert "classify.labels" in str(caught.value)
    assert "[park]" in str(caught.value)
    assert "park: No such file" in str(caught.value)
    (tmp_path / "names.txt").write_bytes(b"\xff\xfe\x00park")
    with pytest.raises(ParamsError, match="cannot be read"):
        read_names("names.txt", "classify.labels", tmp_path)


def test_dvc_watches_one_folder_of_them(tmp_path: Path) -> None:
    assert is_watched("data/names/labels.txt", tmp_path)
    assert is_watched(str(tmp_path / "data/names/more/labels.txt"), tmp_path)
    assert not is_watched("labels.txt", tmp_path)
    (tmp_path / "data/names").mkdir(parents=True)
    (tmp_path / "data/names/labels.txt").write_text("park")
    assert is_watched("labels.txt", tmp_path)
    assert read_names("labels.txt", "classify.labels", tmp_path) == {"park": ["park"]}
    assert not is_watched("data/names/../labels.txt", tmp_path)
