from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.identity import item_id
from stages.core import manifest
from stages.core.verdicts import Policy, judge
from tests import frames


def made(images, **more):
    paths = images["path"].tolist()
    policy = Policy(frozenset({"near_duplicate"}), frozenset())
    return judge(
        images,
        frames.quality(paths),
        more.get("duplicates", frames.duplicates()),
        more.get("pairs", frames.pairs()),
        frames.outliers(paths, tuple(more.get("flagged", ()))),
        frames.decisions().set_index("item_id"),
        policy,
        frames.THRESHOLDS,
        frames.labels(paths),
    )


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
