from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.identity import item_id
from stages.core import manifest
from stages.core.verdicts import Policy, judge
from tests import frames


def made(images, flagged=(), **more):
    outliers = frames.outliers(images["path"].tolist(), tuple(flagged))
    policy = Policy(frozenset({"near_duplicate"}), frozenset())
    decided = frames.decisions().set_index("item_id")
    return judge(frames.findings(images, outliers=outliers, **more), decided, policy, frames.THRESHOLDS)


@given(st.lists(st.sampled_from("abcdefgh"), unique=True), st.booleans())
def test_every_item_is_in_exactly_one_of_the_two(names: list[str], copies: bool) -> None:
    paths = [f"{name}.jpg" for name in names]
    images = frames.images(*({"path": path} for path in paths))
    more = {}
    if copies and len(paths) > 1:
        more = {
            "pairs": frames.pairs((paths[0], paths[1], "near", 0.9)),
            "duplicates": frames.duplicates({paths[0]: None, paths[1]: "near"}),
        }
    kept, removed = manifest.split(images, made(images, **more))
    assert sorted([*kept["path"], *removed["path"]]) == sorted(paths)


def test_who_is_removed_names_the_keepers_path_and_the_rule() -> None:
    images = frames.images({"path": "b.jpg", "label": "cat"}, {"path": "a.jpg", "label": "cat"})
    verdicts = made(
        images,
        pairs=frames.pairs(("a.jpg", "b.jpg", "near", 0.9)),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "near"}),
    )
    kept, removed = manifest.split(images, verdicts)
    row = removed.iloc[0]
    assert (row["path"], row["rule"], row["keeper_path"]) == ("b.jpg", "near_duplicate", "a.jpg")
    assert kept["item_id"].tolist() == [item_id("a.jpg")]
    assert kept["label"].tolist() == ["cat"]


def test_what_is_only_flagged_is_kept_and_says_so() -> None:
    images = frames.images({"path": "a.jpg"})
    kept, _ = manifest.split(images, made(images, flagged=["a.jpg"]))
    assert kept["rule"].tolist() == ["outlier"]


@pytest.mark.parametrize(
    "rows",
    [
        [{"path": "a.jpg", "label": "cat", "split": "train"}],
        [{"path": "a.jpg"}],
        [{"path": "a.jpg"}, {"path": "b.jpg", "status": "unreadable", "reason": "x", "width": None, "height": None}],
        [{"path": "a.mp4", "frame": 3, "timestamp_s": 1.0}, {"path": "b.jpg", "label": "cat"}],
        [],
    ],
    ids=["labelled", "flat", "one unreadable", "a video", "none"],
)
def test_columns_have_the_same_types_whatever_is_in_them(rows: list[dict]) -> None:
    images = frames.images(*rows)
    for part in manifest.split(images, made(images)):
        file = io.BytesIO()
        part.to_parquet(file, index=False)
        for field in pq.read_schema(file):
            whole, seconds = field.name in ("frame", "width", "height"), field.name == "timestamp_s"
            assert field.type == (pa.int32() if whole else pa.float64() if seconds else pa.large_string()), field.name


def test_sizes_are_whole_numbers_also_where_one_is_missing() -> None:
    images = frames.images({"path": "a.jpg", "width": 400, "height": 300}, {"path": "b.jpg", "status": "unreadable"})
    images.loc[images["path"] == "b.jpg", ["width", "height"]] = None
    kept, _ = manifest.split(images, made(images))
    assert ",400,300," in kept.to_csv(index=False)
