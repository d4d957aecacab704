from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stages.engines import processors
from stages.engines.local import worker_count


@pytest.mark.parametrize(
    ("text", "expected"),
    [("400000 100000\n", 4), ("250000 100000\n", 3), ("5000 100000\n", 1), ("max 100000\n", None), ("", None)],
)
def test_the_quota_of_a_container_is_read(tmp_path: Path, text: str, expected: int | None) -> None:
    (tmp_path / "cpu.max").write_text(text)
    assert processors.quota(tmp_path) == expected


@pytest.mark.parametrize(("time", "expected"), [("200000", 2), ("150000", 2), ("-1", None)])
def test_so_is_that_of_older_kernels(tmp_path: Path, time: str, expected: int | None) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(f"{time}\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert processors.quota(tmp_path) == expected


def test_without_containers_there_is_none(tmp_path: Path) -> None:
    assert processors.quota(tmp_path) is None


@pytest.mark.parametrize(("quota", "expected"), [(None, 64), (4, 4), (100, 64)])
def test_no_more_are_used_than_either_allows(monkeypatch: pytest.MonkeyPatch, quota: int | None, expected: int) -> None:
    monkeypatch.setattr(processors, "allowed", lambda: 64)
    monkeypatch.setattr(processors, "quota", lambda: quota)
    assert processors.available() == worker_count(None) == expected
    assert worker_count(7) == 7


def test_libraries_are_told_of_a_quota_unless_the_user_told_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processors, "allowed", lambda: 64)
    monkeypatch.setattr(processors, "quota", lambda: 4)
    environment = {"OMP_NUM_THREADS": "2"}
    processors.share_threads(environment)
    assert environment == {
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "4",
        "MKL_NUM_THREADS": "4",
        **processors.PATIENCE,
    }


def test_without_a_quota_libraries_are_told_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processors, "quota", lambda: None)
    environment = {"OPENBLAS_THREAD_TIMEOUT": "4"}
    processors.share_threads(environment)
    assert environment == {"OPENBLAS_THREAD_TIMEOUT": "4"}


def test_loading_numpy_costs_no_more_than_the_time_it_takes() -> None:
    """Its threads go to sleep; else each stage would pay a tenth of a second for each processor."""
    spent = "import os, time, stages, numpy; print(time.process_time() - time.thread_time())"
    usual = {name: value for name, value in os.environ.items() if name not in processors.PATIENCE}
    runs = [subprocess.run([sys.executable, "-c", spent], capture_output=True, text=True, env=usual) for _ in range(3)]
    assert min(float(run.stdout) for run in runs) < 0.05


def test_it_is_said_before_any_library_counts_processors() -> None:
    loaded = "import sys, stages; print([name for name in ('numpy', 'faiss', 'torch') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "[]"
