from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stages import index
from stages.contracts.schemas.embeddings import Embeddings, write_embeddings
from stages.engines.vector_index import FOLDER, open_index
from tests.vectors import content_ids, unit

TOLD = {"dim": 8, "encoder": {"kind": "clip", "model": "m", "revision": "1", "weights_sha256": "a"}, "cache": "embed-1"}


def project(root: Path, n: int, **told: object) -> Embeddings:
    embeddings = Embeddings(content_ids(n), unit(n, 8))
    write_embeddings(embeddings, 8, root, TOLD | told)
    (root / "params.yaml").write_text("index: {exact_below: 1000}\n")
    return embeddings


def test_the_index_holds_the_embeddings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    embeddings = project(tmp_path, 20)
    index.main(tmp_path)
    opened = open_index(tmp_path / FOLDER)
    assert sorted(opened.content_ids) == embeddings.content_ids.tolist()
    np.testing.assert_array_equal(opened.vectors[np.argsort(opened.content_ids)], embeddings.vectors)
    assert capsys.readouterr().out == "index: 20 vectors (made anew); every one is compared\n"


def test_a_second_run_adds_what_is_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project(tmp_path, 20)
    index.main(tmp_path)
    project(tmp_path, 25)
    index.main(tmp_path)
    assert "25 vectors (5 added, 0 deleted)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("told", "is_new"),
    [
        ({}, False),
        ({"cache": "embed-2"}, True),
        ({"encoder": TOLD["encoder"] | {"weights_sha256": "b"}}, True),
        ({"encoder": TOLD["encoder"] | {"why": "asked for", "is_fallback": True}}, False),
    ],
)
def test_only_what_makes_other_vectors_begins_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], told: dict, is_new: bool
) -> None:
    project(tmp_path, 9)
    index.main(tmp_path)
    capsys.readouterr()
    project(tmp_path, 9, **told)
    index.main(tmp_path)
    assert ("made anew" in capsys.readouterr().out) == is_new


def test_many_are_sorted_into_cells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project(tmp_path, 1_000)
    index.main(tmp_path)
    assert "1 of 1 cells are searched, 100.0% of the ten nearest found" in capsys.readouterr().out


def test_no_image_is_an_index_too(tmp_path: Path) -> None:
    project(tmp_path, 0)
    index.main(tmp_path)
    assert len(open_index(tmp_path / FOLDER)) == 0
