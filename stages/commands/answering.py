"""What `winnow classify` and `winnow search` say of the encoder that answers: which it is, and what it cannot read."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from stages.contracts.encoder_record import EncoderRecord
from stages.encoders.interface import Encoder
from stages.exports.plain_text import visible

MOST = 5
"""words that are named"""


def encoder_told(record: EncoderRecord) -> str:
    """`packaged:efficientnet-lite0@0.1.0`, and in whose stead."""
    return f"{record.encoder_id}, the fallback: {record.why}" if record.is_fallback else record.encoder_id


def doubts(texts: Sequence[str], model: Encoder) -> list[str]:
    """A line where some of the words look like none, else nothing: the answer comes all the same."""
    strange = model.strange_words(texts)
    if not strange:
        return []
    named = ", ".join(f'"{visible(word)}"' for word in strange[:MOST])
    more = f" and {len(strange) - MOST:,} more" if len(strange) > MOST else ""
    one = len(strange) == 1
    it = "it" if one else "them"
    return [
        f"{named}{more}: the encoder does not know {'this word' if one else 'these words'}, and what it finds for {it}"
        " means little."
    ]


def say(lines: Sequence[str], is_muted: bool = False) -> None:
    """To people, beside what goes to programs."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for line in lines:
        console.print(Text(f"winnow: {line}", style="dim" if is_muted else ""))
