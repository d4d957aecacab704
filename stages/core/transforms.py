"""What was done to a copy, in words, as far as it shows in the geometry and the grey levels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from stages.core.verification import Verification

SAME_BYTES = "same bytes"
BORDER_SEEN = 0.97
"""Share of a picture's area within the other under which something was cut off or added; less is rounding."""
TURN_SEEN = 0.5
"""Degrees."""
RESIZE_SEEN = 0.03
CONTRAST_SEEN = 0.1
BRIGHTNESS_SEEN = 10.0
"""Grey levels of 255 by which a middle grey changes."""
CONTENT_SEEN = 0.05


@dataclass(frozen=True)
class File:
    """What is known of a picture without opening it: its size in pixels and its format."""

    width: int
    height: int
    format: str | None


@dataclass(frozen=True)
class Change:
    """From the original to the copy.

    zoom : pixels of the copy per pixel of the original.  degrees : turned clockwise.
    kept : share of the original's area that is in the copy.  own : share of the copy's area that is in the original.
    gain, offset : grey levels of the copy = gain * those of the original + offset.  differs : share of the content.
    """

    mirrored: bool
    zoom: float
    degrees: float
    kept: float
    own: float
    gain: float
    offset: float
    differs: float


def change(found: Verification, original: File, copy: File, copy_is_b: bool) -> Change:
    """What `verify(a, b)` found, told from the original to the copy."""
    seen, matrix = found.overlap, found.matrix
    zoom = math.sqrt(abs(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0]))
    degrees = math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))
    gain, offset, kept, own = seen.gain, seen.offset, seen.of_a, seen.of_b
    if not copy_is_b:
        zoom, gain, offset, kept, own = 1 / zoom, 1 / gain, -offset / gain, own, kept
        # Undoing a mirrored turn turns the same way again.
        degrees = degrees if found.mirrored else -degrees
    zoom *= max(copy.width, copy.height) / max(original.width, original.height)
    return Change(found.mirrored, zoom, degrees, kept, own, gain, offset, 1 - seen.same)


def in_words(seen: Change, original: File, copy: File) -> str:
    """`mirrored, cropped to 81 %, resized 0.50x`; `re-encoded` if nothing shows."""
    told = [*_geometry(seen), *_tone(seen)]
    if seen.differs >= CONTENT_SEEN:
        told.append(f"{seen.differs:.0%} of the content covered or changed".replace("%", " %"))
    if original.format and copy.format and original.format != copy.format:
        told.append(f"{original.format} to {copy.format}")
    return ", ".join(told) or "re-encoded"


def _geometry(seen: Change) -> list[str]:
    told = ["mirrored"] * seen.mirrored
    if abs(seen.degrees) >= TURN_SEEN:
        told.append(f"rotated {abs(seen.degrees):.{1 if abs(seen.degrees) < 10 else 0}f}°")
    if seen.kept < BORDER_SEEN:
        told.append(f"cropped to {100 * seen.kept:.0f} % of the area")
    if seen.own < BORDER_SEEN:
        told.append(f"{100 * (1 - seen.own):.0f} % more around it")
    if abs(math.log(seen.zoom)) >= RESIZE_SEEN:
        told.append(f"resized {seen.zoom:.2f}x")
    return told


def _tone(seen: Change) -> list[str]:
    told = []
    shift = seen.gain * 128 + seen.offset - 128
    if abs(shift) >= BRIGHTNESS_SEEN:
        told.append("brighter" if shift > 0 else "darker")
    if abs(math.log(max(seen.gain, 1e-6))) >= CONTRAST_SEEN:
        told.append(f"contrast {seen.gain:.2f}x")
    return told
