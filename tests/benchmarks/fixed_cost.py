"""What a first `dvc repro` costs where there is next to nothing to do: 50 images, in a project just cloned.

make bench-fixed                       parts of photographs that ship with packages
make bench-fixed FOLDER=/images N=50   your own

Per stage: the import, the stage, by the clock and in processor time; what is left of the whole is DVC's, and what
Python needs to end. Exits with 1 when the sum of processor time is over the limit.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.clocks import Cost, machine, together
from tests.benchmarks.pictures import provide
from tests.benchmarks.timed_stage import LEDGER
from tests.benchmarks.trial_project import SHIPPED

IMAGES = 50
CPU_S = 25.0
"""What the sum may come to."""


def clone(folder: Path) -> None:
    """What Git has of this project, as it is in the working tree, in a repository of its own."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=SHIPPED,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.split("\0"):
        if (SHIPPED / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(SHIPPED / name, folder / name)
    (folder / "dvc.lock").unlink(missing_ok=True)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)


def prepare(folder: Path, ledger: Path) -> dict[str, str]:
    """Have DVC run every stage through `timed_stage`; gives the environment for it.

    Python keeps what it compiles, as it does unless told otherwise, so that a module is compiled once.
    """
    programs = folder.parent / "bin"
    programs.mkdir()
    python = programs / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.benchmarks.timed_stage "$@"\n')
    python.chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**usual, "PATH": path, "PYTHONPATH": str(folder), LEDGER: str(ledger), "HF_HUB_OFFLINE": "1"}


def measured(folder: Path, environment: dict[str, str], *command: str) -> Cost:
    """Of a command and all that it starts."""
    start, before = time.perf_counter(), os.times()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    after = os.times()
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(time.perf_counter() - start, cpu)


def told(whole: Cost, stages: Sequence[dict]) -> list[str]:
    """A line a stage, one for DVC, and the sum."""
    costs = [{part: Cost(*each[part]) for part in ("import", "run")} for each in stages]
    imports, runs = (together(each[part] for each in costs) for part in ("import", "run"))
    return [
        f"{'wall, CPU; seconds':<20}{'import':>12}{'stage':>16}",
        *(_line(row["stage"], *each.values()) for row, each in zip(stages, costs, strict=True)),
        _line("all stages", imports, runs),
        _line("DVC, and exits", None, whole - imports - runs),
        _line("sum", None, whole),
    ]


def _line(name: str, *costs: Cost | None) -> str:
    return f"{name:<16}" + "".join(f"{each.wall:8.2f}{each.cpu:8.2f}" if each else " " * 16 for each in costs)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--folder", default="")
    asked.add_argument("--images", default="")
    wish = asked.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as where:
        root, ledger = Path(where) / "project", Path(where) / "ledger"
        clone(root)
        provide(Path(wish.folder) if wish.folder else None, int(wish.images or IMAGES), Path(where) / "photos")
        environment = prepare(root, ledger)
        subprocess.run([sys.executable, "-m", "stages.cli", "use", str(Path(where) / "photos")], cwd=root, check=True)
        whole = measured(root, environment, sys.executable, "-m", "dvc", "repro")
        stages = [json.loads(line) for line in ledger.read_text().splitlines()]
    print("\n".join(told(whole, stages)))
    if whole.cpu > CPU_S:
        sys.exit(f"{whole.cpu:.1f} s of processor time: over {CPU_S:g}")
    print(f"{whole.cpu:.1f} s of processor time, under {CPU_S:g}")


if __name__ == "__main__":
    main()
