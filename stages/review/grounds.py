"""Why somebody should look at an image: the sentences of the stages that flagged it."""

from __future__ import annotations

from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.labels import LABELS
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.verdicts import VERDICTS
from stages.contracts.vocabulary import DuplicateKind, QualityIssue, Rule
from stages.pages import words

COPIES = {Rule.EXACT_DUPLICATE, Rule.NEAR_DUPLICATE, Rule.LEAK}


def grounds(row: dict[str, dict]) -> list[list[str]]:
    """Per finding its title and a sentence; the one that the verdict follows comes first, with its thresholds.

    Parameters
    ----------
    row : the values of one image, by table and column.
    """
    verdict = row[VERDICTS.name]
    rule = Rule(verdict["rule"]) if verdict["rule"] else None
    first = [] if rule in (None, Rule.DECISION) else [(rule, [words.rule(rule), verdict["detail"] or ""])]
    others = [*_copy(row[DUPLICATES.name]), *_flagged(row), *_defects(row[QUALITY.name])]
    told = {Rule.EXACT_DUPLICATE} if rule in COPIES else {rule}
    return [told_as for _, told_as in first] + [told_as for other, told_as in others if other not in told]


def _copy(found: dict) -> list[tuple[Rule, list[str]]]:
    """Of a copy how it lies on its keeper; of a keeper that its copies have another label. One rule stands for all."""
    if found["keep"] is None or (found["keep"] and not found["label_conflict"]):
        return []
    rule = Rule.EXACT_DUPLICATE if found["kind"] == DuplicateKind.EXACT else Rule.NEAR_DUPLICATE
    if found["label_conflict"]:
        return [(Rule.EXACT_DUPLICATE, ["Labels differ", f"A copy of it has another label. {found['evidence']}"])]
    return [(Rule.EXACT_DUPLICATE, [words.rule(rule), found["evidence"]])]


def _flagged(row: dict[str, dict]) -> list[tuple[Rule, list[str]]]:
    flags = ((Rule.OUTLIER, OUTLIERS.name, "is_outlier"), (Rule.LABEL_ISSUE, LABELS.name, "is_label_issue"))
    return [(rule, [words.rule(rule), row[table]["evidence"]]) for rule, table, flag in flags if row[table][flag]]


def _defects(found: dict) -> list[tuple[Rule, list[str]]]:
    return [
        (
            Rule(issue.value),
            [words.ISSUES[issue].title, f"Score {found[f'{issue}_score']:.2f} of 1: {words.ISSUES[issue].score}."],
        )
        for issue in QualityIssue
        if found[f"is_{issue}"]
    ]
