"""`data/calibration.json`: what Winnow finds on the user's own images, and the thresholds that follow from it.

Every figure is a share with its n and a 95 % interval; `enough` is false where n is too small for a conclusion. It
holds no clock and no absolute path, so the same images and params give the same bytes. `params` and `inputs` are hashes
from `tables.origin`, by which a stale record is recognised.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from stages.contracts.json_records import read_json, write_json

PATH = "data/calibration.json"


class Part(BaseModel):
    """A part of the record: strict, frozen, no unknown key."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Share(Part):
    """`found` of `n`, and the 95 % interval of the true share (Wilson 1927); all three are null at n = 0."""

    n: int
    found: int
    share: float | None
    low: float | None
    high: float | None
    enough: bool
    """whether n is large enough for a conclusion"""


class Strength(Part):
    """What became of one kind of planted picture, at one strength."""

    kind: str
    """a word for programs, such as `crop`"""
    strength: str
    """how strong, such as `10 %`; empty for kinds that have but one"""
    told: str
    """for people, to follow "of copies": "cropped by 10 %" """
    share: Share


class CurvePoint(Part):
    """What one threshold would give."""

    threshold: float
    precision: Share
    recall: Share


class Trials(Part):
    """Pairs that were judged, so that a share can be had at any threshold; an entry each in both lists."""

    pictures: list[int]
    """of the sample; pairs of one picture stand and fall together"""
    levels: list[float]
    """the highest threshold at which the pair is accepted; 1: accepted at any, 0: at none"""


class Mistakes(Trials):
    """Planted copies paired with a picture other than their original: wrong where they are accepted although the
    original and that picture are not."""

    above: list[float]
    """the highest threshold at which the original and that picture are accepted"""


class Transform(Strength):
    """What became of one kind of planted copy, at one strength."""

    trials: Trials


class OwnPair(Part):
    """A pair of the user's own that verification accepts, and no two independent signals call copies."""

    picture: int
    a: str
    """content id, of the sample"""
    b: str
    level: float
    """the highest threshold at which it is accepted"""
    agreement: float
    phash_distance: int
    cosine: float


class Duplicates(Part):
    """How well copies are told from lookalikes."""

    threshold: float
    """what `duplicates.threshold: auto` takes"""
    default: float
    """what holds where nothing can be told"""
    source: Literal["calibrated", "default", "too_few"]
    """calibrated: the figures moved it; default: they give no reason to move it; too_few: there are too few figures"""
    why: str
    recall: Share
    """over all planted copies, at `threshold`"""
    precision: Share
    """share of the pairs accepted at `threshold`, planted copies and lookalikes together, that are copies, at least:
    accepted `unconfirmed` pairs count as mistakes; `high` is that of `precision_at_most`"""
    precision_at_most: Share
    """the same, with accepted `unconfirmed` pairs counted as copies"""
    transforms: list[Transform]
    mistakes: Mistakes
    unconfirmed: list[OwnPair]
    """down to the lowest threshold of the curve; the surest first"""
    curve: list[CurvePoint]
    negatives: int
    """comparisons with a lookalike: of pictures of the user's own, and of planted copies of them"""


class Quality(Part):
    """How well one quality issue is recognised; `recommended` is reported, never applied: `measure` runs before."""

    issue: str
    threshold: float | None
    """in force, from `measure`; null: the issue is switched off"""
    recommended: float | None
    why: str
    recall: Share
    false_flags: Share
    """of the unaltered sample, how many are flagged: wrongly, unless they have the issue"""
    strengths: list[Strength]
    curve: list[CurvePoint]


class Outliers(Part):
    """How well planted foreign pictures are told from the user's own."""

    rate: float
    """the false-discovery rate asked for"""
    foreign: list[Strength]
    recall: Share
    false_flags: Share
    """of the user's own pictures, how many are flagged beside the planted ones"""
    why: str


class Calibration(Part):
    """The whole record."""

    encoder: str
    sample: int
    """pictures of the user's that were altered"""
    seed: int
    precision: float
    """asked for"""
    params: str
    inputs: dict[str, str]
    duplicates: Duplicates
    quality: list[Quality]
    outliers: Outliers | None
    """None where there are too few images to judge any"""


def write_calibration(record: Calibration, root: Path = Path()) -> None:
    """Write the record in one rename; the same record gives the same bytes."""
    write_json(record, root / PATH)


def read_calibration(root: Path = Path()) -> Calibration:
    """The record, as `calibrate` wrote it.

    Raises
    ------
    TableError : there is none, or it is not understood.
    """
    return read_json(Calibration, root / PATH, "nothing is calibrated yet", made_by="calibrate")
