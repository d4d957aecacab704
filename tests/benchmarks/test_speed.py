from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.benchmarks.clocks import Cost, cost, machine, middle, together
from tests.benchmarks.pictures import SIZE, provide
from tests.benchmarks.speed import Figure


def test_costs_are_added_taken_off_and_shared() -> None:
    assert Cost(5.0, 8.0) - Cost(1.0, 2.0) == Cost(4.0, 6.0)
    assert Cost(4.0, 6.0).per(2) == Cost(2.0, 3.0)
    assert Cost(2.0, 3.0).times(2) == Cost(4.0, 6.0)
    assert together([Cost(1.0, 2.0), Cost(3.0, 4.0)]) == Cost(4.0, 6.0)


def test_the_median_of_each_clock_stands_by_itself() -> None:
    assert middle([Cost(1.0, 30.0), Cost(2.0, 20.0), Cost(9.0, 10.0)]) == Cost(2.0, 20.0)


def test_work_costs_both_kinds_of_time() -> None:
    found = cost(lambda: np.linalg.eigvalsh(np.eye(300)))
    assert found.wall > 0
    assert found.cpu > 0


def test_the_machine_is_told() -> None:
    assert "cores" in machine()


@pytest.mark.parametrize(("found", "is_most", "is_short"), [(1.7, True, False), (1.8, True, True), (1.6, False, True)])
def test_a_figure_says_when_it_falls_short(found: float, is_most: bool, is_short: bool) -> None:
    figure = Figure("x", found, 1.7, is_most)
    assert figure.is_short == is_short
    assert ("FALLS SHORT" in str(figure)) == is_short


def test_pictures_are_parts_of_photographs_all_different(tmp_path: Path) -> None:
    provide(None, 20, tmp_path / "parts")
    files = sorted((tmp_path / "parts").iterdir())
    assert len({path.read_bytes() for path in files}) == 20
    assert {Image.open(path).size for path in files} == {SIZE}


def test_of_a_folder_the_same_files_are_taken_each_time(tmp_path: Path) -> None:
    provide(None, 8, tmp_path / "all")
    for name in ("a", "b"):
        provide(tmp_path / "all", 5, tmp_path / name)
    first, second = ([path.read_bytes() for path in sorted((tmp_path / name).iterdir())] for name in ("a", "b"))
    assert first == second
    assert len(set(first)) == 5


def test_what_other_processes_do_costs_too() -> None:
    busy = "import time; [0 for _ in iter(lambda: time.process_time() < 0.4, False)]"
    assert cost(lambda: subprocess.run([sys.executable, "-c", busy], check=True)).cpu > 0.35
    with subprocess.Popen([sys.executable, "-c", f"{busy}; print(flush=True); time.sleep(60)"], stdout=-1) as running:
        assert cost(running.stdout.readline).cpu > 0.3, "though it goes on"
        running.kill()
