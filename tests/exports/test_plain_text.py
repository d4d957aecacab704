from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.exports.plain_text import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("train/a b/é 🎉.jpg", "train/a b/é 🎉.jpg"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\udcff.jpg", "\\udcff.jpg"),
    ],
)
def test_what_does_not_show_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_it_can_always_be_shown_and_stored(text: str) -> None:
    assert visible(text).isprintable()
    visible(text).encode("utf-8")
    assert visible(visible(text)) == visible(text)
