from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.pages.packing import pack, pack_ids, pack_paths
from tests.pages.decode import unpack


@given(st.lists(st.integers(0, 2**32 - 1), max_size=20))
def test_whole_numbers_come_back(values: list[int]) -> None:
    assert unpack(pack(np.array(values, np.int64))).tolist() == values


@pytest.mark.parametrize(("largest", "kind"), [(255, "u1"), (256, "u2"), (65_535, "u2"), (65_536, "u4")])
def test_they_take_as_few_bytes_as_they_need(largest: int, kind: str) -> None:
    assert pack(np.array([0, largest]))["kind"] == kind


@given(st.lists(st.floats(width=32, allow_nan=False), max_size=20))
def test_other_numbers_come_back_as_float32(values: list[float]) -> None:
    assert unpack(pack(np.array(values, float))).tolist() == values


def test_ids_are_bytes_one_behind_the_other() -> None:
    ids = ["00ff" * 8, "0123456789abcdef" * 2]
    assert unpack(pack_ids(ids)).tobytes().hex() == "".join(ids)
    assert pack_ids([])["data"] == ""


@given(st.lists(st.text(st.sampled_from("ab/.\n\u05d0"), max_size=8), max_size=10))
def test_paths_come_back_whatever_is_in_them(paths: list[str]) -> None:
    packed = pack_paths(paths)
    folders = [packed["folders"][number] for number in unpack(packed["folder"])]
    assert [folder + file for folder, file in zip(folders, packed["files"], strict=True)] == paths
    assert len(set(packed["folders"])) == len(packed["folders"])
