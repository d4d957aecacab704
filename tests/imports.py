"""Which modules of the project a module runs: the imports, followed. DVC does not follow them itself."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def runs(module: Path, root: Path = ROOT) -> set[Path]:
    """Every file of `stages/` that running `module` may import, itself included, relative to `root`.

    Imports inside functions count; files that hold nothing but a docstring do not.
    """
    found: set[Path] = set()
    waiting = [root / module]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        own = {name for name in imported(path) if name.split(".")[0] == "stages"}
        waiting += [target for name in own for target in _files(name, root)]
    return {path.relative_to(root) for path in found if not _only_docstring(path)}


def imported(path: Path) -> set[str]:
    """Names that a module imports, inside functions too; of `from a.b import c`, both `a.b` and `a.b.c`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def _files(name: str, root: Path) -> list[Path]:
    """The module's file, and the `__init__.py` of the packages above it."""
    parts = name.split(".")
    packages = [root.joinpath(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)]
    module = root.joinpath(*parts).with_suffix(".py")
    return [path for path in [*packages, module] if path.exists()]


def _only_docstring(path: Path) -> bool:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)
