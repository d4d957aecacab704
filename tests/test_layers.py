"""Who may import whom. A stage imports no other stage: see `test_pipeline`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.imports import ROOT, imported

LAYERS = {
    "contracts": set(),
    "core": {"contracts"},
    "engines": {"contracts"},
    "sources": {"contracts", "core", "engines"},
    "encoders": {"contracts", "core", "engines"},
    "exports": {"contracts", "core", "engines"},
    "pages": {"contracts", "core"},
    "calibration": {"contracts", "core", "engines", "encoders", "sources"},
}
"""What each package may import besides itself. `commands` and `review` may call whatever there is."""
OF_CONTRACTS = ("stages.contracts.errors", "stages.contracts.vocabulary")
"""What `core` may import of contracts."""
IMPURE = {"datetime", "os", "pathlib", "random", "shutil", "socket", "subprocess", "sys", "tempfile", "time"}
"""Modules that lead to files, clocks and other state."""


def modules(package: str) -> list[Path]:
    return sorted((ROOT / "stages" / package).rglob("*.py"))


@pytest.mark.parametrize("package", LAYERS)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    assert modules(package)
    for path in modules(package):
        found = {name.split(".")[1] for name in imported(path) if name.startswith("stages.")}
        assert found <= LAYERS[package] | {package}, path


def test_core_knows_errors_and_words_and_nothing_else_of_contracts() -> None:
    for path in modules("core"):
        found = {name for name in imported(path) if name.startswith("stages.contracts.")}
        assert all(name.startswith(OF_CONTRACTS) for name in found), path


def test_core_is_pure() -> None:
    for path in modules("core"):
        assert not {name.split(".")[0] for name in imported(path)} & IMPURE, path


def test_torch_is_imported_by_encoders_only() -> None:
    for path in modules("."):
        if path.parent.name != "encoders":
            assert not {name for name in imported(path) if name.split(".")[0] in ("torch", "transformers")}, path
