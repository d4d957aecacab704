from __future__ import annotations

from stages import export
from stages.contracts.params.export import Params
from stages.contracts.schemas.verdicts import VERDICTS
from stages.contracts.tables import as_arrow, check
from tests import frames


def test_nothing_at_all_is_exported_as_nothing() -> None:
    result = export.run(Params(), frames.THRESHOLDS, frames.findings(frames.images()), frames.decisions())
    assert result.verdicts.empty
    assert result.metrics["kept"] == 0


def test_verdicts_match_their_declaration() -> None:
    images = frames.images(
        {"path": "a.jpg", "label": "cat"}, {"path": "b.jpg", "status": "empty", "reason": "no bytes"}
    )
    found = frames.findings(images)
    verdicts = export.run(Params(), frames.THRESHOLDS, found, frames.decisions()).verdicts
    check(VERDICTS, as_arrow(VERDICTS, verdicts))


def test_the_shipped_policy_flags_outliers_and_removes_copies() -> None:
    images = frames.images({"path": "a.jpg"}, {"path": "b.jpg"}, {"path": "c.jpg"})
    found = frames.findings(
        images,
        outliers=frames.outliers(["a.jpg", "b.jpg", "c.jpg"], ("c.jpg",)),
        pairs=frames.pairs(("a.jpg", "b.jpg", "near", 0.9)),
        duplicates=frames.duplicates({"a.jpg": None, "b.jpg": "near"}),
    )
    metrics = export.run(Params(), frames.THRESHOLDS, found, frames.decisions()).metrics
    assert (metrics["kept"], metrics["removed"]["near_duplicate"], metrics["flagged"]["outlier"]) == (2, 1, 1)


def test_decisions_that_reach_nothing_are_counted(capsys) -> None:
    rows = frames.decisions({"path": "gone.jpg", "decision": "drop"}, {"path": "a.jpg", "decision": "drop"})
    result = export.run(Params(), frames.THRESHOLDS, frames.findings(frames.images({"path": "a.jpg"})), rows)
    assert result.metrics["decisions"] == {"applied": 1, "ambiguous": 0, "unmatched": 1, "disputed": 0}
    export._tell(result, 0, 1)
    assert "decision in line 2 is unmatched: drop gone.jpg" in capsys.readouterr().out


def test_rows_that_disagree_about_one_image_are_counted_and_told(capsys) -> None:
    rows = frames.decisions(*({"path": "a.jpg", "decision": word, "reviewer": word} for word in ("keep", "drop")))
    result = export.run(Params(), frames.THRESHOLDS, frames.findings(frames.images({"path": "a.jpg"})), rows)
    assert result.metrics["decisions"] == {"applied": 1, "ambiguous": 0, "unmatched": 0, "disputed": 1}
    export._tell(result, 0, 1)
    told = "lines 2 and 3 of data/decisions.csv disagree about a.jpg: keep said keep, drop said drop; "
    assert told in capsys.readouterr().out
