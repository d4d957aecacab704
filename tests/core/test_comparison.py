from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stages.contracts.identity import digest, item_id
from stages.core.comparison import Comparison, Snapshot, compare

ENCODER = {"kind": "clip", "model": "m", "revision": "r1", "weights_sha256": "ab", "input_size": 224, "dim": 3}
COLUMNS = ["item_id", "content_id", "path", "frame", "label", "split", "status", "verdict", "rule", "detail", "decided"]


def place(content: str) -> np.ndarray:
    """Where a content lies: what begins with z lies apart."""
    seed = int(digest(content.encode())[:8], 16)
    vector = np.random.default_rng(seed).normal(0, 0.1, 3) + ([0, 0, 1] if content.startswith("z") else [1, 0, 0])
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def snapshot(*contents: str, encoder: dict | None = ENCODER, metrics: dict | None = None, **more: object) -> Snapshot:
    """A version that holds the contents, one file each; those with the same first letter are a cluster and a class."""
    rows = [
        {
            "item_id": item_id(f"{c}.jpg"),
            "content_id": digest(c.encode()),
            "path": f"{c}.jpg",
            "label": c[0],
            "status": "ok",
            "verdict": "keep",
            "decided": c[0],
        }
        for c in contents
    ]
    items = pd.DataFrame(rows, columns=COLUMNS, dtype=object)
    clusters = items[["item_id"]].assign(cluster=[ord(c[0]) for c in contents], centroid_distance=0.1)
    ids = items["content_id"].to_numpy(object)
    vectors = np.array([place(c) for c in contents]).reshape(-1, 3)
    whole = {"name": "v", "note": "", "items": items, "clusters": clusters.astype({"cluster": int}), "encoder": encoder}
    return Snapshot(**{**whole, "vectors": lambda: (ids, vectors), "metrics": metrics or {}, **more})


def names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{i}" for i in range(count)]


def refuse() -> Callable:
    raise AssertionError("vectors need not be read")


def test_the_same_version_twice() -> None:
    version = snapshot(*names("a", 30), vectors=refuse)
    found = compare(version, version)
    assert found.nothing_changed
    assert (found.drift.statistic, found.drift.p_value) == (0.0, 1.0)
    assert found.class_shift == (0.0, 0.0)
    assert found.notes == []


def test_what_came_in_is_seen_from_every_side() -> None:
    before, after = (
        snapshot(*names("a", 60), metrics={"images": 60}),
        snapshot(*names("a", 60), *names("z", 15), metrics={"images": 75}),
    )
    found = compare(before, after)
    assert not found.nothing_changed
    assert found.counts["added"] == 15
    assert found.drift.p_value < 0.01
    assert found.cluster_counts == {"born": 1, "gone": 0, "grown": 0, "shrunk": 0, "same": 1}
    assert found.classes[["label", "before", "after"]].to_numpy().tolist() == [["a", 60, 60], ["z", 0, 15]]
    assert found.numbers == [("images", 60, 75)]
    assert (found.before.totals["images"], found.after.totals["classes"]) == (60, 2)


def test_a_class_that_looks_different_is_told() -> None:
    before = snapshot(*names("a", 40), *names("b", 40))
    other = snapshot(*names("z", 40), *names("b", 39))
    items = other.items.assign(
        label=other.items["label"].replace("z", "a"), decided=other.items["decided"].replace("z", "a")
    )
    found = compare(before, Snapshot(**{**vars(other), "items": items})).classes.set_index("label")
    assert found.loc["a", "q_value"] < 0.01
    assert found.loc["b", "q_value"] > 0.05


@pytest.mark.parametrize("change", [{"weights_sha256": "cd"}, {"kind": "packaged"}, {"dim": 4}])
def test_two_encoders_are_not_compared(change: dict) -> None:
    found = compare(snapshot("a", "b", vectors=refuse), snapshot("a", vectors=refuse, encoder=ENCODER | change))
    assert found.drift is None
    assert found.clusters is None
    assert found.cluster_counts is None
    assert "two encoders" in found.notes[-1]
    assert found.counts["gone"] == 1


def test_where_the_same_weights_came_from_does_not_matter() -> None:
    found = compare(snapshot("a", "b"), snapshot("a", "b", encoder=ENCODER | {"model": "other", "revision": "2"}))
    assert found.clusters is not None


def test_an_unknown_encoder_is_not_taken_for_the_same() -> None:
    found = compare(snapshot("a", "b"), snapshot("a", "b", encoder=None))
    assert found.drift is None
    assert "vectors of both versions are needed" in found.notes[-1]


def test_what_could_not_be_compared_is_not_said_to_be_the_same() -> None:
    found = compare(snapshot("a", "b"), replace(snapshot("a", "b"), missing=("its vectors are not here",)))
    assert found.changes.empty
    assert not found.nothing_changed


def test_what_a_version_lacks_is_told() -> None:
    found = compare(snapshot("a", clusters=None, missing=("no clusters here",)), snapshot("a"))
    assert found.clusters is None
    assert found.notes == ["no clusters here"]


def test_labels_after_decisions_count_where_both_versions_have_them() -> None:
    plain, decided = snapshot("a"), snapshot("a")
    decided = Snapshot(**{**vars(decided), "items": decided.items.assign(decided="cat")})
    assert compare(plain, decided).counts["relabelled"] == 1
    unjudged = Snapshot(**{**vars(plain), "items": plain.items.assign(verdict=None)})
    assert compare(unjudged, decided).counts["relabelled"] == 0
    assert unjudged.totals["kept"] is None


def test_removed_images_are_counted_by_rule() -> None:
    before = snapshot("a", "b", "c")
    after = Snapshot(**{**vars(before), "items": before.items.assign(verdict="remove", rule=["leak", "dark", "leak"])})
    assert compare(before, after).removed_by == {"leak": 2, "dark": 1}


@pytest.mark.parametrize(("before", "after"), [([], []), ([], ["a"]), (["a"], []), (["a"], ["b"])])
def test_versions_of_none_and_one(before: list[str], after: list[str]) -> None:
    found = compare(snapshot(*before), snapshot(*after))
    assert isinstance(found, Comparison)
    assert found.counts["added"] == len(set(after) - set(before))
    assert found.counts["gone"] == len(set(before) - set(after))
    assert found.before.totals["images"] == len(before)
    assert found.before.totals["kept"] == len(before)
