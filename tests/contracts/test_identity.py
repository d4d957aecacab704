from __future__ import annotations

from pathlib import Path

import pytest

from stages.contracts.identity import digest, digest_file


@pytest.mark.parametrize("data", [b"", b"a", bytes(range(256)) * 5_000])
def test_a_file_has_the_digest_of_its_bytes(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    assert digest_file(path) == digest(data)
