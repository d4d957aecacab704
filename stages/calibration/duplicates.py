"""How well planted copies are found, and told from the user's own lookalikes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stages.calibration.in_force import LOWEST, found_of, shares
from stages.calibration.known import Known
from stages.calibration.shares import DIGITS, share
from stages.contracts import calibration_record as record
from stages.contracts.params import duplicates
from stages.contracts.params.duplicates import DEFAULT_THRESHOLD
from stages.core.alterations import ALTERATIONS
from stages.core.calibration_curve import SIGNALS, chosen, level, signals
from stages.core.calibration_planting import Copy, Original, Rival
from stages.core.calibration_proposals import by_cosine
from stages.core.looks import Look, compare
from stages.core.trials import THRESHOLDS, Trial, point
from stages.core.verification import NOT_ALIKE, Verification

BY_COSINE, BY_HASH = 4, 2
"""Lookalikes of each picture, at most: the nearest by embedding and by hash; `deduplicate` looks at more."""
RIVALS = 2
"""Lookalikes that each copy is compared with, at most: those that agree most with its original, and after the first
only those that agree with it at all."""


@dataclass(frozen=True, eq=False)
class Lookalike:
    """A picture of the sample beside one of the user's that looks like it. number : of the sample."""

    number: int
    a: int
    b: int
    seen: Verification
    distance: int


@dataclass(frozen=True, eq=False)
class Own(Lookalike):
    """The same, once the embeddings of planted copies are known, which one of the signals needs.

    cosine : of the embeddings.  level : the highest threshold at which the two are accepted.
    signals : how many of the three call them copies, see `calibration_curve`.
    """

    cosine: float
    level: float
    signals: int


UNKNOWN = Own(-1, -1, -1, NOT_ALIKE, 256, -1.0, 0.0, 0)
"""What stands for a pair that was not looked at."""


def candidates(known: Known, rows: Sequence[int], params: duplicates.Params) -> list[tuple[int, int, int]]:
    """(number, row, other row): of the pairs of the sample that `deduplicate` would look at, the most alike."""
    found = []
    for number, row in enumerate(rows):
        near = known.graph.indices[row, : min(BY_COSINE, params.propose_neighbors)].tolist()
        near += known.hashes.nearest(row, BY_HASH, params.propose_phash)
        found += [(number, row, other) for other in dict.fromkeys(near)]
    return found


def look(known: Known, features: dict[int, Look], pair: tuple[int, int, int]) -> Lookalike:
    """Verify one pair of the user's own."""
    number, a, b = pair
    seen = compare(features[a], features[b])
    return Lookalike(number, a, b, seen, known.hashes.distance(known.hashes.sides[0][a], b))


def originals(
    known: Known, rows: Sequence[int], features: dict[int, Look], lookalikes: Sequence[Lookalike]
) -> Iterator[Original]:
    """The sample, each picture with the rivals of its copies; copies of it among the user's own are no rivals."""
    around: dict[int, list[Lookalike]] = {}
    for pair in lookalikes:
        # Which cosines are those of copies is not known before copies are planted.
        if signals(pair.seen, pair.distance, -1, np.nan) < SIGNALS:
            around.setdefault(pair.number, []).append(pair)
    for number, row in enumerate(rows):
        likest = sorted(around.get(number, []), key=lambda pair: (-pair.seen.agreement, pair.b))[:RIVALS]
        held = [pair for place, pair in enumerate(likest) if place == 0 or pair.seen.agreement > 0]
        rivals = tuple(Rival(pair.b, features[pair.b], pair.seen, pair.distance) for pair in held)
        yield Original(number, row, known.embeddings.content_ids[row], features[row], rivals)


def calibrated(
    known: Known,
    sampled: Sequence[Original],
    lookalikes: Sequence[Lookalike],
    planted: Sequence[tuple[Copy, np.ndarray | None]],
    params: duplicates.Params,
    asked: float,
) -> record.Duplicates:
    """The part of the record.

    Parameters
    ----------
    planted : copies, and the vectors of those that were embedded.
    asked : precision, 0 to 1.
    """
    proposed, usual = _proposed(known, sampled, planted, params)
    own = _own(known, lookalikes, usual, params.threshold_pixels)
    copies = [
        Trial(
            copy.original,
            level(copy.seen, copy.distance, params.threshold_pixels) if is_proposed else 0.0,
            kind=copy.alteration,
        )
        for (copy, _), is_proposed in zip(planted, proposed, strict=True)
    ]
    beside = list(_beside(sampled, own, [copy for copy, _ in planted], params.threshold_pixels))
    mistakes = [trial for trial, pair in beside if not pair.signals]
    unconfirmed = [pair for pair in own.values() if pair.signals < SIGNALS]
    trials = (copies, mistakes, [Trial(pair.number, pair.level) for pair in unconfirmed])
    curve = [point(at, *trials, len(sampled)) for at in THRESHOLDS]
    choice = chosen(curve, DEFAULT_THRESHOLD, asked)
    return record.Duplicates(
        threshold=choice.threshold,
        default=DEFAULT_THRESHOLD,
        source=choice.source,
        why=choice.why + _left_out(len(own) - len(unconfirmed)),
        **shares(next(at for at in curve if at.threshold == choice.threshold)),
        transforms=[_transform(number, copies, choice.threshold) for number in range(len(ALTERATIONS))],
        mistakes=_mistakes(mistakes),
        unconfirmed=_listed(known, unconfirmed),
        curve=[
            record.CurvePoint(threshold=at.threshold, precision=share(at.precision), recall=share(at.recall))
            for at in curve
        ],
        negatives=len(unconfirmed) + len(beside),
    )


def _beside(
    sampled: Sequence[Original], own: dict[frozenset[int], Own], planted: Sequence[Copy], threshold_pixels: float
) -> Iterator[tuple[Trial, Own]]:
    """The trial of each planted copy against each rival of its original, and the pair of original and rival.

    Rivals that are copies of the original are left out.
    """
    for copy in planted:
        for row, seen, distance in copy.mistaken:
            pair = own.get(frozenset((sampled[copy.original].row, row)), UNKNOWN)
            if pair.signals < SIGNALS:
                found = level(seen, distance, threshold_pixels)
                yield Trial(copy.original, found, pair.level, copy.alteration), pair


def _own(
    known: Known, lookalikes: Sequence[Lookalike], usual_cosine: float, threshold_pixels: float
) -> dict[frozenset[int], Own]:
    """The pairs of the user's own, each once, whichever of the two it was looked at from."""
    found: dict[frozenset[int], Own] = {}
    for pair in lookalikes:
        key, cosine = frozenset((pair.a, pair.b)), known.cosine(pair.a, pair.b)
        one = Own(
            **vars(pair),
            cosine=cosine,
            level=level(pair.seen, pair.distance, threshold_pixels),
            signals=signals(pair.seen, pair.distance, cosine, usual_cosine),
        )
        found[key] = max(found.get(key, one), one, key=lambda own: (own.signals, own.level))
    return found


def _proposed(
    known: Known,
    sampled: Sequence[Original],
    planted: Sequence[tuple[Copy, np.ndarray | None]],
    params: duplicates.Params,
) -> tuple[list[bool], float]:
    """Of each copy whether it is proposed; and the median cosine of those embedded to their originals."""
    proposed = [copy.by_hash for copy, _ in planted]
    embedded = [place for place, (_, vector) in enumerate(planted) if vector is not None]
    if not embedded:
        return proposed, float("nan")
    cosines, near = by_cosine(
        np.stack([planted[place][1] for place in embedded]),
        np.array([sampled[planted[place][0].original].row for place in embedded]),
        known.embeddings.vectors,
        known.graph.similarities,
        params.propose_cosine,
        params.propose_neighbors,
    )
    for place, is_near in zip(embedded, near.tolist(), strict=True):
        proposed[place] = is_near
    return proposed, float(np.median(cosines))


def _left_out(own: int) -> str:
    pairs = "One pair of your own is" if own == 1 else f"{own} pairs of your own are"
    return f" {pairs} called copies by two independent signals, and no lookalikes." if own else ""


def _transform(number: int, copies: Sequence[Trial], threshold: float) -> record.Transform:
    alteration, mine = ALTERATIONS[number], [trial for trial in copies if trial.kind == number]
    levels = [trial.level for trial in mine]
    return record.Transform(
        kind=alteration.kind,
        strength=alteration.strength,
        told=alteration.told,
        share=found_of(levels, threshold),
        trials=record.Trials(pictures=[trial.picture for trial in mine], levels=levels),
    )


def _mistakes(trials: Sequence[Trial]) -> record.Mistakes:
    kept = [trial for trial in trials if trial.level > trial.above and trial.level >= LOWEST]
    return record.Mistakes(
        pictures=[trial.picture for trial in kept],
        levels=[trial.level for trial in kept],
        above=[trial.above for trial in kept],
    )


def _listed(known: Known, pairs: Sequence[Own]) -> list[record.OwnPair]:
    kept = sorted((pair for pair in pairs if pair.level >= LOWEST), key=lambda pair: (-pair.level, pair.a, pair.b))
    ids = known.embeddings.content_ids
    return [
        record.OwnPair(
            picture=pair.number,
            a=ids[pair.a],
            b=ids[pair.b],
            level=pair.level,
            agreement=round(float(pair.seen.agreement), DIGITS),
            phash_distance=pair.distance,
            cosine=round(pair.cosine, DIGITS),
        )
        for pair in kept
    ]
