from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stages.pages.bundle import ALONE, ASSETS, STYLES, bundle, styles


@pytest.mark.parametrize("entry", ["main", "theme"])
def test_the_bundle_is_one_classic_script(entry: str, tmp_path: Path) -> None:
    script = tmp_path / "bundle.js"
    script.write_text(bundle(entry))
    subprocess.run(["node", "--check", script], check=True)
    for line in script.read_text().splitlines():
        assert not line.startswith(("import ", "export "))


def test_a_bundle_runs_each_module_once_with_its_imports(tmp_path: Path) -> None:
    (tmp_path / "a.mjs").write_text(
        'import { b } from "./b.mjs";\nimport { c, count } from "./c.mjs";\nconsole.log(b(), c, count);\n'
    )
    (tmp_path / "b.mjs").write_text('import { c } from "./c.mjs";\nexport function b() {\n  return `b${c}`;\n}\n')
    (tmp_path / "c.mjs").write_text("let private_ = 0;\nexport const c = ++private_;\nexport const count = private_;\n")
    done = subprocess.run(["node", "-e", bundle("a", tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "b1 1 1\n"


@pytest.mark.parametrize(
    "source",
    [
        'import x from "./b.mjs";',
        'import { b } from "bokeh";',
        "export default 1;",
        "export { b };",
        'export * from "./b.mjs";',
    ],
)
def test_a_form_that_is_not_understood_is_an_error_and_not_a_broken_page(source: str, tmp_path: Path) -> None:
    (tmp_path / "a.mjs").write_text(f"{source}\n")
    with pytest.raises(ValueError, match=r"a\.mjs: cannot bundle"):
        bundle("a", tmp_path)


def test_modules_that_import_each_other_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.mjs").write_text('import { b } from "./b.mjs";\nexport const a = 1;\n')
    (tmp_path / "b.mjs").write_text('import { a } from "./a.mjs";\nexport const b = 1;\n')
    with pytest.raises(ValueError, match="a > b > a"):
        bundle("a", tmp_path)


def test_every_asset_is_used() -> None:
    assert {path.name for path in ASSETS.glob("*.css")} == {*STYLES, *ALONE}
    scripts = "".join(bundle(entry) for entry in ("main", "theme", "compare", "timeline", "review"))
    for path in ASSETS.glob("*.mjs"):
        assert f"const module_{path.stem} = " in scripts


def test_styles_ask_for_nothing_from_elsewhere() -> None:
    assert "url(" not in styles()
    assert "@import" not in styles()
