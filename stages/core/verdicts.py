"""Who stays, who goes, and by which rule.

The order is: a person's decision; faults of the image itself; leaks into a protected split; copies.
An image that is removed always names a keeper that stays. Images of protected splits are never
removed by a rule, unless nobody can open them; nor are copies whose labels disagree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from stages.contracts.vocabulary import Decision, DuplicateKind, QualityIssue, Rule, Status, Verdict
from stages.core import evidence
from stages.core.evidence import Copy, Thresholds
from stages.core.findings import Findings
from stages.core.groups import name_of, ranked

COLUMNS = ["item_id", "verdict", "rule", "detail", "keeper_id", "label", "original_label"]


@dataclass(frozen=True)
class Policy:
    """What may be removed: the rules that remove, and the splits that no rule touches."""

    remove: frozenset[str]
    protect: frozenset[str]


@dataclass
class Word:
    """What is said of one item while verdicts are being made."""

    verdict: Verdict = Verdict.KEEP
    rule: str | None = None
    detail: str | None = None
    keeper_id: str | None = None

    def remove(self, rule: str, detail: str, keeper_id: str | None = None) -> None:
        self.verdict, self.rule, self.detail, self.keeper_id = Verdict.REMOVE, rule, detail, keeper_id

    def flag(self, rule: str, detail: str, keeper_id: str | None = None) -> None:
        """Note what is wrong; the first thing noted is the one told."""
        if self.rule is None:
            self.rule, self.detail, self.keeper_id = rule, detail, keeper_id


@dataclass
class Case:
    """All that verdicts are made from, by item id.

    names : path, and frame where there is one.  ranked : the items that have copies, the best keeper first.
    words : of those that anything is said of.
    """

    names: dict[str, str]
    contents: dict[str, str]
    labels: dict[str, str]
    splits: dict[str, str]
    protected: set[str]
    decided: dict[str, Decision]
    ranked: dict[str, Mapping]
    thresholds: Thresholds
    copies: dict[str, dict[str, Copy]] = field(default_factory=lambda: defaultdict(dict))
    words: dict[str, Word] = field(default_factory=lambda: defaultdict(Word))

    def stays(self, item: str) -> bool:
        return item not in self.words or self.words[item].verdict == Verdict.KEEP

    def may_go(self, item: str) -> bool:
        """No decision keeps it and no split protects it."""
        return item not in self.protected and item not in self.decided

    def copy(self, item: str, keeper: str) -> Copy | None:
        """How `item` copies `keeper`; very large groups of equal bytes do not list every pair."""
        if self.contents[item] == self.contents[keeper]:
            return Copy(DuplicateKind.EXACT, 1.0)
        return self.copies[item].get(keeper)

    def rank(self, item: str) -> tuple[int, str]:
        """How good a keeper it would be, the best first; by name where nothing is known of it."""
        return (self.ranked[item]["rank"] if item in self.ranked else len(self.ranked)), self.names[item]

    def conflict(self, items: Iterable[str]) -> bool:
        """Whether the labels of those items, after decisions, differ."""
        return len({self.labels[item] for item in items if item in self.labels}) > 1


def judge(found: Findings, decisions: pd.DataFrame, policy: Policy, thresholds: Thresholds) -> pd.DataFrame:
    """The `verdicts` table: a row per item of `found.images`.

    Parameters
    ----------
    decisions : `item_id` (index), `decision`, `label`, `reason`, `reviewer`.
    policy : which rules remove, and which splits they may not touch.
    thresholds : by which the tables were judged, to be told.
    """
    labels = _labels(found.images, decisions)
    case = _open_case(found, labels, decisions, policy, thresholds)
    faults = list(_faults(found, thresholds))
    _decide(case, decisions)
    _judge_unreadable(case, found.images, policy)
    _judge_faults(case, faults, policy, removing=True)
    _judge_leaks(case, policy)
    for keeper, members in _groups(found.duplicates):
        _judge_group(case, keeper, members, policy)
    _judge_faults(case, faults, policy, removing=False)
    return _table(case, found.images, labels)


def _open_case(
    found: Findings, labels: pd.Series, decisions: pd.DataFrame, policy: Policy, thresholds: Thresholds
) -> Case:
    images, pairs = found.images, found.pairs
    copied = {*pairs["item_a"], *pairs["item_b"], *found.duplicates["item_id"]}
    ids, paths, frames, contents, splits = (
        images[name].tolist() for name in ("item_id", "path", "frame", "content_id", "split")
    )
    case = Case(
        names=dict(zip(ids, map(name_of, paths, frames), strict=True)),
        contents=dict(zip(ids, contents, strict=True)),
        labels=labels[labels.notna()].to_dict(),
        splits=dict(zip(ids, splits, strict=True)),
        protected=set(images.loc[images["split"].isin(policy.protect), "item_id"]),
        decided={item: Decision(word) for item, word in decisions["decision"].items()},
        ranked=_ranked(images, found.quality, copied, policy),
        thresholds=thresholds,
    )
    columns = ["item_a", "item_b", "kind", "agreement", "transform", "vouched"]
    for a, b, *how in zip(*(pairs[name].tolist() for name in columns), strict=True):
        case.copies[a][b] = case.copies[b][a] = Copy(*how)
    return case


def _ranked(images: pd.DataFrame, quality: pd.DataFrame, wanted: set[str], policy: Policy) -> dict[str, Mapping]:
    """Items by id, with what makes one a better keeper than another."""
    rows = images[images["item_id"].isin(wanted)].merge(quality[["item_id", "sharpness"]], on="item_id")
    return {item["item_id"]: item for item in ranked(rows, tuple(policy.protect)).to_dict("records")}


def _decide(case: Case, decisions: pd.DataFrame) -> None:
    for item, row in decisions.iterrows():
        who = f" by {row['reviewer']}" if row["reviewer"] else ""
        why = f": {row['reason']}" if row["reason"] else ""
        word = case.words[item]
        if row["decision"] == Decision.DROP:
            word.remove(Rule.DECISION, f"dropped{who}{why}")
        elif row["decision"] == Decision.RELABEL:
            word.flag(Rule.DECISION, f"relabelled {row['label']}{who}{why}")
        else:
            word.flag(Rule.DECISION, f"kept{who}{why}")


def _judge_unreadable(case: Case, images: pd.DataFrame, policy: Policy) -> None:
    """A file that nobody can open is no image of any split, so protection does not hold it."""
    broken = images[images["status"] != Status.OK]
    frames = images.loc[images["frame"].notna(), "path"].value_counts()
    for item, path, status, reason in zip(
        *(broken[name] for name in ("item_id", "path", "status", "reason")), strict=True
    ):
        if item in case.decided:
            continue
        act = case.words[item].remove if Rule.UNREADABLE in policy.remove else case.words[item].flag
        act(Rule.UNREADABLE, evidence.of_unreadable(status if pd.isna(reason) else reason, frames.get(path, 0)))


def _judge_faults(case: Case, faults: list[tuple[Rule, str, str]], policy: Policy, *, removing: bool) -> None:
    """Outliers, doubted labels and quality issues: those that `export.remove` names go; others are noted at the end."""
    for rule, item, detail in faults:
        if not removing:
            case.words[item].flag(rule, detail)
        elif rule in policy.remove and case.may_go(item) and case.stays(item):
            case.words[item].remove(rule, detail)


def _faults(found: Findings, thresholds: Thresholds) -> Iterator[tuple[Rule, str, str]]:
    """(rule, item, detail) of each fault, kind by kind."""
    strange = found.outliers[found.outliers["is_outlier"]]
    for item, told in zip(strange["item_id"], strange["evidence"], strict=True):
        yield Rule.OUTLIER, item, evidence.of_outlier(told, thresholds.rate)
    doubted = found.labels[found.labels["is_label_issue"]]
    for item, told in zip(doubted["item_id"], doubted["evidence"], strict=True):
        yield Rule.LABEL_ISSUE, item, told
    sizes = found.images.set_index("item_id")[["width", "height"]]
    for issue in QualityIssue:
        bad = found.quality[found.quality[f"is_{issue}"]]
        rows = zip(bad["item_id"], bad[f"{issue}_score"], sizes.reindex(bad["item_id"]).to_numpy(), strict=True)
        for item, score, (width, height) in rows:
            told = evidence.of_quality(issue, score, int(width), int(height), thresholds.quality[issue])
            yield Rule(issue.value), item, told


def _judge_leaks(case: Case, policy: Policy) -> None:
    """An unprotected copy of a protected image goes, whatever group it is in: every pair counts."""
    for item in sorted(case.copies):
        if item in case.protected or not case.stays(item):
            continue
        inside = {b: copy for b, copy in case.copies[item].items() if b in case.protected and case.stays(b)}
        if inside:
            _judge_leak(case, item, inside, policy)


def _judge_leak(case: Case, item: str, inside: dict[str, Copy], policy: Policy) -> None:
    # The closest; of equals the first by name, so that the same data names the same one.
    keeper = min(inside, key=lambda b: (-inside[b].agreement, case.names[b]))
    reason = f"is in the protected split {case.splits[keeper]}"
    detail = evidence.of_copy(inside[keeper], case.names[keeper], case.thresholds, reason)
    _say(case, item, Rule.LEAK, detail, keeper, case.conflict([item, *inside]), policy)


def _groups(duplicates: pd.DataFrame) -> list[tuple[str, list[str]]]:
    """The proposed keeper and the members of each group, by the group's id."""
    found: dict[str, tuple[str, list[str]]] = {}
    rows = (duplicates[name].tolist() for name in ("group_id", "keeper_id", "item_id"))
    for group, keeper, item in zip(*rows, strict=True):
        found.setdefault(group, (keeper, []))[1].append(item)
    return [found[group] for group in sorted(found)]


def _judge_group(case: Case, proposed: str, members: list[str], policy: Policy) -> None:
    """Remove copies of the keeper; where the keeper is gone, the next best takes its place.

    A member is only ever removed for a keeper that stays and of which it is a copy itself: in a star
    two members need not be copies of each other.
    """
    waiting = sorted(
        (item for item in members if case.stays(item)),
        key=lambda item: (case.decided.get(item) != Decision.KEEP, item != proposed, case.rank(item)),
    )
    # Members that go already have no word in what the others should be called.
    conflict = case.conflict(waiting)
    while waiting:
        keeper, *others = waiting
        waiting = []
        for item in others:
            copy = case.copy(item, keeper)
            if copy is None:
                waiting.append(item)
            else:
                _judge_copy(case, item, keeper, copy, conflict, policy)


def _judge_copy(case: Case, item: str, keeper: str, copy: Copy, conflict: bool, policy: Policy) -> None:
    rule = Rule.EXACT_DUPLICATE if copy.kind == DuplicateKind.EXACT else Rule.NEAR_DUPLICATE
    reason = evidence.why_that_one(
        case.ranked[keeper], case.ranked[item], decided=case.decided.get(keeper) == Decision.KEEP
    )
    detail = evidence.of_copy(copy, case.names[keeper], case.thresholds, reason)
    _say(case, item, rule, detail, keeper, conflict, policy)


def _say(case: Case, item: str, rule: Rule, detail: str, keeper: str, conflict: bool, policy: Policy) -> None:
    """Remove the copy, or only flag it where labels differ, where a decision or a split keeps it, or nobody asked."""
    if conflict:
        case.words[item].flag(rule, evidence.of_conflict(detail), keeper)
    elif rule in policy.remove and case.may_go(item):
        case.words[item].remove(rule, detail, keeper)
    else:
        case.words[item].flag(rule, detail, keeper)


def _table(case: Case, images: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    unsaid = Word()
    words = [case.words.get(item, unsaid) for item in images["item_id"]]
    return pd.DataFrame(
        {
            "item_id": images["item_id"].to_numpy(),
            "verdict": [str(word.verdict) for word in words],
            "rule": [None if word.rule is None else str(word.rule) for word in words],
            "detail": [word.detail for word in words],
            "keeper_id": [word.keeper_id for word in words],
            "label": labels.to_numpy(),
            "original_label": images["label"].astype(object).where(images["label"].notna(), None).to_numpy(),
        },
        columns=COLUMNS,
    )


def _labels(images: pd.DataFrame, decisions: pd.DataFrame) -> pd.Series:
    """Label of each item (index) after decisions; None where there is none."""
    relabelled = decisions.loc[decisions["decision"] == Decision.RELABEL, "label"].astype(object)
    labels = images.set_index("item_id")["label"].astype(object)
    labels = relabelled.reindex(labels.index).where(lambda new: new.notna(), labels)
    return labels.where(labels.notna(), None)
