"""What a shell makes of a command line, in the form that the parser takes."""

from __future__ import annotations

from collections.abc import Sequence


def spread(arguments: Sequence[str], option: str) -> list[str]:
    """Let one option take all the values that follow it: `--images a b` is `--images a --images b`."""
    found: list[str] = []
    taking = False
    for number, argument in enumerate(arguments):
        if argument == "--":
            return [*found, *arguments[number:]]
        if argument == option:
            taking = True
        elif argument.startswith("-") and len(argument) > 1:
            taking = False
            found.append(argument)
        else:
            found += [option, argument] if taking else [argument]
    return found
