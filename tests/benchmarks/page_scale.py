"""How the report grows: its making, its files, and its pages in a browser, with n made-up images.

make bench-pages                 100,000 images
make bench-pages ROWS=20000

Headless Chromium without a graphics card, from file://. A pan or zoom step counts from the input to the second frame
after the map was painted anew, which is later than it can be seen. Ends with 1 when something falls short.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks import synthetic

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PAGES = {
    "clusters": "#stage[data-ready]",
    "outliers": "#gallery .card",
    "labels": "#gallery .card",
    "duplicates": "#gallery .card",
    "quality": ".card",
    "index": "main",
}
"""page: what is there once it can be used"""
FIRST_PAINT_S = 4.0
STEP_MS = 150.0
MAKING_S = 60.0
HTML_BYTES = 5_000_000

PAINTED = """performance.getEntriesByName("first-contentful-paint")[0]?.startTime"""
READY = """selector => new Promise((resolve) => {
  const look = () => document.querySelector(selector) ? resolve(performance.now()) : setTimeout(look, 10);
  look();
})"""
WATCH = """() => {
  const view = Bokeh.index.roots[0];
  const waiting = [];
  window.steps = [];
  const heard = (event) => (event.type !== "pointermove" || event.buttons) && waiting.push(event.timeStamp);
  const early = { capture: true, passive: true };
  for (const type of ["wheel", "pointermove", "keydown"]) addEventListener(type, heard, early);
  view.repainted.connect(() => {
    const inputs = waiting.splice(0);
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const now = performance.now();
      window.steps.push(...inputs.map((at) => now - at));
    }));
  });
}"""


@dataclass
class Verdicts:
    """What falls short of what is asked for."""

    short: list[str] = field(default_factory=list)

    def hold(self, what: str, value: float, limit: float, unit: str) -> str:
        if value > limit:
            self.short.append(f"{what}: {value:,.1f} {unit}, and {limit:,.1f} are allowed")
        return f"{value:,.1f} {unit}"


def measure(root: Path, verdicts: Verdicts) -> None:
    """Make the report, open its pages, and print what it takes."""
    seconds = sum(_stage(name, root) for name in ("export", "report"))
    print(f"  export and report together: {verdicts.hold('making', seconds, MAKING_S, 's')}")
    for name in PAGES:
        size = (root / f"reports/{name}.html").stat().st_size
        verdicts.hold(f"{name}.html", size / 1e6, HTML_BYTES / 1e6, "MB")
    with _chromium() as browser:
        for name in PAGES:
            _opened(name, root, browser, verdicts)


def _stage(name: str, root: Path) -> float:
    """Run a stage as `dvc repro` does, in a process of its own."""
    started = time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-m", f"stages.{name}"], cwd=root, check=True, env=environment, capture_output=True)
    seconds = time.perf_counter() - started
    print(f"  {name}: {seconds:.1f} s")
    return seconds


@contextmanager
def _chromium() -> Iterator[Browser]:
    found = shutil.which("chromium")
    if not found:
        raise SystemExit("There is no Chromium. Type: sudo apt-get install -y chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


def _opened(name: str, root: Path, browser: Browser, verdicts: Verdicts) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    path = root / f"reports/{name}.html"
    page.goto(path.as_uri(), wait_until="commit")
    ready = page.evaluate(READY, PAGES[name])
    painted = page.evaluate(PAINTED) or ready
    told = verdicts.hold(f"{name}: first paint", painted / 1000, FIRST_PAINT_S, "s")
    print(f"  {name}: HTML {path.stat().st_size / 1e3:,.0f} kB, data {_data(path) / 1e6:.1f} MB,", end=" ")
    print(f"first paint {told}, ready {ready / 1000:.1f} s")
    if name == "clusters":
        for kind, steps in _moved(page).items():
            _told(kind, steps, verdicts)
    page.close()


def _data(path: Path) -> int:
    """Bytes of the data scripts that a page loads, sooner or later."""
    html = path.read_text(encoding="utf-8")
    scripts = [file for file in (path.parent / "assets/data").glob("*.js") if f"assets/data/{file.name}" in html]
    return sum(file.stat().st_size for file in scripts)


def _moved(page: Page) -> dict[str, list[float]]:
    """Milliseconds per step, for wheel, drag and keys; at first of the whole map, then with a cluster chosen."""
    page.evaluate(WATCH)
    found = {}
    for state in ("all", "one cluster chosen"):
        if state != "all":
            page.locator("#groups button").first.click()
            page.locator("#stage").scroll_into_view_if_needed()
        box = page.locator("#stage").bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for kind, work in {"wheel": _wheel, "drag": _drag, "keys": _keys}.items():
            page.evaluate("window.steps = []")
            work(page, *middle)
            page.wait_for_timeout(600)
            found[f"{kind}, {state}"] = page.evaluate("window.steps")
    return found


def _wheel(page: Page, x: float, y: float) -> None:
    page.mouse.move(x, y)
    for delta in [-120] * 8 + [120] * 8:
        page.mouse.wheel(0, delta)
        page.wait_for_timeout(60)


def _drag(page: Page, x: float, y: float) -> None:
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(40):
        page.mouse.move(x + 5 * min(step, 40 - step), y + 3 * step)
        page.wait_for_timeout(16)
    page.mouse.up()


def _keys(page: Page, x: float, y: float) -> None:
    page.locator("#stage").focus()
    for key in ["+", "ArrowLeft", "ArrowUp", "+", "ArrowRight", "-", "-", "0"]:
        page.keyboard.press(key)
        page.wait_for_timeout(150)


def _told(kind: str, steps: list[float], verdicts: Verdicts) -> None:
    if not steps:
        verdicts.short.append(f"{kind}: the map did not answer")
        return
    middle, high = np.percentile(steps, [50, 95])
    told = verdicts.hold(f"{kind}: 95 % of the steps", high, STEP_MS, "ms")
    print(f"    {kind}: {len(steps)} steps, median {middle:.0f} ms, 95 % within {told}")


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    verdicts = Verdicts()
    with tempfile.TemporaryDirectory() as folder:
        print(f"{rows:,} images")
        measure(synthetic.make(Path(folder), rows), verdicts)
    for line in verdicts.short:
        print(f"FALLS SHORT: {line}")
    if verdicts.short:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
