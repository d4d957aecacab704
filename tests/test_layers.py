"""Who may import whom. A stage imports no other stage: see `test_pipeline`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
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
OF_CONTRACTS = {"stages.contracts.errors", "stages.contracts.vocabulary"}
"""What `core` may import of contracts."""
IMPURE = {"datetime", "os", "pathlib", "random", "shutil", "socket", "subprocess", "sys", "tempfile", "time"}
"""Modules that lead to files, clocks and other state."""


def modules(package: str) -> list[Path]:
    return sorted((ROOT / "stages" / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Names of the modules that a module imports, inside functions too; of `from a.b import c`, `a.b`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            is_package = (ROOT / node.module.replace(".", "/")).is_dir()
            names.update(f"{node.module}.{alias.name}" if is_package else node.module for alias in node.names)
    return names


@pytest.mark.parametrize("package", LAYERS)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    assert modules(package)
    for path in modules(package):
        found = {name.split(".")[1] for name in imported(path) if name.startswith("stages.")}
        assert found <= LAYERS[package] | {package}, path


def test_core_knows_errors_and_words_and_nothing_else_of_contracts() -> None:
    for path in modules("core"):
        assert {name for name in imported(path) if name.startswith("stages.contracts")} <= OF_CONTRACTS, path


def test_core_is_pure() -> None:
    for path in modules("core"):
        assert not {name.split(".")[0] for name in imported(path)} & IMPURE, path


def test_torch_is_imported_by_encoders_only() -> None:
    for path in modules("."):
        if path.parent.name != "encoders":
            assert not {name for name in imported(path) if name.split(".")[0] in ("torch", "transformers")}, path
