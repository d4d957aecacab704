"""Winnow, fastdup and cleanvision side by side on the same folder, at two sizes: time, memory, and what is found.

make bench-peers                                        parts of photographs that ship with packages
make bench-peers FOLDER=/images SIZES=250,1000 ROUNDS=3  your own

Winnow is the whole `dvc repro` in a project just cloned, with the packaged encoder: tables, thumbnails, calibration,
pages. fastdup and cleanvision do what the first page of their documentation says, without their galleries. They take
turns, several rounds of them, so that whoever else uses the machine slows all of them. An added image costs the
difference between the sizes, so that what a run costs before any image is not in it. `measure` alone, in a process of
its own, does what cleanvision does, and makes the thumbnails. Then each looks once at the demo, whose faults are known.

The page is `reports/adhoc/benchmarks.html`. Exits with 1 when a figure falls short.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from tests.benchmarks import peer_folders, peer_page, peer_tables, peer_tools, peer_winnow, report
from tests.benchmarks.clocks import Cost, machine
from tests.benchmarks.peer_answers import Answer, of_peer, of_project, score
from tests.benchmarks.peer_figures import MEASURE, WINNOW, Runs, short, stage_slopes, targets
from tests.benchmarks.peer_tools import PEERS, Peer, PeerError
from tests.benchmarks.process_tree import Spent

SIZES, ROUNDS = "250,1000", 3
PAGE = "reports/adhoc/benchmarks.html"


@dataclass
class Trial:
    """All that is found out.

    left_out : why, by peer.
    stages : by number of images, for each round what each of Winnow's stages cost.
    answers : of the largest number of images.
    scores : on the demo.
    """

    runs: Runs
    left_out: dict[str, str] = field(default_factory=lambda: dict(peer_tools.LEFT_OUT))
    stages: dict[int, list[dict[str, Cost]]] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    scores: dict[str, pd.DataFrame] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def leave_out(self, peer: Peer, why: PeerError) -> None:
        self.left_out[peer.name] = str(why)
        self.runs.drop(peer.name)
        print(f"{peer.name} is left out: {why}", flush=True)


def installed(trial: Trial) -> list[Peer]:
    """Those that can be had."""
    found = []
    for peer in PEERS:
        print(f"{peer.requirement} in {peer.folder.relative_to(peer_tools.SHIPPED)}", flush=True)
        try:
            peer_tools.install(peer)
        except PeerError as why:
            trial.leave_out(peer, why)
        else:
            found.append(peer)
    return found


def raced(trial: Trial, peers: list[Peer], photos: dict[int, Path], rounds: int, root: Path) -> None:
    """Let them take turns: Winnow, a peer, Winnow's `measure`, a peer."""
    alone = {size: peer_winnow.MeasureAlone(folder, root / f"measure-{size}") for size, folder in photos.items()}
    for folder in photos.values():
        peer_folders.warm(folder)
    for turn in range(rounds):
        for size, folder in photos.items():
            place = root / f"{turn}-{size}"
            _note(trial, WINNOW, size, _winnow(trial, size, folder, place))
            _peers(trial, peers[:1], size, folder, place)
            _note(trial, MEASURE, size, alone[size].measure())
            _peers(trial, peers[1:], size, folder, place)


def _winnow(trial: Trial, size: int, folder: Path, place: Path) -> Spent:
    spent, project, stages = peer_winnow.pipeline(folder, place / "winnow")
    trial.stages.setdefault(size, []).append(stages)
    if size == max(trial.runs.sizes):
        trial.answers[WINNOW] = of_project(project)
    return spent


def _peers(trial: Trial, peers: list[Peer], size: int, folder: Path, place: Path) -> None:
    for peer in peers:
        if peer.name in trial.left_out:
            continue
        try:
            spent, answer = peer_tools.look(peer, folder, place / peer.name)
        except PeerError as why:
            trial.leave_out(peer, why)
            trial.answers.pop(peer.name, None)
            continue
        _note(trial, peer.name, size, spent)
        if size == max(trial.runs.sizes):
            trial.answers[peer.name] = of_peer(answer)


def _note(trial: Trial, tool: str, size: int, spent: Spent) -> None:
    trial.runs.add(tool, size, spent)
    cost, memory = spent.cost, spent.memory / 1e6
    print(
        f"  {tool:<18}{size:>8,} images{cost.wall:8.1f} s{cost.cpu:8.1f} s of processor{memory:8,.0f} MB"
        f"   load {spent.load:.1f}",
        flush=True,
    )


def judged(trial: Trial, peers: list[Peer], root: Path) -> None:
    """Let each look at the demo once, and hold what it says against what is planted."""
    with contextlib.redirect_stdout(io.StringIO()):
        folder, truth = peer_folders.planted(root / "demo")
    _, project, _ = peer_winnow.pipeline(folder, root / "demo-winnow")
    trial.scores[WINNOW] = score(truth, of_project(project))
    for peer in peers:
        try:
            answer = _answer(trial, peer, folder, truth, root)
        except PeerError as why:
            trial.notes.append(f"{peer.name} was not judged: {why}.")
        else:
            trial.scores[peer.name] = score(truth, answer)


def _answer(trial: Trial, peer: Peer, folder: Path, truth: pd.DataFrame, root: Path) -> Answer:
    """Of a peer on the demo; on the readable part of it if it stops at a broken file, which is then told."""
    try:
        return of_peer(peer_tools.look(peer, folder, root / f"demo-{peer.name}")[1])
    except PeerError as why:
        readable = peer_folders.without_unreadable(folder, truth, root / f"readable-{peer.name}")
        answer = of_peer(peer_tools.look(peer, readable, root / f"again-{peer.name}")[1])
        cause = str(why).removeprefix("it stopped: ")
        trial.notes.append(f"{peer.name} stops at a broken file ({cause}); its figures are without those.")
        return answer


def told(trial: Trial) -> list[report.Table]:
    """Every table, in the order of reading."""
    runs = trial.runs
    return [
        peer_tables.asked(targets(runs)),
        peer_tables.times(runs),
        peer_tables.stages(stage_slopes(trial.stages, runs.added(WINNOW))),
        peer_tables.planted(trial.scores, trial.notes),
        peer_tables.counts(trial.answers),
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", default="")
    parser.add_argument("--sizes", default="")
    parser.add_argument("--rounds", default="")
    wish = parser.parse_args()
    sizes = sorted({int(word) for word in (wish.sizes or SIZES).split(",")})
    if len(sizes) < 2:
        sys.exit("SIZES: two numbers of images at least, such as 250,1000")
    trial, rounds = Trial(Runs(sizes)), int(wish.rounds or ROUNDS)
    with tempfile.TemporaryDirectory(prefix="peers-") as where:
        root = Path(where).resolve()
        photos = peer_folders.subsets(Path(wish.folder).resolve() if wish.folder else None, sizes, root / "photos")
        peers = installed(trial)
        raced(trial, peers, photos, rounds, root)
        judged(trial, [peer for peer in peers if peer.name not in trial.left_out], root)
    tables, about = told(trial), f"Winnow {peer_winnow.version()}; {rounds} rounds; {machine()}"
    report.show(tables)
    print("\n".join([about, *(f"left out: {name}: {why}" for name, why in trial.left_out.items())]))
    page = peer_tools.SHIPPED / PAGE
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(peer_page.build(trial.runs, tables, targets(trial.runs), trial.left_out, about), encoding="utf-8")
    print(f"page: {PAGE}")
    if missed := short(targets(trial.runs)):
        sys.exit(f"FALLS SHORT: {'; '.join(f'{x.what}: {peer_tables.ratio(x.figure)}' for x in missed)}")


if __name__ == "__main__":
    main()
