from __future__ import annotations

import pandas as pd

from stages.calibration.known import known
from stages.contracts.identity import digest
from stages.contracts.schemas.embeddings import Embeddings
from stages.contracts.schemas.neighbors import Neighbors
from stages.core.knn import nearest
from tests.frames import images, quality
from tests.vectors import unit


def test_rows_are_contents_in_the_order_of_the_embeddings_and_the_first_path_stands_for_each() -> None:
    same = digest(b"same")
    listed = images(
        {"path": "c.jpg", "content_id": same, "label": "late"},
        {"path": "a.jpg", "content_id": same, "label": "early"},
        {"path": "b.jpg"},
        {"path": "broken.jpg", "status": "unreadable"},
    )
    ids = pd.Series([same, digest(b"b.jpg")]).sort_values().to_numpy(dtype=object)
    clusters = pd.DataFrame({"item_id": listed["item_id"], "cluster": [3, 3, 4, 0]})
    vectors = unit(2, 4)
    found = known(
        listed,
        quality(["a.jpg", "b.jpg", "c.jpg"], dark=["b.jpg"]),
        clusters,
        Embeddings(ids, vectors),
        Neighbors(ids, *nearest(vectors, 5)),
        True,
    )
    rows = found.contents.set_index("content_id")
    assert rows.index.tolist() == ids.tolist()
    assert rows.loc[same, ["path", "label", "cluster"]].tolist() == ["a.jpg", "early", 3]
    assert rows.loc[digest(b"b.jpg"), "is_dark"]
    assert found.cosine(0, 1) == float(vectors[0] @ vectors[1])
    assert found.hashes.distance(found.hashes.sides[0][0], 0) == 0
