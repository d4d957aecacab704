"""A record of calibration in which every figure is another, so that a page which confuses two is found out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from stages.calibration.shares import share
from stages.contracts.calibration_record import (
    Calibration,
    CurvePoint,
    Duplicates,
    Mistakes,
    Outliers,
    OwnPair,
    Quality,
    Share,
    Strength,
    Transform,
    Trials,
)
from stages.contracts.vocabulary import QualityIssue
from stages.core.intervals import proportion

KINDS = ("saved as JPEG of quality 25", "cropped by 10 %", "mirrored", "turned by 5°", "<b>hostile</b>")


def record(few: bool = False, sample: int = 64, unconfirmed: Sequence[OwnPair] = ()) -> Calibration:
    """
    Parameters
    ----------
    few : nothing can be told, as with 20 images.
    unconfirmed : pairs of the user's own.
    """
    numbers = count(3)

    def some() -> Share:
        missed = next(numbers)
        return share(proportion(12 - missed % 5, 12) if few else proportion(200 - missed, 200))

    def strengths(kinds: tuple[str, ...]) -> list[Strength]:
        return [Strength(kind="kind", strength="", told=told, share=some()) for told in kinds]

    def transforms() -> list[Transform]:
        """All that are found at the default are found up to 0.8."""
        return [
            Transform(
                **one.model_dump(),
                trials=Trials(
                    pictures=[number % sample for number in range(one.share.n)],
                    levels=[0.8] * one.share.found + [0.0] * (one.share.n - one.share.found),
                ),
            )
            for one in strengths(KINDS)
        ]

    def points() -> list[CurvePoint]:
        return [CurvePoint(threshold=t / 10, precision=some(), recall=some()) for t in range(3, 10)]

    return Calibration(
        encoder="packaged:efficientnet-lite0@0.1.0",
        sample=20 if few else sample,
        seed=0,
        precision=0.99,
        params="0" * 32,
        inputs={},
        duplicates=Duplicates(
            threshold=0.6,
            default=0.6,
            source="too_few" if few else "default",
            why="Too few of your images to tell." if few else "The default finds most of the planted copies.",
            recall=some(),
            precision=some(),
            precision_at_most=some(),
            transforms=transforms(),
            mistakes=Mistakes(pictures=[], levels=[], above=[]),
            unconfirmed=list(unconfirmed),
            curve=points(),
            negatives=9 if few else 321,
        ),
        quality=[
            Quality(
                issue=issue,
                threshold=0.2,
                recommended=None if few else 0.24,
                why=f"What was planted of {issue}.",
                recall=some(),
                false_flags=some(),
                strengths=strengths((f"{issue} a little", f"{issue} a lot")),
                curve=points(),
            )
            for issue in (QualityIssue.DARK, QualityIssue.BLURRY)
        ],
        outliers=None
        if few
        else Outliers(
            rate=0.1,
            foreign=strengths(("foreign photographs", "drawings")),
            recall=some(),
            false_flags=some(),
            why="Planted one at a time.",
        ),
    )
