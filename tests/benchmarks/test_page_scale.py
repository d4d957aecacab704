"""The made-up project of `make bench-pages` is one that a report can be made of, whatever columns tables have now."""

from __future__ import annotations

from pathlib import Path

from stages import export, report
from tests.benchmarks import page_scale, synthetic


def test_a_report_is_made_of_the_made_up_project(tmp_path: Path) -> None:
    synthetic.make(tmp_path, 300)
    export.main(tmp_path)
    report.main(tmp_path)
    assert all((tmp_path / f"reports/{name}.html").stat().st_size < page_scale.HTML_BYTES for name in page_scale.PAGES)
