"""Texts of users, such as paths, made fit to be shown anywhere."""

from __future__ import annotations


def visible(text: str) -> str:
    r"""`text` with all that does not show written as an escape.

    Newlines, `\x1b`, marks that turn the writing round, halves of characters from file names in no known encoding.
    """
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
