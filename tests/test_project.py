from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stages import project
from stages.contracts.params.projection import Params
from stages.contracts.schemas.embeddings import Embeddings
from stages.contracts.schemas.neighbors import Neighbors
from stages.contracts.schemas.projection import MAP
from stages.contracts.tables import as_arrow, check
from stages.core.knn import nearest
from tests import frames
from tests.vectors import unit


def placed(images: pd.DataFrame) -> pd.DataFrame:
    ids = np.array(sorted(images.loc[images["status"] == "ok", "content_id"].unique()), dtype=object)
    vectors = unit(len(ids), 8)
    found = project.run(Params(), images, Embeddings(ids, vectors), Neighbors(ids, *nearest(vectors, 10)))
    check(MAP, as_arrow(MAP, found))
    return found.set_index("item_id")


@pytest.mark.parametrize("n", [0, 1, 2, 20])
def test_every_readable_item_has_a_place(n: int) -> None:
    images = frames.images(
        *({"path": f"{i}.jpg"} for i in range(n)), {"path": "x.jpg", "status": "empty", "reason": "no bytes"}
    )
    assert sorted(placed(images).index) == sorted(images.loc[images["status"] == "ok", "item_id"])


def test_copies_lie_on_the_same_spot() -> None:
    images = frames.images({"path": "a.jpg"}, {"path": "b.jpg"}, {"path": "c.jpg"})
    images.loc[2, "content_id"] = images.loc[0, "content_id"]
    found = placed(images)
    a, b, c = (found.loc[item, ["x", "y"]].tolist() for item in images["item_id"])
    assert a == c != b
