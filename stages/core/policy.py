"""The policy of a data set: each rule held against the data, and by how much it is broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from stages.core.groups import name_of
from stages.core.rules import OFFENCES, Facts, Offence, class_sizes

REQUESTED = "requested"
"""`require_encoder`: whichever one encoder.model names, only no fallback."""
BY_CHANCE = 0.05
"""p-value above which a drift is put down to chance."""
NAMED = 3
"""offenders that a finding names"""


@dataclass(frozen=True)
class Finding:
    """A rule held against the data.

    what : what is counted or measured, in words.
    limit, found : plain values; `found` is None where there was nothing to measure, and then the rule holds.
    told_limit, told_found, told_beyond : the same and the difference, as people read them.
    count : how many offend.  first : some of them, by path or name.  see : the page, file or command that shows all.
    """

    rule: str
    what: str
    holds: bool
    limit: float | str
    found: float | str | None
    told_limit: str
    told_found: str
    told_beyond: str = ""
    count: int = 0
    first: tuple[str, ...] = ()
    see: str = ""


def judge(limits: Mapping[str, float | str | None], facts: Facts) -> list[Finding]:
    """A finding per rule whose limit is not None, in the order of `limits`."""
    found = []
    for rule, limit in limits.items():
        if limit is None:
            continue
        if rule in OFFENCES:
            found.append(_judge_offence(rule, OFFENCES[rule], limit, facts))
        elif rule == "min_images_per_class":
            found.append(_judge_classes(rule, int(limit), facts))
        elif rule == "max_drift":
            found.append(_judge_drift(rule, float(limit), facts))
        elif rule == "require_encoder":
            found.append(_judge_encoder(rule, str(limit), facts))
        else:
            raise KeyError(rule)
    return found


def names_of(images: pd.DataFrame, items: Iterable[str]) -> list[str]:
    """Names of the items, in order of path and frame."""
    rows = images.loc[images["item_id"].isin(set(items)), ["path", "frame"]].sort_values(["path", "frame"])
    return [name_of(path, frame) for path, frame in rows.itertuples(index=False)]


def _judge_offence(rule: str, about: Offence, limit: float, facts: Facts) -> Finding:
    if rule in facts.unjudged:
        return _not_judged(rule, about, limit, facts.unjudged[rule])
    offenders = names_of(facts["images"], about.offenders(facts))
    count = len(offenders)
    of = about.of(facts) if about.of else None
    found = count if of is None else count / max(of, 1)
    holds = found <= limit
    return Finding(
        rule=rule,
        what=about.what,
        holds=holds,
        limit=limit,
        found=found,
        told_limit=_at_most(about, limit),
        told_found=f"{count:,}" if of is None else f"{percent(found)} ({count:,} of {of:,})",
        told_beyond="" if holds else f"{count - limit:,}" if of is None else f"{percent(found - limit)[:-2]} points",
        count=count,
        first=tuple(offenders[:NAMED]),
        see=about.see,
    )


def _not_judged(rule: str, about: Offence, limit: float, why: str) -> Finding:
    """What nobody looked for breaks no rule; but it is said."""
    return Finding(rule, about.what, True, limit, None, _at_most(about, limit), f"not judged: {why}", see=about.see)


def _at_most(about: Offence, limit: float) -> str:
    return f"at most {limit:,}" if about.of is None else f"at most {percent(limit)}"


def _judge_classes(rule: str, limit: int, facts: Facts) -> Finding:
    """Without labels there are no classes, and nothing to hold against the limit."""
    sizes = class_sizes(facts)
    short = sizes[sizes < limit]
    found = int(sizes.iloc[0]) if len(sizes) else None
    return Finding(
        rule=rule,
        what="images that stay in the smallest class",
        holds=short.empty,
        limit=limit,
        found=found,
        told_limit=f"at least {limit:,}",
        told_found="no labels" if found is None else f"{found:,}",
        told_beyond="" if short.empty else f"{limit - found:,}",
        count=len(short),
        first=tuple(f"{name} ({size:,})" for name, size in short.iloc[:NAMED].items()),
        see="data/export/plots/labels.csv",
    )


def _judge_drift(rule: str, limit: float, facts: Facts) -> Finding:
    """A shift that shuffling the images gives too, is none."""
    drift = facts.drift
    assert drift is not None, "whoever asks for drift measures it"
    told = "too few images to tell"
    by_chance = drift.statistic is None or drift.p_value > BY_CHANCE
    if drift.statistic is not None:
        told = f"{drift.statistic:.3g} (p = {drift.p_value:.2g}{', chance' if by_chance else ''})"
    holds = by_chance or drift.statistic <= limit
    return Finding(
        rule=rule,
        what=f"shift of the embeddings since {drift.baseline} (squared MMD)",
        holds=holds,
        limit=limit,
        found=drift.statistic,
        told_limit=f"at most {limit:g}",
        told_found=told,
        told_beyond="" if holds else f"{drift.statistic - limit:.2g}",
        see=f"winnow compare {drift.baseline} now",
    )


def _judge_encoder(rule: str, limit: str, facts: Facts) -> Finding:
    """`requested`; or a kind, or a model, with the beginning of a revision after an @ if that matters too."""
    encoder = facts.encoder
    model, _, revision = limit.partition("@")
    if limit == REQUESTED:
        holds = not encoder.is_fallback
    else:
        names = (encoder.kind, encoder.model, f"{encoder.kind}:{encoder.model}")
        holds = model in names and encoder.revision.startswith(revision)
    found = f"{encoder.model}@{encoder.revision[:12]}"
    return Finding(
        rule=rule,
        what="encoder that made the vectors",
        holds=holds,
        limit=limit,
        found=found,
        told_limit="the one requested" if limit == REQUESTED else limit,
        told_found=f"{found}, as a fallback" if encoder.is_fallback else found,
        see="data/encoder.json",
    )


def percent(share: float) -> str:
    """Three digits: `7.83 %`."""
    return f"{100 * share:.3g} %"
