from __future__ import annotations

import pandas as pd

from stages.contracts.identity import item_id
from stages.contracts.vocabulary import QualityIssue, Rule
from stages.core import counts
from stages.core.verdicts import Policy, judge
from tests import frames

PROTECT = frozenset({"test"})


def metrics(images, *, flagged=(), doubted=(), bad=None, **more) -> dict:
    paths = images.loc[images["status"] == "ok", "path"].tolist()
    judged = {
        "quality": frames.quality(paths, **(bad or {})),
        "outliers": frames.outliers(paths, flagged),
        "labels": frames.labels(paths, doubted),
    }
    found = frames.findings(images, **judged, **more)
    policy = Policy(frozenset({"unreadable", "near_duplicate", "exact_duplicate", "leak"}), PROTECT)
    verdicts = judge(found, frames.decisions().set_index("item_id"), policy, frames.THRESHOLDS)
    return counts.count(found, verdicts, PROTECT)


def test_no_images_is_zero_everywhere() -> None:
    found = metrics(frames.images())
    assert found["images"] == found["kept"] == found["leaks"] == 0
    assert found["noise_fraction"] == 0.0


def test_labels_in_doubt_are_counted_and_flagged() -> None:
    found = metrics(frames.images({"path": "a.jpg"}, {"path": "b.jpg"}), doubted=("a.jpg",))
    assert (found["label_issues"], found["flagged"]["label_issue"], found["kept"]) == (1, 1, 2)


def test_every_rule_and_issue_has_its_key() -> None:
    found = metrics(frames.images({"path": "a.jpg"}))
    assert set(found["removed"]) == set(Rule)
    assert set(found["quality_issues"]) == set(QualityIssue)


def test_images_are_counted_not_pairs() -> None:
    """Three equal pictures are three pairs, and two images too many."""
    paths = ["a.jpg", "b.jpg", "c.jpg"]
    found = metrics(
        frames.images(*({"path": path} for path in paths)),
        pairs=frames.pairs(*((a, b, "near", 0.9) for a in paths for b in paths if a < b)),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "near", "c.jpg": "near"}),
    )
    assert found["near_duplicate_images"] == 2
    assert found["duplicate_groups"] == 1
    assert (found["kept"], found["removed"]["near_duplicate"]) == (1, 2)


def test_a_leak_is_the_image_outside_the_protected_split_counted_once() -> None:
    images = frames.images(
        {"path": "train/a.jpg", "split": "train"},
        {"path": "test/b.jpg", "split": "test"},
        {"path": "test/c.jpg", "split": "test"},
    )
    pairs = frames.pairs(
        ("train/a.jpg", "test/b.jpg", "near", 0.9),
        ("train/a.jpg", "test/c.jpg", "near", 0.9),
        ("test/b.jpg", "test/c.jpg", "near", 0.9),
    )
    assert counts.leaking(images, pairs, PROTECT) == {item_id("train/a.jpg")}


def test_copies_in_two_protected_splits_are_leaks_between_them() -> None:
    images = frames.images(
        {"path": "val/a.jpg", "split": "val"},
        {"path": "test/b.jpg", "split": "test"},
        {"path": "test/c.jpg", "split": "test"},
        {"path": "train/d.jpg", "split": "train"},
    )
    pairs = frames.pairs(
        ("val/a.jpg", "test/b.jpg", "near", 0.9),
        ("test/b.jpg", "test/c.jpg", "near", 0.9),
        ("test/c.jpg", "train/d.jpg", "near", 0.9),
    )
    both = frozenset({"val", "test"})
    assert counts.leaking_between(images, pairs, both) == {item_id("val/a.jpg"), item_id("test/b.jpg")}
    assert counts.leaking_between(images, pairs, PROTECT) == set()
    assert metrics(images, pairs=pairs)["leaks_between_protected"] == 0


def test_flags_that_few_draws_repeat_are_counted_as_unstable() -> None:
    table = frames.outliers(["a.jpg", "b.jpg", "c.jpg", "d.jpg"], ("a.jpg", "b.jpg", "c.jpg"))
    assert counts._unstable(table) is None, "it was not measured"
    assert counts._unstable(table.assign(stability=[0.95, 0.75, 0.7, 0.1])) == 1
    assert counts._unstable(table.assign(is_outlier=False)) == 0


SHARE = {"n": 40, "found": 38, "share": 0.95, "low": 0.8349999, "high": 0.986, "enough": True}


def test_the_figures_of_calibration_are_told_where_there_were_enough() -> None:
    few = SHARE | {"n": 12, "enough": False}
    found = counts.of_calibration(
        {
            "sample": 40,
            "duplicates": {
                "threshold": 0.6,
                "negatives": 90,
                "recall": SHARE,
                "precision": few,
                "unconfirmed": [{"level": 0.9}, {"level": 0.94}, {"level": 0.96}],
            },
            "quality": [{"issue": "blurry", "recall": SHARE, "false_flags": few}],
            "outliers": None,
        },
        0.94,
    )
    told = found["duplicates"]
    assert (told["threshold"], told["threshold_auto"], told["unconfirmed"]) == (0.94, 0.6, 2)
    assert found["duplicates"]["recall"] == 0.95
    assert found["duplicates"]["recall_low"] == 0.835
    assert (found["duplicates"]["precision"], found["duplicates"]["precision_n"]) == (None, 12)
    assert found["quality"]["blurry"]["false_flags"] is None
    assert (found["outliers"]["recall"], found["outliers"]["recall_n"]) == (None, 0)


def test_noise_is_no_cluster() -> None:
    found = metrics(
        frames.images(*({"path": f"{name}.jpg"} for name in "abcd")), clusters=frames.clusters(a=0, b=0, c=1, d=-1)
    )
    assert found["clusters"] == 2
    assert found["noise_fraction"] == 0.25


def test_kept_and_removed_add_up() -> None:
    images = frames.images({"path": "a.jpg"}, {"path": "b.jpg", "status": "empty", "reason": "no bytes"})
    found = metrics(images, flagged=("a.jpg",), bad={"dark": ["a.jpg"]})
    assert found["kept"] + sum(found["removed"].values()) == found["images"] == 2
    assert found["unreadable"]["empty"] == 1
    assert found["flagged"]["outlier"] == 1
    assert found["quality_issues"]["dark"] == 1


def test_classes_are_counted_by_the_label_after_decisions() -> None:
    verdicts = pd.DataFrame(
        {
            "label": ["cap", "dress", "dress", None],
            "original_label": ["dress", "dress", "dress", None],
            "verdict": ["keep", "keep", "remove", "keep"],
        }
    )
    assert counts.per_label(verdicts).to_numpy().tolist() == [["(none)", 1, 0], ["cap", 1, 0], ["dress", 1, 1]]
