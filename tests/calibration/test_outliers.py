from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stages.calibration import outliers
from stages.calibration.known import Known
from stages.calibration.outliers import Foreign, calibrated, foreign
from stages.calibration.quality import UNSOUND
from stages.contracts.calibration_record import Outliers
from stages.contracts.params.outliers import Params
from stages.contracts.schemas.embeddings import Embeddings
from stages.contracts.schemas.neighbors import Neighbors
from stages.core.knn import nearest
from tests.vectors import content_ids


def blobs(sizes: list[int], spread: float = 0.1, dim: int = 64, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows around so many directions, and which each is of."""
    rng = np.random.default_rng(seed)
    which = np.repeat(np.arange(len(sizes)), sizes)
    vectors = np.eye(len(sizes), dim)[which] + spread * rng.normal(size=(len(which), dim))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), which


def world(sizes: list[int]) -> Known:
    vectors, which = blobs(sizes)
    ids = content_ids(len(vectors))
    contents = pd.DataFrame({"cluster": which, "label": [f"class {number}" for number in which]})
    contents = contents.assign(**{f"is_{issue}": False for issue in UNSOUND})
    return Known(Embeddings(ids, vectors), Neighbors(ids, *nearest(vectors, 30)), contents)


def strangers(vectors: np.ndarray) -> Foreign:
    """Pictures that hold nothing but the number of their vector."""
    pictures = [np.full((2, 2, 3), number, np.uint8) for number in range(len(vectors))]
    return Foreign(pictures, np.array(["photograph"] * len(vectors)), np.arange(len(vectors)))


def judged(known: Known, vectors: np.ndarray) -> Outliers | None:
    def encode(pictures: list[np.ndarray]) -> np.ndarray:
        return vectors[[int(picture[0, 0, 0]) for picture in pictures]]

    return calibrated(known, lambda: strangers(vectors), encode, Params(), 30, 0)


def away(count: int, dim: int = 64) -> np.ndarray:
    return np.eye(dim, dtype=np.float32)[-count:]


def test_strangers_are_flagged_and_few_of_ones_own() -> None:
    found = judged(world([120, 120, 80]), away(40))
    assert (found.recall.share, found.recall.n) == (1.0, 40)
    assert found.false_flags.n == 320
    assert found.false_flags.share < 0.02
    assert found.foreign[0].kind == "photograph"
    assert "one in 100 among 320" in found.why


def test_clusters_and_classes_are_held_out_beside_them_and_make_no_recall() -> None:
    found = judged(world([120, 120, 80]), away(5))
    kinds = {part.kind: part.share for part in found.foreign}
    assert kinds["cluster"].n == kinds["class"].n == 45
    assert kinds["cluster"].share > 0.9
    assert kinds["cluster"].enough, "of these very clusters there are 45 pictures"
    assert "pictures of 3 clusters of yours, whose rest is taken out" in [part.told for part in found.foreign]
    assert "pictures of 3 classes of yours, whose rest is taken out" in [part.told for part in found.foreign]
    assert found.recall.n == 5


def test_parts_of_few_photographs_are_too_few_however_many_parts() -> None:
    assert not outliers._by_photograph(np.ones(75, bool), np.arange(75) // 5).enough
    assert outliers._by_photograph(np.ones(75, bool), np.arange(75) // 2).enough


def test_what_the_data_set_has_itself_is_no_stranger() -> None:
    known = world([120, 120, 80])
    mixed = np.concatenate([away(36), known.embeddings.vectors[:4]])
    found = judged(known, mixed)
    assert found.recall.n == 36
    assert "4 packaged photographs are left out" in found.why


def test_where_all_are_known_already_there_is_no_recall() -> None:
    known = world([120, 120, 80])
    found = judged(known, known.embeddings.vectors[:20])
    assert found.recall.n == 0
    assert "too few are left" in found.why


def test_few_pictures_judge_nothing() -> None:
    assert judged(world([20, 20]), away(5)) is None


def test_of_a_large_data_set_as_many_as_are_bearable_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stages.calibration.outliers.LARGEST", 200)
    found = judged(world([300, 300]), away(10))
    assert found.false_flags.n == 200
    assert "drawn from all" in found.why
    assert found.recall.share == 1


def test_packaged_pictures_are_whole_and_numbered_by_photograph() -> None:
    found = foreign()
    assert len(found.pictures) == len(found.kinds) == len(found.photographs)
    counts = np.bincount(found.photographs)
    assert set(counts[np.unique(found.photographs[found.kinds == "photograph"])]) == {5}
    assert set(counts[np.unique(found.photographs[found.kinds == "graphic"])]) == {1}
    assert len(counts) >= 30, "so many that something can be told"
    assert all(picture.dtype == np.uint8 and picture.shape[2] == 3 for picture in found.pictures)
    whole = foreign(with_quarters=False)
    assert sorted(whole.photographs) == sorted(set(found.photographs))
