"""What the rules of a policy look at: who offends, and out of how many.

Every number counts images, in the way `core.counts` does, so that a gate never contradicts metrics.json.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from stages.contracts.vocabulary import NOISE, DuplicateKind, QualityIssue, Rule, Status, Verdict
from stages.core import counts


@dataclass(frozen=True)
class Encoder:
    """Which encoder made the vectors."""

    kind: str
    model: str
    revision: str
    is_fallback: bool


@dataclass(frozen=True)
class Drift:
    """How far the vectors are from the baseline's; numbers are None where there are too few images to tell.

    statistic : squared MMD.  p_value : share of shuffles that give as much.
    """

    statistic: float | None
    p_value: float | None
    baseline: str


@dataclass(frozen=True)
class Facts:
    """All that rules look at.

    tables : `images`, `quality`, `pairs`, `duplicates`, `clusters`, `outliers`, `verdicts`; `labels` where a rule asks.
    protect : splits into which nothing may leak.  drift : None where no rule asks for it.
    unjudged : by rule, in words, why its findings are none: nobody looked.
    """

    tables: Mapping[str, pd.DataFrame]
    protect: frozenset[str]
    encoder: Encoder
    drift: Drift | None = None
    unjudged: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]


@dataclass(frozen=True)
class Offence:
    """Something that images can be guilty of.

    what : it, in words.  see : the page or file that shows all of them.
    offenders : their item ids.  of : out of how many, where a share is limited.
    """

    what: str
    see: str
    offenders: Callable[[Facts], Iterable[str]]
    of: Callable[[Facts], int] | None = None


def leaks(facts: Facts) -> Iterable[str]:
    return counts.leaking(facts["images"], facts["pairs"], facts.protect)


def label_conflicts(facts: Facts) -> Iterable[str]:
    return _where(facts["duplicates"], "label_conflict")


def unreadable(facts: Facts) -> Iterable[str]:
    images = facts["images"]
    return images.loc[images["status"] != Status.OK, "item_id"]


def undecided(facts: Facts) -> Iterable[str]:
    """Images that stay although a rule speaks of them, and no decision does."""
    verdicts = facts["verdicts"]
    flagged = verdicts["rule"].notna() & (verdicts["rule"] != Rule.DECISION)
    return verdicts.loc[flagged & (verdicts["verdict"] == Verdict.KEEP), "item_id"]


def exact_copies(facts: Facts) -> Iterable[str]:
    return _copies(facts, DuplicateKind.EXACT)


def near_copies(facts: Facts) -> Iterable[str]:
    return _copies(facts, DuplicateKind.NEAR)


def outliers(facts: Facts) -> Iterable[str]:
    return _where(facts["outliers"], "is_outlier")


def quality_issues(facts: Facts) -> Iterable[str]:
    """Images with any issue; one with two counts once."""
    quality = facts["quality"]
    return quality.loc[quality[[f"is_{issue}" for issue in QualityIssue]].any(axis=1), "item_id"]


def label_issues(facts: Facts) -> Iterable[str]:
    return _where(facts["labels"], "is_label_issue")


def noise(facts: Facts) -> Iterable[str]:
    clusters = facts["clusters"]
    return clusters.loc[clusters["cluster"] == NOISE, "item_id"]


def readable(facts: Facts) -> int:
    return int((facts["images"]["status"] == Status.OK).sum())


def labelled(facts: Facts) -> int:
    images = facts["images"]
    return int((images["label"].notna() & (images["status"] == Status.OK)).sum())


def class_sizes(facts: Facts) -> pd.Series:
    """Readable images that stay, per class (index) by their label after decisions, smallest class first.

    A class that lost all of its images is there, with none.
    """
    verdicts = facts["verdicts"]
    names = sorted({*verdicts["label"].dropna(), *verdicts["original_label"].dropna()})
    images = facts["images"]
    there = set(images.loc[images["status"] == Status.OK, "item_id"])
    stays = (verdicts["verdict"] == Verdict.KEEP) & verdicts["item_id"].isin(there)
    sizes = verdicts.loc[stays, "label"].value_counts()
    return sizes.reindex(names, fill_value=0).sort_values(kind="stable")


def _where(table: pd.DataFrame, flag: str) -> pd.Series:
    return table.loc[table[flag], "item_id"]


def _copies(facts: Facts, kind: DuplicateKind) -> pd.Series:
    duplicates = facts["duplicates"]
    return duplicates.loc[duplicates["kind"] == kind, "item_id"]


COPIES = "reports/duplicates.html"
OFFENCES = {
    "max_leaks": Offence("images outside the protected splits with a copy inside one", COPIES, leaks),
    "max_label_conflicts": Offence("images with a copy that has another label", COPIES, label_conflicts),
    "max_unreadable": Offence("files that cannot be used", "reports/quality.html", unreadable),
    "undecided": Offence("flagged images that stay without a decision", "winnow review", undecided),
    "max_exact_duplicate_rate": Offence("exact copies among readable images", COPIES, exact_copies, readable),
    "max_near_duplicate_rate": Offence("near copies among readable images", COPIES, near_copies, readable),
    "max_outlier_rate": Offence("outliers among readable images", "reports/outliers.html", outliers, readable),
    "max_quality_issue_rate": Offence(
        "images with a quality issue among readable ones", "reports/quality.html", quality_issues, readable
    ),
    "max_label_issue_rate": Offence(
        "suspect labels among labelled images", "reports/labels.html", label_issues, labelled
    ),
    "max_noise_fraction": Offence("readable images in no cluster", "reports/clusters.html", noise, readable),
}
"""The rules that limit a number of images from above, or their share."""
