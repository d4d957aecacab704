"""Quality issues: defects planted on a folder's pictures, and changes that are no defects.

Each set holds up to 400 untouched pictures, ten with each defect and ten with each harmless change, every one made
from another original. What is flagged among the untouched and the harmless counts as wrong, also where the folder
itself came with dark or blurred pictures: precision is a lower bound. A defect may bring another with it (a black
picture shows nothing), so pictures with other defects count as neither.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from stages.contracts import tables
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.vocabulary import QualityIssue
from stages.core.tiling import stream
from tests.benchmarks import copies, defects, figures
from tests.benchmarks.bench import Bench, Wanted, recipe
from tests.benchmarks.cleanvision_rules import issues
from tests.benchmarks.defects import DEFECTS, Defect
from tests.benchmarks.report import Family, Table, Target

MOST_UNTOUCHED = 400
OF_A_DEFECT = 10
ISSUES = tuple(dict.fromkeys(defect.issue for defect in DEFECTS if defect.issue))
UNTOUCHED = "untouched"


def run(bench: Bench, seeds: Sequence[int], tell: Callable[[str], None] = print) -> Family:
    """The tables and targets of all sets."""
    found, rules = [], {}
    for done, seed in enumerate(seeds):
        rows = plant(bench, seed)
        found.append(judged(bench, rows, rules).assign(set=done))
        tell(f"quality: set {done + 1} of {len(seeds)}")
    return family(pd.concat(found, ignore_index=True))


def plant(bench: Bench, seed: int) -> pd.DataFrame:
    """Write the pictures of one set; `path` and `name` of what was done to each."""
    paths = bench.originals["path"].to_numpy()
    order = stream(seed, "defects").permutation(len(paths))
    each = min(OF_A_DEFECT, len(paths) // (2 * len(DEFECTS)))
    made_from, untouched = order[: each * len(DEFECTS)], order[each * len(DEFECTS) :][:MOST_UNTOUCHED]
    chosen = [(paths[row], DEFECTS[number // each], number % each) for number, row in enumerate(made_from)]
    folder = f"defects-{recipe(defects, copies)}/{seed}"
    made = bench.plant([_wanted(bench, seed, f"{folder}/{_plain(one.name)}/{n}", path, one) for path, one, n in chosen])
    rows = [(path, one.name) for path, (_, one, _) in zip(made, chosen, strict=True)]
    rows += [(path, UNTOUCHED) for path in paths[untouched]]
    return pd.DataFrame(rows, columns=["path", "name"])


def _wanted(bench: Bench, seed: int, stem: str, original: str, defect: Defect) -> Wanted:
    return Wanted(stem, lambda: defect.make(bench.image(original), stream(seed, "defect", original, defect.name)))


def _plain(name: str) -> str:
    return name.replace(":", "").replace(",", "")


def judged(bench: Bench, rows: pd.DataFrame, rules: dict[str, dict[str, bool]]) -> pd.DataFrame:
    """Columns `name`, `path`, and per issue whether it is flagged, by Winnow and by cleanvision's rules."""
    root = bench.run(rows.assign(label=None, split=None), ["measure"])
    images = tables.read(IMAGES, root)[["item_id", "path", "mode"]]
    flags = images.merge(tables.read(QUALITY, root), on="item_id").set_index("path").loc[rows["path"]]
    for path, mode in zip(flags.index, flags["mode"], strict=True):
        if path not in rules:
            rules[path] = issues(bench.image(path), mode)
    theirs = pd.DataFrame([rules[path] for path in flags.index], index=flags.index).add_prefix("cleanvision_")
    ours = flags[[f"is_{issue}" for issue in ISSUES]]
    return pd.concat([ours, theirs], axis=1).reset_index().assign(name=rows["name"].to_numpy())


# Figures


def family(rows: pd.DataFrame) -> Family:
    """Tables and targets from the pictures of all sets."""
    result = Family("quality")
    result.tables = [_by_issue(rows), _by_defect(rows)]
    for issue in ISSUES:
        words = issue.replace("_", " ")
        result.targets.append(Target(f"quality: precision, {words}", _precision(rows, issue, "is_"), 0.9))
        result.targets.append(Target(f"quality: recall, {words}", _recall(rows, issue, "is_"), 0.9))
    return result


def _by_issue(rows: pd.DataFrame) -> Table:
    lines = []
    for issue in ISSUES:
        for who, prefix in (("Winnow", "is_"), ("cleanvision's rules", "cleanvision_")):
            both = {"precision": _precision(rows, issue, prefix), "recall": _recall(rows, issue, prefix)}
            planted = int(rows["name"].isin(_names(issue)).sum())
            lines.append({"issue": issue.replace("_", " "), "method": who, "planted": planted, **both})
    untouched = int((rows["name"] == UNTOUCHED).sum())
    harmless = int(rows["name"].isin(_harmless()).sum())
    return Table(
        "Quality issues", lines, f"Against {untouched:,} untouched pictures and {harmless:,} with a harmless change."
    )


def _by_defect(rows: pd.DataFrame) -> Table:
    lines = []
    for name, own in rows.groupby("name", sort=False):
        line = {"what was done": name, "n": len(own)}
        lines.append(line | {issue.replace("_", " "): f"{own[f'is_{issue}'].mean():.1%}" for issue in ISSUES})
    return Table("Quality issues: share that Winnow flags, by what was done", lines)


def _names(issue: QualityIssue) -> list[str]:
    return [defect.name for defect in DEFECTS if defect.issue == issue]


def _harmless() -> list[str]:
    return [defect.name for defect in DEFECTS if defect.issue is None]


def _precision(rows: pd.DataFrame, issue: QualityIssue, prefix: str) -> figures.Figure:
    judged = rows[rows["name"].isin([*_names(issue), *_harmless(), UNTOUCHED])]
    flagged = judged[judged[f"{prefix}{issue}"]]
    return figures.share(int(flagged["name"].isin(_names(issue)).sum()), len(flagged))


def _recall(rows: pd.DataFrame, issue: QualityIssue, prefix: str) -> figures.Figure:
    planted = rows[rows["name"].isin(_names(issue))]
    return figures.share(int(planted[f"{prefix}{issue}"].sum()), len(planted))
