"""Scripts and styles as browsers take them from local files: the modules of `assets/` in one classic script.

Each module becomes a function that returns what it exports. Only the forms used here are understood, and any
other is an error when the pages are made: one-line imports by name from a sibling, and `export` before a
declaration.
"""

from __future__ import annotations

import re
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
STYLES = ("base.css", "parts.css", "cards.css", "map.css", "calibration.css", "labels.css", "decide.css")
ALONE = ("compare.css", "timeline.css", "review.css")
"""Styles of pages that stand by themselves, outside the report."""

IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "\./(\w+)\.mjs";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.MULTILINE)
LEFT_OVER = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


def bundle(entry: str, folder: Path = ASSETS) -> str:
    """The module `entry` and all that it imports, as one classic script.

    Raises
    ------
    ValueError : an import or export of another form, or modules that import each other.
    """
    order: list[str] = []
    _visit(entry, folder, order, ())
    modules = [_wrapped(name, (folder / f"{name}.mjs").read_text(encoding="utf-8")) for name in order]
    return '"use strict";\n(() => {\n' + "".join(modules) + "})();\n"


def styles(*more: str) -> str:
    """The styles of every page, and those of a page that stands by itself."""
    return "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in (*STYLES, *more))


def _visit(name: str, folder: Path, order: list[str], above: tuple[str, ...]) -> None:
    if name in above:
        raise ValueError(f"modules import each other: {' > '.join((*above, name))}")
    if name in order:
        return
    for _, imported in IMPORT.findall((folder / f"{name}.mjs").read_text(encoding="utf-8")):
        _visit(imported, folder, order, (*above, name))
    order.append(name)


def _wrapped(name: str, source: str) -> str:
    exported = EXPORT.findall(source)
    body = EXPORT.sub("", IMPORT.sub(r"const { \1 } = module_\2;", source))
    if found := LEFT_OVER.search(body):
        raise ValueError(f"{name}.mjs: cannot bundle {found.group()!r}")
    return f"const module_{name} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();\n"
