"""`winnow`: the commands that a person types. DVC runs the stages; these prepare, explain and tidy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stages.contracts.errors import exit_on_error

app = typer.Typer(
    help="What is in a folder of images, what is wrong with it, and what to keep.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def use(
    folder: Annotated[
        str | None, typer.Argument(help="A folder of images. Without it, says which is used now.")
    ] = None,
) -> None:
    """Curate FOLDER from now on: writes data.source into params.yaml."""
    from stages.commands import use as command

    if folder is None:
        print(command.current())
    else:
        print(f"params.yaml now says data.source: {command.use(folder)}")


@app.command()
def doctor(
    preflight: Annotated[bool, typer.Option("--preflight", help="Check params and set-up only, before a run.")] = False,
) -> None:
    """Versions, device, which encoder would be used and why, and what the data folder holds."""
    from stages.commands import doctor as command

    print("\n".join(command.preflight(Path()) if preflight else command.examine(Path())))


@app.command()
def summary() -> None:
    """What the last run found, in five lines."""
    from stages.commands import summary as command
    from stages.contracts.params.base import load
    from stages.contracts.params.data import Params

    print("\n".join(command.summary(load(Params, "data"))))


@app.command()
def cache(
    prune: Annotated[bool, typer.Option("--prune", help="Delete what no present table was made from.")] = False,
) -> None:
    """What was computed per image and is kept, so that it is never computed again."""
    from stages.commands import cache as command

    used = command.in_use()
    for kept in command.prune(used) if prune else command.listing(used):
        print(f"{kept.bytes / 1e6:10.1f} MB  {kept.name}{'  in use' * kept.in_use}{'  deleted' * prune}")


def main() -> None:
    exit_on_error(app)


if __name__ == "__main__":
    main()
