from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stages import connect
from stages.contracts.params.connect import Params
from stages.contracts.schemas.embeddings import Embeddings, write_embeddings
from stages.contracts.schemas.neighbors import NEIGHBORS, Neighbors, read_neighbors
from stages.contracts.tables import metadata
from tests.vectors import content_ids, unit


@pytest.mark.parametrize("n", [0, 1, 2, 30])
def test_every_content_has_as_many_neighbours_as_there_are(n: int) -> None:
    graph, told = connect.run(Params(neighbors=10), Embeddings(content_ids(n), unit(n, 8)))
    assert told == {"search": "exact"}
    assert graph.indices.shape == (n, max(0, min(10, n - 1)))


def test_main_writes_the_graph_and_what_it_was_made_from(tmp_path: Path) -> None:
    embeddings = Embeddings(content_ids(12), unit(12, 8))
    write_embeddings(embeddings, 8, tmp_path, {"dim": 8})
    (tmp_path / "params.yaml").write_text("connect: {neighbors: 3}\n")
    connect.main(tmp_path)
    graph = read_neighbors(tmp_path)
    expected, _ = connect.run(Params(neighbors=3), embeddings)
    np.testing.assert_array_equal(graph.indices, expected.indices)
    np.testing.assert_array_equal(graph.similarities, expected.similarities)
    assert metadata(NEIGHBORS, tmp_path)["search"] == "exact"


def test_what_is_not_exact_is_told() -> None:
    neighbors = Neighbors(content_ids(3), np.zeros((3, 2), np.int32), np.zeros((3, 2), np.float32))
    assert connect.summary(neighbors, {"search": "exact"}) == "connect: 3 contents, 2 neighbours each"
    line = connect.summary(neighbors, {"search": "cells", "cells": 632, "probes": 4, "recall_at_10": 0.9951})
    assert line.endswith("looked for in 632 cells, 99.51 % of the ten nearest found")
