"""The tools that Winnow is held against: each in an environment of its own, cut off from the network.

An environment is made once, below `.winnow/peers/`, and kept; nothing of it is a dependency, and its licences are its
own (fastdup's is for non-commercial use). fastdup reports crashes, and how long it ran, to its makers: `SENTRY_OPT_OUT`
and `run_sentry=False` switch that off, as its sources say. It looks names up even so; hence a network namespace with no
network in it, and where there is none, no fastdup.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.benchmarks.process_tree import Spent, run
from tests.benchmarks.trial_project import SHIPPED

HOME = SHIPPED / ".winnow/peers"
SEAL = ("unshare", "--map-root-user", "--net")
"""Runs a command without a network; of util-linux, and only where the kernel lets users have namespaces."""
FOREIGN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "DISPLAY")
"""Variables of this environment that have no business in another."""


@dataclass(frozen=True)
class Peer:
    """One of them: what pip is asked for, and what has to be set for it.

    reports_home : it is run without a network, or not at all.
    """

    name: str
    requirement: str
    settings: dict[str, str] = field(default_factory=dict)
    reports_home: bool = False

    @property
    def script(self) -> Path:
        return Path(__file__).with_name(f"peer_{self.name}.py")

    @property
    def folder(self) -> Path:
        return HOME / self.requirement.replace("==", "-")

    @property
    def python(self) -> Path:
        return self.folder / "bin/python"


PEERS = (
    Peer("fastdup", "fastdup==2.54", {"SENTRY_OPT_OUT": "1"}, reports_home=True),
    Peer("cleanvision", "cleanvision==0.3.7", {"MPLBACKEND": "Agg"}),
)
LEFT_OUT = {"imagededup": "it needs torchvision, which pulls gigabytes of CUDA along on Linux"}
"""And why."""


class PeerError(Exception):
    """A peer cannot be had, or stopped in the middle; says why."""


def install(peer: Peer) -> None:
    """See to it that its environment is there and its import works.

    Raises
    ------
    PeerError : it is not, and why; pip's own last words, where it is pip.
    """
    if peer.reports_home and not seal():
        raise PeerError("it reports home, and this system cannot cut it off from the network (unshare)")
    made = peer.folder / "made"
    if not made.exists():
        shutil.rmtree(peer.folder, ignore_errors=True)
        for command in creation(peer):
            _do(command)
        made.touch()
    with tempfile.TemporaryDirectory() as home:
        tried = run([*seal(), str(peer.python), "-c", f"import {peer.name}"], Path(home), environment(peer, Path(home)))
    if tried.code:
        raise PeerError(f"its import fails: {tried.last_line}")


def creation(peer: Peer) -> list[list[str]]:
    """The commands that make its environment."""
    return [
        [sys.executable, "-m", "venv", str(peer.folder)],
        [str(peer.python), "-m", "pip", "install", "--quiet", peer.requirement],
    ]


def look(peer: Peer, images: Path, into: Path) -> tuple[Spent, dict]:
    """Run it on a folder of images; what that cost, and what it found.

    Raises
    ------
    PeerError : it stopped in the middle.
    """
    into.mkdir(parents=True)
    answer = into / "answer.json"
    command = [*seal(), str(peer.python), str(peer.script), str(images), str(answer)]
    spent = run(command, into, environment(peer, into))
    if spent.code or not answer.exists():
        raise PeerError(f"it stopped: {spent.last_line}")
    return spent, json.loads(answer.read_text(encoding="utf-8"))


def environment(peer: Peer, home: Path) -> dict[str, str]:
    """What it is told of the world; `home` is where it may leave traces."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return {**kept, "HOME": str(home), "PYTHONNOUSERSITE": "1", **peer.settings}


@cache
def seal() -> tuple[str, ...]:
    """What to put before a command so that it has no network; nothing where that cannot be done."""
    if not shutil.which(SEAL[0]):
        return ()
    tried = subprocess.run([*SEAL, "true"], capture_output=True, check=False)
    return () if tried.returncode else SEAL


def _do(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise PeerError(
            f"it cannot be installed: {next((x for x in lines if 'ERROR' in x), lines[-1] if lines else '')}"
        )
