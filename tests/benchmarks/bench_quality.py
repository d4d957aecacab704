"""The yardstick: what Winnow finds of what is planted among your own images.

make bench-quality                          the demo's clean images
make bench-quality FOLDER=/path/to/images   yours; nothing in the folder is written
make bench-quality SEEDS=20 ONLY=outliers   how many sets of a kind, and which kinds (duplicates, quality, outliers,
                                            labels, clusters; several with commas)
make bench-quality SIZE=32                  every picture made small first

Tables go to the terminal, and as Markdown and CSV to `reports/adhoc/bench-quality/`. The exit code is 1 where a figure
falls short of what is asked of it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from stages.contracts.errors import exit_on_error
from tests.benchmarks import report
from tests.benchmarks.bench import PROJECT, SEEDS_FROM, Bench
from tests.benchmarks.report import Family

FAMILIES = ("duplicates", "quality", "outliers", "labels", "clusters")
OUT = "reports/adhoc/bench-quality"


def wishes(words: list[str]) -> argparse.Namespace:
    """What the command line asks for; empty words stand for what was not given."""
    parser = argparse.ArgumentParser(prog="make bench-quality", description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=_folder)
    parser.add_argument("--seeds", type=_number, default=20, help="sets of a kind")
    parser.add_argument("--first-seed", type=int, default=SEEDS_FROM)
    parser.add_argument("--only", type=_families, default=FAMILIES)
    parser.add_argument("--size", type=_number, help="longer side, pixels")
    parser.add_argument("--encoder", default="packaged", help="encoder.model")
    asked = parser.parse_args(words)
    asked.seeds = asked.seeds or 20
    return asked


def _folder(word: str) -> Path | None:
    if not word:
        return None
    folder = Path(word).expanduser()
    if not folder.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {folder}")
    return folder


def _number(word: str) -> int | None:
    if not word:
        return None
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word} is no number from 1 on")
    return int(word)


def _families(words: str) -> tuple[str, ...]:
    wanted = tuple(word.strip() for word in words.split(",") if word.strip())
    unknown = [word for word in wanted if word not in FAMILIES]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]} is none of {', '.join(FAMILIES)}")
    return wanted or FAMILIES


def run(asked: argparse.Namespace) -> Iterator[Family]:
    """What each family finds on its sets, as soon as it is known."""
    started = time.monotonic()

    def tell(words: str) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {words}", file=sys.stderr, flush=True)

    bench = Bench(asked.folder, asked.size, asked.encoder)
    tell(f"{len(bench.originals):,} pictures")
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    for name in asked.only:
        yield import_module(f"tests.benchmarks.{name}").run(bench, seeds, tell)


def main() -> None:
    asked = wishes(sys.argv[1:])
    found: list[Family] = []
    for family in run(asked):
        found.append(family)
        report.show(family.tables)
        report.keep(found, PROJECT / OUT, heading(asked))
    report.show([report.verdict(found)])
    short = [target for family in found for target in family.targets if not target.is_met]
    print(f"\n{OUT}/tables.md and figures.csv hold all of it. Falling short: {len(short)}")
    sys.exit(1 if short else 0)


def heading(asked: argparse.Namespace) -> str:
    """What was measured, in a line."""
    name = "the demo's clean images" if asked.folder is None else asked.folder.resolve().name
    size = f", at {asked.size} pixels" if asked.size else ""
    return f"Winnow on {name}{size}, {asked.encoder} encoder: {asked.seeds} seeds from {asked.first_seed}"


if __name__ == "__main__":
    exit_on_error(main)
