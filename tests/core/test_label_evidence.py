"""The sentence beside each label."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from stages.core.label_evidence import explain

LABELLED = {
    "label": "dress",
    "suggested": "skirt",
    "suggested_p": 0.834,
    "given_p": 0.041,
    "neighbors": ["skirt", "dress", "skirt"],
    "best": "skirt",
    "confidence": 0.6,
    "by_chance": 0.0,
    "among": 2,
}
BARE = {**LABELLED, "label": None, "suggested": None, "neighbors": []}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            LABELLED,
            "Labelled “dress”; the other pictures say “skirt” (0.83 against 0.04); its nearest pictures with a label "
            "are 2 “skirt”, 1 “dress”.",
        ),
        (
            {**LABELLED, "suggested": "dress", "given_p": 0.9, "neighbors": list("abbccdd")},
            "Labelled “dress”, as the other pictures say (0.90); its nearest pictures with a label are "
            "2 “b”, 2 “c”, 2 “d” and others.",
        ),
        (
            {**LABELLED, "suggested": None, "neighbors": []},
            "Labelled “dress”, which cannot be judged: too few other pictures have a label.",
        ),
        (BARE, "No label is given; “skirt” (0.60) fits best of 2 labels."),
        ({**BARE, "among": 1}, "No label is given; “skirt” (0.60) fits best, the only label."),
        (
            {**BARE, "by_chance": 0.45},
            "None of the labels fits: “skirt” (0.60) comes closest, but the best of 2 names of anything else fits "
            "better by a chance of 0.45.",
        ),
        ({**BARE, "among": 0}, "No label is given, and none is asked for."),
    ],
)
def test_the_evidence_tells_the_numbers(row: dict, expected: str) -> None:
    assert explain(SimpleNamespace(**row), 0.1) == expected
