"""Numbers with what they count, as people read them."""

from __future__ import annotations


def plural(value: int, one: str, many: str | None = None) -> str:
    """`1 image`, `1,234 images`."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"
