"""`winnow`: the commands that a person types. DVC runs the stages; these prepare, explain and tidy."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperCommand

from stages.contracts.errors import SetupError, exit_on_error

ANYWHERE = {"--help", "compare"}
"""What needs no project: two folders can be compared from elsewhere."""

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
def check(
    summary: Annotated[
        Path | None, typer.Option("--summary", metavar="FILE", help="Write Markdown for a pull request.")
    ] = None,
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Hold the tables against the policy in params.yaml: exit code 0 if all rules hold, 1 if one is broken."""
    from stages.commands import check as command

    findings = command.check(summary, junit)
    if as_json:
        print(command.as_json(findings))
    else:
        command.show(findings, command.console())
    if not command.holds(findings):
        raise typer.Exit(command.BROKEN)


@app.command()
def compare(
    before: Annotated[str, typer.Argument(help="A Git revision, a DVC experiment, a folder, or `now`.")] = "HEAD",
    after: Annotated[str, typer.Argument(help="The same. `now` is the working tree.")] = "now",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """What differs between two versions of the data set; alone: between the last commit and now."""
    from stages.commands import compare as command
    from stages.commands import compare_text

    result = command.run(before, after)
    if as_json:
        print(command.as_json(result))
    else:
        compare_text.show(result.comparison, [result.page, result.csv])


decide = typer.Typer(help="What people decided: data/decisions.csv.", no_args_is_help=True)
app.add_typer(decide, name="decide")


@decide.command("merge")
def decide_merge(
    files: Annotated[list[Path], typer.Argument(help="Decisions saved from a page, or by a colleague.")],
) -> None:
    """Fold FILES into data/decisions.csv; the newest word per image wins, and conflicts are listed."""
    from stages.commands import decide as command

    print("\n".join(command.merge_files(files)))


@decide.command("tag")
def decide_tag(
    files: Annotated[list[Path], typer.Argument(help="tags.csv, saved from the map of clusters.html.")],
) -> None:
    """Fold FILES into data/tags.csv; the manifest then has the names in its column tags."""
    from stages.commands import decide as command

    print("\n".join(command.tag_files(files)))


@app.command()
def search(
    words: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="What the images show, in words.")] = None,
    text: Annotated[str | None, typer.Option("--text", help="The same as TEXT.")] = None,
    image: Annotated[Path | None, typer.Option("--image", metavar="FILE", help="An image that is like them.")] = None,
    weight: Annotated[
        float, typer.Option("--weight", help="With both: how much the text counts, 0 (image only) to 1 (text only).")
    ] = 0.5,
    where: Annotated[
        str | None, typer.Option("--where", metavar="CONDITION", help="SQL over the tables' columns.")
    ] = None,
    k: Annotated[int, typer.Option("-k", help="How many.")] = 24,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs; makes no page.")] = False,
) -> None:
    """Images that a text, an image, or both describe: winnow search "hard hat" --where "split = 'train'"."""
    from stages.commands import search as command

    found = command.search(command.Query(command.one_text(words, text), image, weight, where, k))
    if as_json:
        print(command.as_json(found))
    else:
        command.show(found, command.console())
        print(f"Page: {command.write_page(found)}")


class _ManyImages(TyperCommand):
    """A command whose --images takes every path that follows it, as a shell makes them of *.jpg."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:
        from stages.commands.arguments import spread

        return super().parse_args(ctx, spread(args, "--images"))


@app.command(cls=_ManyImages)
def classify(
    prompts: Annotated[list[str], typer.Argument(metavar="PROMPT...", help="What an image may show, in words.")],
    images: Annotated[
        list[Path] | None, typer.Option("--images", metavar="PATH...", help="Images, or folders of images.")
    ] = None,
    template: Annotated[
        list[str] | None,
        typer.Option("--template", metavar="TEXT", help="Put prompts into this: 'a photo of a {}.' Several: averaged."),
    ] = None,
    video: Annotated[Path | None, typer.Option("--video", metavar="FILE", help="A video, instead of images.")] = None,
    every: Annotated[float, typer.Option("--every", min=0.01, help="Seconds from one frame of it to the next.")] = 0.5,
    at_least: Annotated[
        float, typer.Option("--at-least", min=0, max=1, help="Confidence from which a text holds in the video.")
    ] = 0.5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Which of some texts fits each image best: winnow classify "parking lot" "park" --images *.jpg"""
    from stages.commands import classify as command

    if video is not None:
        from stages.commands import classify_video

        classify_video.must_be_alone(images or [])
        watched = classify_video.classify(prompts, video, template or [], every, at_least)
        print(classify_video.as_json(watched) if as_json else classify_video.told(watched))
        if told := classify_video.broken(watched):
            typer.echo(told, err=True)
            raise typer.Exit(classify_video.BROKE_OFF)
        return
    seen = command.classify(prompts, images or [], template or [])
    if as_json:
        print(command.as_json(seen, prompts))
    else:
        command.show(seen, prompts, command.console())
    if told := command.unread(seen):
        typer.echo(told, err=True)
        raise typer.Exit(command.UNREAD)


@app.command()
def review(
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="Or the next that is free.")] = 8720,
    host: Annotated[str, typer.Option("--host", help="Another address lets other machines in.")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = True,
) -> None:
    """The report from a local app: decisions are written at once, originals are shown, everything is searched."""
    from stages.commands import review as command

    command.run(host, port, browser)


@app.command()
def select(
    method: Annotated[
        str, typer.Option("--method", help="diverse, representative, balanced, or semantic-dedup.")
    ] = "diverse",
    n: Annotated[int | None, typer.Option("--n", help="How many images.")] = None,
    keep: Annotated[float | None, typer.Option("--keep", help="semantic-dedup: the share that stays, 0 to 1.")] = None,
    where: Annotated[
        str | None, typer.Option("--where", metavar="CONDITION", help="SQL over the tables' columns.")
    ] = None,
    per_label: Annotated[bool, typer.Option("--per-label", help="So many of each label.")] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=".csv, .parquet or .jsonl.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of what is drawn at random.")] = 0,
) -> None:
    """Some of the kept images, chosen by their vectors: winnow select --method balanced --n 1000."""
    from stages.commands import select as command

    selected = command.select(command.Wish(method, n, keep, where, per_label, seed), out)
    print("\n".join(command.told(selected)))


@app.command()
def cache(
    prune: Annotated[bool, typer.Option("--prune", help="Delete what no present table was made from.")] = False,
) -> None:
    """What was computed per image and is kept, so that it is never computed again."""
    from stages.commands import cache as command

    used = command.in_use()
    found = command.prune(used) if prune else command.listing(used)
    for kept in found:
        print(f"{kept.bytes / 1e6:10.1f} MB  {kept.name}{'  in use' * kept.in_use}{'  deleted' * prune}")
    if not found:
        print("Nothing is unused." if prune else "Nothing is kept yet.")


def main() -> None:
    exit_on_error(answer)


def answer() -> None:
    """Do as the command line says; what is asked for elsewhere than in a project would find nothing, or write there."""
    if not Path("params.yaml").exists() and not ANYWHERE & set(sys.argv[1:]) and len(sys.argv) > 1:
        raise SetupError(
            "this folder is no project of Winnow's",
            where=Path.cwd(),
            expected="params.yaml, dvc.yaml, data/, ...",
            got="no params.yaml",
            do="cd to the folder that git clone made, and type it again",
        )
    app()


if __name__ == "__main__":
    main()
