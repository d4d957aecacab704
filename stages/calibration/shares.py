"""From counts to parts of the record."""

from __future__ import annotations

from dataclasses import asdict

from stages.contracts.calibration_record import Share, Strength
from stages.core.intervals import Proportion

DIGITS = 6
"""Shares are written to so many digits: more would only differ between machines."""


def share(found: Proportion) -> Share:
    """A share as the record has it."""
    known = {name: value for name, value in asdict(found).items() if name in Share.model_fields}
    return Share(**{name: round(v, DIGITS) if isinstance(v, float) else v for name, v in known.items()})


def strength(kind: str, strong: str, told: str, found: Proportion) -> Strength:
    """What became of one kind of planted picture at one strength, as the record has it."""
    return Strength(kind=kind, strength=strong, told=told, share=share(found))
