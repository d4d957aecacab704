from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.params.check import Params
from stages.core.policy import Finding, judge, names_of
from stages.core.rules import OFFENCES, Drift, Encoder, Facts
from tests import frames
from tests.frames import item_id

NAMES = [f"{number}.jpg" for number in range(10)]
PACKAGED = Encoder("packaged", "efficientnet-lite0", "0.1.0", is_fallback=True)
CLIP = Encoder("clip", "openai/clip-vit-base-patch32", "3d74acf9a28c", is_fallback=False)


def facts(encoder: Encoder = CLIP, drift: Drift | None = None, **more: pd.DataFrame) -> Facts:
    """Ten readable images of one class, of which there is nothing to say, but for `more`."""
    images = frames.images(*({"path": path, "label": "cat", "split": "train"} for path in NAMES))
    tables = {
        "images": images,
        "quality": frames.quality(NAMES),
        "pairs": frames.pairs(),
        "duplicates": frames.duplicates(),
        "clusters": frames.clusters(**{path[:-4]: 0 for path in NAMES}),
        "outliers": frames.outliers(NAMES),
        "verdicts": verdicts(),
        "labels": pd.DataFrame({"item_id": images["item_id"], "is_label_issue": False}),
    }
    return Facts(tables | more, frozenset({"test"}), encoder, drift)


def verdicts(**changed: dict) -> pd.DataFrame:
    """`_1={"verdict": "remove"}` is of 1.jpg."""
    rows = [
        {"item_id": item_id(path), "verdict": "keep", "rule": None, "label": "cat", "original_label": "cat"}
        | changed.get(f"_{path[:-4]}", {})
        for path in NAMES
    ]
    return pd.DataFrame(rows)


def one(rule: str, limit: float | str, found: Facts) -> Finding:
    (finding,) = judge({rule: limit}, found)
    return finding


GUILTY = {
    "max_leaks": {
        "images": frames.images(
            *({"path": path, "split": "test" if path == "9.jpg" else "train"} for path in NAMES),
        ),
        "pairs": frames.pairs(("1.jpg", "9.jpg", "near", 0.9), ("2.jpg", "9.jpg", "near", 0.9)),
    },
    "max_label_conflicts": {"duplicates": frames.duplicates({"1.jpg": None, "2.jpg": "near"}, conflict=True)},
    "max_unreadable": {
        "images": frames.images(
            *({"path": path, "status": "empty" if path in ("1.jpg", "2.jpg") else "ok"} for path in NAMES),
        )
    },
    "undecided": {
        "verdicts": verdicts(
            _1={"rule": "dark"},
            _2={"rule": "outlier"},
            _3={"rule": "decision"},
            _4={"verdict": "remove", "rule": "leak"},
        )
    },
    "max_exact_duplicate_rate": {
        "duplicates": frames.duplicates({"0.jpg": None, "1.jpg": "exact", "2.jpg": "exact", "3.jpg": "near"})
    },
    "max_near_duplicate_rate": {
        "duplicates": frames.duplicates({"0.jpg": None, "1.jpg": "near", "2.jpg": "near", "3.jpg": "exact"})
    },
    "max_outlier_rate": {"outliers": frames.outliers(NAMES, ("1.jpg", "2.jpg"))},
    "max_quality_issue_rate": {"quality": frames.quality(NAMES, dark=["1.jpg", "2.jpg"], blurry=["2.jpg"])},
    "max_label_issue_rate": {
        "labels": pd.DataFrame(
            {
                "item_id": [item_id(path) for path in NAMES],
                "is_label_issue": [path in ("1.jpg", "2.jpg") for path in NAMES],
            }
        )
    },
    "max_noise_fraction": {"clusters": frames.clusters(**{path[:-4]: -(path in ("1.jpg", "2.jpg")) for path in NAMES})},
}
"""For each rule that counts images, tables in which 1.jpg and 2.jpg are guilty, and others of something else."""


@pytest.mark.parametrize("rule", sorted(OFFENCES))
def test_each_rule_counts_its_own_offenders(rule: str) -> None:
    finding = one(rule, 0, facts(**GUILTY[rule]))
    assert not finding.holds
    assert finding.count == 2
    assert finding.first == ("1.jpg", "2.jpg")
    assert finding.found == (2 if OFFENCES[rule].of is None else 0.2)


@pytest.mark.parametrize("rule", sorted(OFFENCES))
def test_a_rule_holds_up_to_its_limit(rule: str) -> None:
    guilty = facts(**GUILTY[rule])
    limit = one(rule, 0, guilty).found
    finding = one(rule, limit, guilty)
    assert finding.holds
    assert finding.told_beyond == ""
    assert one(rule, 0, facts()).holds


def test_how_much_is_told_in_the_rules_own_unit() -> None:
    counted = one("undecided", 1, facts(**GUILTY["undecided"]))
    assert (counted.told_limit, counted.told_found, counted.told_beyond) == ("at most 1", "2", "1")
    share = one("max_outlier_rate", 0.125, facts(**GUILTY["max_outlier_rate"]))
    assert (share.told_limit, share.told_found, share.told_beyond) == (
        "at most 12.5 %",
        "20 % (2 of 10)",
        "7.5 points",
    )


def test_only_the_first_offenders_are_named_and_all_are_counted() -> None:
    finding = one("max_outlier_rate", 0, facts(outliers=frames.outliers(NAMES, tuple(NAMES))))
    assert finding.first == ("0.jpg", "1.jpg", "2.jpg")
    assert finding.count == 10


def test_frames_of_a_video_are_named_by_number_and_in_order() -> None:
    images = frames.images(*({"path": "v.mp4", "frame": n, "item_id": f"{n:032}"} for n in (30, 4)))
    assert names_of(images, images["item_id"]) == ["v.mp4, frame 4", "v.mp4, frame 30"]


def test_no_images_break_no_rule() -> None:
    empty = {
        "images": frames.images(),
        "quality": frames.quality([]),
        "clusters": frames.clusters(),
        "outliers": frames.outliers([]),
        "verdicts": verdicts().iloc[:0],
        "labels": pd.DataFrame({"item_id": [], "is_label_issue": pd.Series([], dtype=bool)}),
    }
    limits = dict.fromkeys(OFFENCES, 0) | {"min_images_per_class": 5}
    findings = judge(limits, facts(**empty))
    assert [finding.rule for finding in findings] == list(limits)
    assert all(finding.holds for finding in findings)


def test_what_has_no_limit_is_not_looked_at() -> None:
    assert judge(dict.fromkeys([*OFFENCES, "max_drift", "require_encoder"]), facts()) == []


def test_findings_come_in_the_order_of_params_yaml() -> None:
    limits = Params(max_drift=1.0, baseline="main", require_encoder="clip").model_dump()
    limits = {rule: limit for rule, limit in limits.items() if rule not in ("scope", "baseline")}
    findings = judge(limits, facts(drift=Drift(0.0, 1.0, "main")))
    assert [finding.rule for finding in findings] == [rule for rule, limit in limits.items() if limit is not None]


def test_an_unknown_rule_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        judge({"max_fun": 1}, facts())


class TestClasses:
    def test_the_smallest_is_held_against_the_limit(self) -> None:
        small = verdicts(_1={"label": "dog", "original_label": "dog"}, _2={"label": "emu", "original_label": "emu"})
        finding = one("min_images_per_class", 3, facts(verdicts=small))
        assert not finding.holds
        assert finding.first == ("dog (1)", "emu (1)")
        assert (finding.found, finding.count, finding.told_beyond) == (1, 2, "2")
        assert one("min_images_per_class", 1, facts(verdicts=small)).holds

    def test_a_class_that_lost_all_its_images_is_not_forgotten(self) -> None:
        gone = verdicts(_1={"label": "dog", "original_label": "dog", "verdict": "remove"})
        assert one("min_images_per_class", 1, facts(verdicts=gone)).first == ("dog (0)",)

    def test_a_class_that_was_relabelled_away_is_not_forgotten(self) -> None:
        away = verdicts(_1={"label": "cat", "original_label": "dog"})
        assert one("min_images_per_class", 1, facts(verdicts=away)).first == ("dog (0)",)

    def test_files_that_nobody_can_open_fill_no_class(self) -> None:
        broken = frames.images(*({"path": path, "status": "ok" if path == "1.jpg" else "empty"} for path in NAMES))
        assert one("min_images_per_class", 1, facts(images=broken)).found == 1

    def test_without_labels_there_is_nothing_to_hold(self) -> None:
        finding = one("min_images_per_class", 9, facts(verdicts=verdicts().assign(label=None, original_label=None)))
        assert finding.holds
        assert finding.found is None
        assert finding.told_found == "no labels"


class TestDrift:
    def judged(self, statistic: float | None, p_value: float | None) -> Finding:
        return one("max_drift", 0.1, facts(drift=Drift(statistic, p_value, "main")))

    def test_a_shift_beyond_the_limit_breaks_the_rule(self) -> None:
        finding = self.judged(0.25, 0.005)
        assert not finding.holds
        assert finding.told_found == "0.25 (p = 0.005)"
        assert finding.told_beyond == "0.15"
        assert finding.see == "winnow compare main now"

    def test_a_shift_within_the_limit_does_not(self) -> None:
        assert self.judged(0.09, 0.005).holds

    def test_what_chance_gives_too_is_no_shift(self) -> None:
        finding = self.judged(0.25, 0.2)
        assert finding.holds
        assert "chance" in finding.told_found

    def test_too_few_images_are_said_to_be_too_few(self) -> None:
        finding = self.judged(None, None)
        assert finding.holds
        assert finding.told_found == "too few images to tell"


class TestEncoder:
    @pytest.mark.parametrize(
        ("asked", "encoder", "holds"),
        [
            ("requested", CLIP, True),
            ("requested", PACKAGED, False),
            ("requested", replace(PACKAGED, is_fallback=False), True),
            ("packaged", PACKAGED, True),
            ("packaged:efficientnet-lite0@0.1.0", PACKAGED, True),
            ("clip:efficientnet-lite0", PACKAGED, False),
            ("clip", PACKAGED, False),
            ("openai/clip-vit-base-patch32", CLIP, True),
            ("openai/clip-vit-base-patch32@3d74acf", CLIP, True),
            ("openai/clip-vit-base-patch32@ffff", CLIP, False),
            ("openai/clip-vit-base-patch3", CLIP, False),
            ("openai/clip-vit-large-patch14", CLIP, False),
        ],
    )
    def test_it_is_the_one_required_or_not(self, asked: str, encoder: Encoder, holds: bool) -> None:
        assert one("require_encoder", asked, facts(encoder)).holds is holds

    def test_a_fallback_is_called_one(self) -> None:
        assert one("require_encoder", "clip", facts(PACKAGED)).told_found == "efficientnet-lite0@0.1.0, as a fallback"


@given(guilty=st.sets(st.sampled_from(NAMES)), limit=st.floats(0, 1))
def test_a_share_holds_exactly_when_it_is_within_the_limit(guilty: set[str], limit: float) -> None:
    finding = one("max_outlier_rate", limit, facts(outliers=frames.outliers(NAMES, tuple(guilty))))
    assert finding.holds == (len(guilty) / 10 <= limit)
    assert (finding.told_beyond == "") == finding.holds
    assert finding.count == len(guilty)
