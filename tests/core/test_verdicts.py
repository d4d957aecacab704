"""Who stays and who goes, one rule a test."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.identity import digest, item_id
from stages.contracts.vocabulary import QualityIssue
from stages.core.decisions import apply
from stages.core.verdicts import Policy, judge
from tests import frames

USUAL = Policy(frozenset({"unreadable", "exact_duplicate", "leak", "near_duplicate"}), frozenset({"test", "val"}))


def verdicts(
    images: pd.DataFrame,
    *,
    pairs: pd.DataFrame | None = None,
    duplicates: pd.DataFrame | None = None,
    flagged: tuple[str, ...] = (),
    doubted: tuple[str, ...] = (),
    bad: dict | None = None,
    decisions: pd.DataFrame | None = None,
    policy: Policy = USUAL,
) -> pd.DataFrame:
    """Judge, and give the verdicts by path."""
    paths = images.loc[images["status"] == "ok", "path"].tolist()
    found = frames.findings(
        images,
        quality=frames.quality(paths, **(bad or {})),
        duplicates=frames.duplicates() if duplicates is None else duplicates,
        pairs=frames.pairs() if pairs is None else pairs,
        outliers=frames.outliers(paths, flagged),
        labels=frames.labels(paths, doubted),
    )
    decided = apply(frames.decisions() if decisions is None else decisions, images).by_item
    table = judge(found, decided, policy, frames.THRESHOLDS)
    names = images.set_index("item_id")["path"]
    table["path"] = table["item_id"].map(names)
    table["keeper"] = table["keeper_id"].map(names)
    return table.set_index("path")


def of(table: pd.DataFrame, path: str) -> tuple[str, str | None]:
    rule = table.loc[path, "rule"]
    return table.loc[path, "verdict"], None if pd.isna(rule) else rule


def test_no_images_no_verdicts() -> None:
    assert verdicts(frames.images()).empty


def test_a_good_image_is_kept_and_nothing_is_said() -> None:
    assert of(verdicts(frames.images({"path": "a.jpg"})), "a.jpg") == ("keep", None)


def test_an_unreadable_file_is_removed_with_its_reason_even_from_a_protected_split() -> None:
    table = verdicts(frames.images({"path": "a.jpg", "status": "unreadable", "reason": "cut short", "split": "test"}))
    assert of(table, "a.jpg") == ("remove", "unreadable")
    assert table.loc["a.jpg", "detail"] == "The file cannot be opened as an image; cut short."


@pytest.mark.parametrize(("frames_read", "told"), [(1, "Its first frame is used"), (3, "Its first 3 frames are used")])
def test_a_video_that_breaks_off_is_not_said_to_be_no_image(frames_read: int, told: str) -> None:
    whole = [{"path": "v.avi", "frame": number} for number in range(frames_read)]
    images = frames.images({"path": "v.avi", "status": "unreadable", "reason": "truncated"}, *whole)
    images["item_id"] = [f"item-{number}" for number in range(len(images))]
    table = verdicts(images)
    assert table["detail"].dropna().tolist() == [f"{told}; the rest of the video cannot be read; truncated."]


def test_a_copy_is_removed_for_its_keeper() -> None:
    table = verdicts(
        frames.images({"path": "a.jpg"}, {"path": "b.jpg"}, {"path": "c.jpg"}),
        pairs=frames.pairs(("a.jpg", "b.jpg", "near", 0.8), ("a.jpg", "c.jpg", "exact", 1.0)),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "near", "c.jpg": "exact"}),
    )
    assert of(table, "a.jpg") == ("keep", None)
    assert of(table, "b.jpg") == ("remove", "near_duplicate")
    assert of(table, "c.jpg") == ("remove", "exact_duplicate")
    assert table.loc[["b.jpg", "c.jpg"], "keeper"].tolist() == ["a.jpg", "a.jpg"]


def test_a_removed_copy_names_its_keeper_the_agreement_the_threshold_and_why_the_other_stays() -> None:
    table = verdicts(
        frames.images({"path": "a.jpg", "width": 800, "height": 600}, {"path": "b.jpg"}),
        pairs=frames.pairs(("a.jpg", "b.jpg", "near", 0.87)),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "near"}),
    )
    assert table.loc["b.jpg", "detail"] == (
        "Near copy of a.jpg (resized): 87 % of the content is the same, threshold 60 %; "
        "that one is larger: 800 × 600 against 400 × 300."
    )


def test_a_copy_that_only_pixels_vouch_for_tells_their_threshold() -> None:
    table = verdicts(
        frames.images({"path": "a.jpg"}, {"path": "b.jpg"}),
        pairs=frames.pairs(("a.jpg", "b.jpg", "near", 0.95)).assign(vouched=False),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "near"}),
    )
    assert "95 % of the content is the same, threshold 90 %, since little detail" in table.loc["b.jpg", "detail"]


def test_where_the_best_is_gone_the_next_best_stays_whatever_its_name() -> None:
    """c is larger than b; both are copies of a, which somebody dropped, and of each other."""
    table = verdicts(
        frames.images({"path": "a.jpg", "width": 900}, {"path": "b.jpg"}, {"path": "c.jpg", "width": 800}),
        pairs=frames.pairs(
            *((a, b, "near", 0.8) for a, b in [("a.jpg", "b.jpg"), ("a.jpg", "c.jpg"), ("b.jpg", "c.jpg")])
        ),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "near", "c.jpg": "near"}),
        decisions=frames.decisions({"path": "a.jpg", "decision": "drop"}),
    )
    assert of(table, "c.jpg") == ("keep", None)
    assert of(table, "b.jpg") == ("remove", "near_duplicate")
    assert "that one is larger: 800 × 300 against 400 × 300" in table.loc["b.jpg", "detail"]


def test_a_frame_of_a_video_is_named_with_its_number() -> None:
    same = digest(b"the same")
    images = frames.images(
        {"path": "a.mp4", "frame": 3, "content_id": same}, {"path": "b.mp4", "frame": 8, "content_id": same}
    )
    table = verdicts(
        images,
        pairs=frames.pairs(("a.mp4", "b.mp4", "exact", 1.0)),
        duplicates=frames.duplicates({"a.mp4": None, "b.mp4": "exact"}),
    )
    assert table.loc["b.mp4", "detail"] == "The same bytes as a.mp4, frame 3; that one comes first by path."


def test_every_removal_and_every_flag_is_one_sentence() -> None:
    table = verdicts(
        frames.images(
            *({"path": f"{name}.jpg"} for name in "abcdef"),
            {"path": "test/g.jpg", "split": "test"},
            {"path": "h.jpg", "status": "empty", "reason": "empty: no bytes"},
        ),
        pairs=frames.pairs(("a.jpg", "b.jpg", "near", 0.95), ("c.jpg", "test/g.jpg", "exact", 1.0)),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "near"}, {"test/g.jpg": None, "c.jpg": "exact"}),
        flagged=("d.jpg",),
        bad={str(issue): [f"{name}.jpg"] for issue, name in zip(QualityIssue, "eeeefff", strict=True)},
    )
    told = table.loc[table["rule"].notna(), "detail"]
    assert set(told.index) == {"b.jpg", "c.jpg", "d.jpg", "e.jpg", "f.jpg", "h.jpg"}
    for sentence in told:
        assert sentence.endswith(".")
        assert ".." not in sentence
    assert "protected split test" in told["c.jpg"]
    assert told["d.jpg"] == "d.jpg is strange; threshold q = 0.1."


def test_an_unprotected_copy_of_a_protected_image_is_a_leak_and_goes() -> None:
    table = verdicts(
        frames.images({"path": "train/a.jpg", "split": "train"}, {"path": "test/b.jpg", "split": "test"}),
        pairs=frames.pairs(("train/a.jpg", "test/b.jpg", "near", 0.8)),
        duplicates=frames.duplicates({"test/b.jpg": None, "train/a.jpg": "near"}),
    )
    assert of(table, "train/a.jpg") == ("remove", "leak")
    assert table.loc["train/a.jpg", "keeper"] == "test/b.jpg"
    assert of(table, "test/b.jpg") == ("keep", None)


def test_a_leak_counts_by_pair_even_outside_the_group() -> None:
    table = verdicts(
        frames.images({"path": "train/a.jpg"}, {"path": "train/b.jpg"}, {"path": "test/c.jpg", "split": "test"}),
        pairs=frames.pairs(("train/a.jpg", "test/c.jpg", "near", 0.5), ("train/a.jpg", "train/b.jpg", "near", 0.6)),
        duplicates=frames.duplicates({"train/a.jpg": None, "train/b.jpg": "near"}),
    )
    assert of(table, "train/a.jpg") == ("remove", "leak")
    # b is no copy of c, and a is gone: b stays.
    assert of(table, "train/b.jpg") == ("keep", None)


def test_copies_inside_a_protected_split_are_only_flagged() -> None:
    table = verdicts(
        frames.images({"path": "test/a.jpg", "split": "test"}, {"path": "test/b.jpg", "split": "test"}),
        pairs=frames.pairs(("test/a.jpg", "test/b.jpg", "exact", 1.0)),
        duplicates=frames.duplicates({"test/a.jpg": None, "test/b.jpg": "exact"}),
    )
    assert of(table, "test/b.jpg") == ("keep", "exact_duplicate")


def test_copies_whose_labels_differ_are_only_flagged() -> None:
    table = verdicts(
        frames.images({"path": "cat/a.jpg", "label": "cat"}, {"path": "dog/a.jpg", "label": "dog"}),
        pairs=frames.pairs(("cat/a.jpg", "dog/a.jpg", "near", 0.9, True)),
        duplicates=frames.duplicates({"cat/a.jpg": None, "dog/a.jpg": "near"}, conflict=True),
    )
    assert of(table, "dog/a.jpg") == ("keep", "near_duplicate")
    assert "labels differ" in table.loc["dog/a.jpg", "detail"]


def test_a_leak_whose_labels_differ_is_only_flagged() -> None:
    table = verdicts(
        frames.images({"path": "train/a.jpg", "label": "cat"}, {"path": "test/a.jpg", "label": "dog", "split": "test"}),
        pairs=frames.pairs(("train/a.jpg", "test/a.jpg", "near", 0.9, True)),
        duplicates=frames.duplicates({"test/a.jpg": None, "train/a.jpg": "near"}, conflict=True),
    )
    assert of(table, "train/a.jpg") == ("keep", "leak")


def test_outliers_and_quality_are_flagged_not_removed() -> None:
    table = verdicts(
        frames.images({"path": "a.jpg"}, {"path": "b.jpg"}), flagged=("a.jpg",), bad={"dark": ["a.jpg", "b.jpg"]}
    )
    assert of(table, "a.jpg") == ("keep", "outlier")
    assert of(table, "b.jpg") == ("keep", "dark")


def test_outliers_go_when_asked_but_not_from_a_protected_split() -> None:
    table = verdicts(
        frames.images({"path": "a.jpg"}, {"path": "test/b.jpg", "split": "test"}),
        flagged=("a.jpg", "test/b.jpg"),
        policy=Policy(frozenset({"outlier"}), frozenset({"test"})),
    )
    assert of(table, "a.jpg") == ("remove", "outlier")
    assert of(table, "test/b.jpg") == ("keep", "outlier")


def test_a_blurry_keeper_that_goes_leaves_its_place_to_a_copy() -> None:
    table = verdicts(
        frames.images({"path": "a.jpg"}, {"path": "b.jpg"}),
        bad={"blurry": ["a.jpg"]},
        pairs=frames.pairs(("a.jpg", "b.jpg", "near", 0.8)),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "near"}),
        policy=Policy(frozenset({"blurry", "near_duplicate"}), frozenset()),
    )
    assert of(table, "a.jpg") == ("remove", "blurry")
    assert of(table, "b.jpg") == ("keep", None)


def test_a_decision_beats_every_rule() -> None:
    images = frames.images(
        {"path": "strange.jpg"},
        {"path": "good.jpg"},
        {"path": "broken.jpg", "status": "unreadable", "reason": "cut short"},
    )
    table = verdicts(
        images,
        flagged=("strange.jpg",),
        policy=Policy(frozenset({"outlier", "unreadable"}), frozenset()),
        decisions=frames.decisions(
            {"path": "strange.jpg", "decision": "keep"},
            {"path": "good.jpg", "decision": "drop", "reviewer": "ann", "reason": "watermark"},
            {"path": "broken.jpg", "decision": "keep"},
        ),
    )
    assert of(table, "strange.jpg") == ("keep", "decision")
    assert of(table, "broken.jpg") == ("keep", "decision")
    assert of(table, "good.jpg") == ("remove", "decision")
    assert table.loc["good.jpg", "detail"] == "dropped by ann: watermark"


def test_an_item_decided_keep_becomes_its_groups_keeper() -> None:
    table = verdicts(
        frames.images({"path": "a.jpg"}, {"path": "b.jpg"}),
        pairs=frames.pairs(("a.jpg", "b.jpg", "near", 0.8)),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "near"}),
        decisions=frames.decisions({"path": "b.jpg", "decision": "keep"}),
    )
    assert of(table, "b.jpg") == ("keep", "decision")
    assert of(table, "a.jpg") == ("remove", "near_duplicate")
    assert table.loc["a.jpg", "keeper"] == "b.jpg"


def test_two_copies_both_decided_keep_both_stay() -> None:
    table = verdicts(
        frames.images({"path": "a.jpg"}, {"path": "b.jpg"}),
        pairs=frames.pairs(("a.jpg", "b.jpg", "near", 0.8)),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "near"}),
        decisions=frames.decisions({"path": "a.jpg", "decision": "keep"}, {"path": "b.jpg", "decision": "keep"}),
    )
    assert table["verdict"].tolist() == ["keep", "keep"]


def test_a_dropped_keeper_leaves_its_place_to_a_copy() -> None:
    table = verdicts(
        frames.images({"path": "a.jpg"}, {"path": "b.jpg"}),
        pairs=frames.pairs(("a.jpg", "b.jpg", "near", 0.8)),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "near"}),
        decisions=frames.decisions({"path": "a.jpg", "decision": "drop"}),
    )
    assert of(table, "a.jpg") == ("remove", "decision")
    assert of(table, "b.jpg") == ("keep", None)


def test_equal_bytes_are_copies_without_a_pair() -> None:
    same = digest(b"the same")
    table = verdicts(
        frames.images(*({"path": path, "content_id": same} for path in ("a.jpg", "b.jpg", "c.jpg"))),
        pairs=frames.pairs(("a.jpg", "b.jpg", "exact", 1.0), ("a.jpg", "c.jpg", "exact", 1.0)),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "exact", "c.jpg": "exact"}),
        decisions=frames.decisions({"path": "a.jpg", "content_id": same, "decision": "drop"}),
    )
    assert of(table, "b.jpg") == ("keep", None)
    assert of(table, "c.jpg") == ("remove", "exact_duplicate")
    assert table.loc["c.jpg", "keeper"] == "b.jpg"


def test_once_a_decision_ends_the_conflict_the_copies_go() -> None:
    images = frames.images(
        {"path": "cat/a.jpg", "label": "cat"},
        {"path": "cat/b.jpg", "label": "cat"},
        {"path": "dog/a.jpg", "label": "dog"},
    )
    names = images["path"].tolist()
    found = {
        "pairs": frames.pairs(*((a, b, "near", 0.9, True) for a in names for b in names if a < b)),
        "duplicates": frames.duplicates({"cat/a.jpg": None, "cat/b.jpg": "near", "dog/a.jpg": "near"}, conflict=True),
    }
    assert verdicts(images, **found)["verdict"].tolist() == ["keep"] * 3
    dropped = verdicts(images, **found, decisions=frames.decisions({"path": "dog/a.jpg", "decision": "drop"}))
    assert of(dropped, "cat/b.jpg") == ("remove", "near_duplicate")
    word = {"path": "dog/a.jpg", "decision": "relabel", "label": "cat"}
    relabelled = verdicts(images, **found, decisions=frames.decisions(word))
    assert of(relabelled, "cat/b.jpg") == ("remove", "near_duplicate")
    assert of(relabelled, "dog/a.jpg") == ("keep", "decision")


def test_relabel_changes_the_label_and_keeps_the_old_one() -> None:
    table = verdicts(
        frames.images({"path": "a.jpg", "label": "cat"}, {"path": "b.jpg", "label": "cat"}),
        decisions=frames.decisions({"path": "a.jpg", "decision": "relabel", "label": "dog"}),
    )
    assert table.loc["a.jpg", ["verdict", "label", "original_label"]].tolist() == ["keep", "dog", "cat"]
    assert table.loc["b.jpg", ["verdict", "label", "original_label"]].tolist() == ["keep", "cat", "cat"]


PATHS = [f"{name}.jpg" for name in "abcdefgh"]


@st.composite
def situations(draw: st.DrawFn) -> dict:
    """Images in and out of protected splits, stars of copies, further pairs, flags and decisions."""
    images = frames.images(*({"path": p, "split": draw(st.sampled_from([None, "train", "test"]))} for p in PATHS))
    size = draw(st.integers(0, 4))
    groups = [g for g in (PATHS[:size], PATHS[4 : 4 + draw(st.integers(0, 4))]) if len(g) > 1]
    links = {(g[0], other) for g in groups for other in g[1:]}
    links |= set(draw(st.lists(st.sampled_from([(a, b) for a in PATHS for b in PATHS if a < b]), max_size=6)))
    chosen = draw(st.lists(st.sampled_from(PATHS), unique=True, max_size=3))
    return {
        "images": images,
        "pairs": frames.pairs(
            *((a, b, "near", 0.5, draw(st.booleans()) and draw(st.booleans())) for a, b in sorted(links))
        ),
        "duplicates": frames.duplicates(*({p: None if p == g[0] else "near" for p in g} for g in groups)),
        "flagged": tuple(draw(st.lists(st.sampled_from(PATHS), unique=True))),
        "decisions": frames.decisions(
            *({"path": p, "decision": draw(st.sampled_from(["keep", "drop"]))} for p in chosen)
        ),
        "policy": Policy(frozenset({"unreadable", "leak", "near_duplicate", "outlier"}), frozenset({"test"})),
    }


@given(situations())
def test_whatever_happens(situation: dict) -> None:
    table = verdicts(**situation)
    images = situation["images"].set_index("path")
    decided = dict(zip(situation["decisions"]["path"], situation["decisions"]["decision"], strict=True))
    pairs = {frozenset(pair) for pair in zip(situation["pairs"]["item_a"], situation["pairs"]["item_b"], strict=True)}
    assert set(table.index) == set(PATHS)
    for path, row in table.iterrows():
        if path in decided:
            assert row["verdict"] == {"keep": "keep", "drop": "remove"}[decided[path]]
        elif images.loc[path, "split"] == "test":
            assert row["verdict"] == "keep", "a rule removed a protected image"
        if row["verdict"] == "remove":
            assert isinstance(row["rule"], str)
            assert isinstance(row["detail"], str)
        if row["verdict"] == "remove" and row["rule"] in ("leak", "near_duplicate"):
            assert table.loc[row["keeper"], "verdict"] == "keep", "a copy was removed for an image that goes too"
            assert frozenset((item_id(path), row["keeper_id"])) in pairs


def test_a_label_in_doubt_is_flagged_and_goes_only_where_that_is_asked_for() -> None:
    rows = frames.images({"path": "a.jpg", "label": "cat"}, {"path": "b.jpg", "label": "cat", "split": "test"})
    found = verdicts(rows, doubted=("a.jpg", "b.jpg"))
    assert found["rule"].tolist() == ["label_issue", "label_issue"]
    assert found["verdict"].tolist() == ["keep", "keep"]
    asked = Policy(USUAL.remove | {"label_issue"}, USUAL.protect)
    assert verdicts(rows, doubted=("a.jpg", "b.jpg"), policy=asked)["verdict"].tolist() == ["remove", "keep"]
