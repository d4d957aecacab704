from __future__ import annotations

from pathlib import Path

import pytest

from stages.contracts.errors import TableError
from stages.contracts.metrics import PATH, read_metrics, write_metrics


def test_counts_come_back_and_do_not_hang_on_the_order_of_keys(tmp_path: Path) -> None:
    write_metrics({"images": 2, "removed": {"leak": 0, "decision": 1}}, tmp_path)
    first = (tmp_path / PATH).read_bytes()
    assert read_metrics(tmp_path) == {"images": 2, "removed": {"leak": 0, "decision": 1}}
    write_metrics({"removed": {"decision": 1, "leak": 0}, "images": 2}, tmp_path)
    assert (tmp_path / PATH).read_bytes() == first


def test_absent_counts_say_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="are not there") as raised:
        read_metrics(tmp_path)
    assert raised.value.do == "dvc repro export"


def test_counts_in_a_merge_conflict_are_told(tmp_path: Path) -> None:
    write_metrics({"images": 2}, tmp_path)
    (tmp_path / PATH).write_text("<<<<<<< HEAD\n{}\n")
    with pytest.raises(TableError, match="cannot be read") as raised:
        read_metrics(tmp_path)
    assert raised.value.do == "dvc repro --force export"
