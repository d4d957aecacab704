from __future__ import annotations

from types import SimpleNamespace

import pytest

from stages.commands.answering import MOST, doubts, encoder_told, say
from tests.encoder_records import CLIP, FALLBACK


def strange(*words: str) -> SimpleNamespace:
    return SimpleNamespace(strange_words=lambda texts: list(words))


def test_a_fallback_is_told_as_one() -> None:
    assert encoder_told(CLIP) == CLIP.encoder_id
    assert encoder_told(FALLBACK) == f"{FALLBACK.encoder_id}, the fallback: the hub could not be reached"


def test_strange_words_are_named_on_one_line() -> None:
    assert doubts(["any"], strange()) == []
    (one,) = doubts(["any"], strange("blorp"))
    assert one.startswith('"blorp": the encoder does not know this word')
    (many,) = doubts(["any"], strange(*(f"w{number}" for number in range(MOST + 2))))
    assert "and 2 more" in many
    assert f"w{MOST}" not in many
    (hidden,) = doubts(["any"], strange("\x1b[31m"))
    assert "\x1b" not in hidden


def test_what_is_said_does_not_mix_with_what_programs_read(capsys: pytest.CaptureFixture) -> None:
    say(["[bold]as it is[/bold]"])
    assert capsys.readouterr() == ("", "winnow: [bold]as it is[/bold]\n")
