"""How well planted copies are found, and told from the user's own lookalikes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stages.calibration.known import Known
from stages.calibration.shares import share, strength
from stages.contracts import calibration_record as record
from stages.contracts.params import duplicates
from stages.contracts.params.duplicates import DEFAULT_THRESHOLD
from stages.core.alterations import ALTERATIONS
from stages.core.calibration_curve import THRESHOLDS, Choice, Point, Trial, are_copies, chosen, is_found, point
from stages.core.calibration_planting import Copy, Original, Rival
from stages.core.calibration_proposals import by_cosine
from stages.core.intervals import proportion
from stages.core.local_features import Features
from stages.core.verification import Verification, verify

BY_COSINE, BY_HASH = 4, 2
"""Lookalikes looked at around each picture: the nearest, which are the likest; `deduplicate` looks at more."""
RIVALS = 2
"""Lookalikes that each copy is held against: those that agree most with its original. Others agree less."""


@dataclass(frozen=True, eq=False)
class Lookalike:
    """A picture of the sample beside one of the user's that looks like it. number : of the sample."""

    number: int
    a: int
    b: int
    seen: Verification
    distance: int


def candidates(known: Known, rows: Sequence[int], params: duplicates.Params) -> list[tuple[int, int, int]]:
    """(number, row, other row): the likest of the pairs that `deduplicate` would look at around the sample."""
    found = []
    for number, row in enumerate(rows):
        near = known.graph.indices[row, : min(BY_COSINE, params.propose_neighbors)].tolist()
        near += known.hashes.nearest(row, BY_HASH, params.propose_phash)
        found += [(number, row, other) for other in dict.fromkeys(near)]
    return found


def look(known: Known, features: dict[int, Features], pair: tuple[int, int, int]) -> Lookalike:
    """Verify one pair of the user's own."""
    number, a, b = pair
    seen = verify(features[a], features[b])
    return Lookalike(number, a, b, seen, known.hashes.distance(known.hashes.sides[0][a], b))


def originals(
    known: Known, rows: Sequence[int], features: dict[int, Features], lookalikes: Sequence[Lookalike]
) -> Iterator[Original]:
    """The sample, each with the rivals of its copies; the user's own copies of it are none."""
    around: dict[int, list[Lookalike]] = {}
    for pair in lookalikes:
        # Which cosines are those of copies is not known before copies are planted.
        if not are_copies(pair.seen, pair.distance, -1, np.nan):
            around.setdefault(pair.number, []).append(pair)
    for number, row in enumerate(rows):
        likest = sorted(around.get(number, []), key=lambda pair: (-pair.seen.agreement, pair.b))[:RIVALS]
        rivals = tuple(Rival(pair.b, features[pair.b], pair.seen, pair.distance) for pair in likest)
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
    copies = [
        Trial(copy.original, copy.alteration, copy.seen, copy.distance, is_proposed)
        for (copy, _), is_proposed in zip(planted, proposed, strict=True)
    ]
    own = {frozenset((p.a, p.b)) for p in lookalikes if are_copies(p.seen, p.distance, known.cosine(p.a, p.b), usual)}
    different = [Trial(p.number, -1, p.seen, p.distance) for p in lookalikes if {p.a, p.b} not in own]
    different += [
        Trial(copy.original, copy.alteration, seen, distance)
        for copy, _ in planted
        for row, seen, distance in copy.mistaken
        if {sampled[copy.original].row, row} not in own
    ]
    curve = [point(at, params.threshold_pixels, copies, different, len(sampled)) for at in THRESHOLDS]
    choice = chosen(curve, DEFAULT_THRESHOLD, asked)
    return _recorded(choice, curve, copies, params.threshold_pixels, len(different), len(own))


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


def _recorded(
    choice: Choice, curve: Sequence[Point], copies: Sequence[Trial], threshold_pixels: float, negatives: int, own: int
) -> record.Duplicates:
    at = next(point for point in curve if point.threshold == choice.threshold)
    pairs = "One pair of your own is" if own == 1 else f"{own} pairs of your own are"
    left_out = f" {pairs} called copies by two independent signals, and no lookalikes." if own else ""
    return record.Duplicates(
        threshold=choice.threshold,
        default=DEFAULT_THRESHOLD,
        source=choice.source,
        why=choice.why + left_out,
        recall=share(at.recall),
        precision=share(at.precision),
        transforms=list(_transforms(copies, choice.threshold, threshold_pixels)),
        curve=[
            record.CurvePoint(threshold=p.threshold, precision=share(p.precision), recall=share(p.recall))
            for p in curve
        ],
        negatives=negatives,
    )


def _transforms(copies: Sequence[Trial], threshold: float, threshold_pixels: float) -> Iterator[record.Strength]:
    for number, alteration in enumerate(ALTERATIONS):
        found = [is_found(trial, threshold, threshold_pixels) for trial in copies if trial.kind == number]
        yield strength(alteration.kind, alteration.strength, alteration.told, proportion(sum(found), len(found)))
