"""Duplicates: copies of a folder's own pictures, found again among its other pictures.

Each set holds up to 500 untouched pictures and ten copies of each kind, every copy of another original. A pair is
right when it is an original and its copy, and wrong otherwise. Pairs of untouched pictures that look like one picture
to the embedding and to the hash both count as neither, nor do the pairs of their copies: they are copies, or shots of
one thing, that the folder came with. The rule asks nothing of Winnow, and how many pairs it spares is told.

Winnow is judged at its default settings. The others are plain thresholds on cosine, on the bits in which 256-bit
perceptual hashes differ (mirrored ones too), and on both, each at the threshold that gives it the best F1 over all
sets, which nobody has without the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from stages.contracts import tables
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.schemas.quality import QUALITY
from stages.core.phash import to_bits
from stages.core.proposals import hamming
from stages.core.tiling import stream
from tests.benchmarks import copies, figures
from tests.benchmarks.bench import Bench, Wanted, recipe
from tests.benchmarks.copies import KINDS, Kind
from tests.benchmarks.report import Family, Table, Target

MOST_UNTOUCHED = 500
COPIES_OF_A_KIND = 10
STAGES = ("measure", "embed", "connect", "deduplicate")
LEAST_COSINE, MOST_BITS = 0.6, 96
"""Pairs that are no copies, and less alike than this to both, are not kept: no useful threshold reaches them."""
SPARED_COSINE, SPARED_BITS = 0.9, 48
"""Where both take two untouched pictures for so much alike, the folder came with them."""


@dataclass(frozen=True)
class Truth:
    """What is planted in a set: (copy's path, its original's path, kind) of each copy."""

    untouched: list[str]
    planted: list[tuple[str, str, Kind]]


def run(bench: Bench, seeds: Sequence[int], tell: Callable[[str], None] = print) -> Family:
    """The tables and targets of all sets."""
    truths = [plant(bench, seed) for seed in seeds]
    found = []
    for number, truth in enumerate(truths):
        found.append(judged(bench, truth).assign(set=number))
        tell(f"duplicates: set {number + 1} of {len(truths)}")
    return family(pd.concat(found, ignore_index=True))


def plant(bench: Bench, seed: int) -> Truth:
    """Write the copies of one set."""
    rng = stream(seed, "duplicates")
    paths = bench.originals["path"].to_numpy()
    untouched = paths[rng.permutation(len(paths))[:MOST_UNTOUCHED]].tolist()
    each = min(COPIES_OF_A_KIND, len(untouched) // len(KINDS))
    originals = iter(rng.permutation(len(untouched)))
    chosen = [(untouched[next(originals)], kind, number) for kind in KINDS for number in range(each)]
    folder = f"copies-{recipe(copies)}/{seed}"
    made = bench.plant(
        [_wanted(bench, seed, f"{folder}/{kind.name}/{number}", path, kind) for path, kind, number in chosen]
    )
    return Truth(untouched, [(copy, path, kind) for copy, (path, kind, _) in zip(made, chosen, strict=True)])


def _wanted(bench: Bench, seed: int, stem: str, original: str, kind: Kind) -> Wanted:
    return Wanted(stem, lambda: kind.make(bench.image(original), stream(seed, "copy", original, kind.name)))


def judged(bench: Bench, truth: Truth) -> pd.DataFrame:
    """Every pair that is planted, accepted, or alike.

    Returns
    -------
    DataFrame of a, b (paths), kind and group (null for pairs that are not planted), spared (bool), cosine, bits, winnow
    (agreement, 0 where it is not accepted).
    """
    paths = [*truth.untouched, *(path for path, *_ in truth.planted)]
    root = bench.run(pd.DataFrame({"path": paths, "label": None, "split": None}), STAGES)
    pairs = alike(bench, root, paths)
    pairs["kind"], pairs["group"] = None, None
    place = {pair: row for row, pair in enumerate(zip(pairs["a"], pairs["b"], strict=True))}
    for copy, original, kind in truth.planted:
        pairs.loc[place[original, copy], ["kind", "group"]] = kind.name, kind.group
    pairs["spared"] = _spared(pairs, truth)
    return pairs[_worth_keeping(pairs)].reset_index(drop=True)


def alike(bench: Bench, root: Path, paths: list[str]) -> pd.DataFrame:
    """All pairs of a set: a, b, cosine, bits, winnow; a is before b in `paths`."""
    items = tables.read(IMAGES, root).set_index("path").loc[paths, "item_id"].tolist()
    hashes = tables.read(QUALITY, root).set_index("item_id").loc[items]
    plain, flipped = (to_bits(hashes[name].tolist()) for name in ("phash", "phash_mirrored"))
    vectors = bench.vectors(paths, root)
    a, b = np.triu_indices(len(paths), 1)
    row_of = {item: row for row, item in enumerate(items)}
    agreement = np.zeros((len(paths), len(paths)), np.float32)
    for first, second, value in tables.read(PAIRS, root)[["item_a", "item_b", "agreement"]].itertuples(index=False):
        low, high = sorted((row_of[first], row_of[second]))
        agreement[low, high] = value
    names = np.array(paths, object)
    return pd.DataFrame(
        {
            "a": names[a],
            "b": names[b],
            "cosine": (vectors @ vectors.T)[a, b],
            "bits": hamming(plain, flipped, np.column_stack([a, b])),
            "winnow": agreement[a, b],
        }
    )


def _spared(pairs: pd.DataFrame, truth: Truth) -> pd.Series:
    """Pairs that count for nothing: of two families, or of one, that the folder itself came with."""
    family = {path: path for path in truth.untouched} | {copy: original for copy, original, _ in truth.planted}
    untouched = set(truth.untouched)
    both = pairs["a"].isin(untouched) & pairs["b"].isin(untouched)
    same = pairs[both & (pairs["cosine"] >= SPARED_COSINE) & (pairs["bits"] <= SPARED_BITS)]
    known = {frozenset(pair) for pair in zip(same["a"], same["b"], strict=True)}
    if not known:
        return pd.Series(False, index=pairs.index)
    first, second = pairs["a"].map(family), pairs["b"].map(family)
    return pd.Series([frozenset(pair) in known for pair in zip(first, second, strict=True)], index=pairs.index)


def _worth_keeping(pairs: pd.DataFrame) -> pd.Series:
    looked_alike = (pairs["cosine"] >= LEAST_COSINE) | (pairs["bits"] <= MOST_BITS)
    return pairs["kind"].notna() | (pairs["winnow"] > 0) | looked_alike


# Figures


def family(pairs: pd.DataFrame) -> Family:
    """Tables and targets from the pairs of all sets."""
    counted = pairs[~pairs["spared"] & (pairs["group"] != "hard")]
    called = accepted_by(pairs, counted)
    found = Family("duplicates")
    found.tables.append(_overall(counted, called, int(pairs["spared"].sum())))
    found.tables.append(_by_kind(pairs, called))
    winnow = called["Winnow"]
    found.targets.append(Target("duplicates: precision", _precision(counted, winnow), 0.99))
    for kind in KINDS:
        if kind.group == "asked":
            planted = pairs[pairs["kind"] == kind.name]
            found.targets.append(Target(f"duplicates: recall, {kind.name}", _recall(planted, winnow), 0.98))
    found.targets.append(Target("duplicates: F1 over all", _f1(counted, winnow), 0.99))
    return found


def accepted_by(pairs: pd.DataFrame, counted: pd.DataFrame) -> dict[str, pd.Series]:
    """For each method, which pairs it takes for copies."""
    is_copy = counted["kind"].notna().to_numpy()
    cosine = figures.best_threshold(counted["cosine"].to_numpy(), is_copy)
    bits = -figures.best_threshold(-counted["bits"].to_numpy(float), is_copy)
    both = _best_of_both(counted, is_copy)
    return {
        "Winnow": pairs["winnow"] > 0,
        f"cosine, at least {cosine:.3f}": pairs["cosine"] >= cosine,
        f"256-bit hash, at most {bits:.0f} bits": pairs["bits"] <= bits,
        f"cosine at least {both[0]:.2f}, or at most {both[1]} bits": (pairs["cosine"] >= both[0])
        | (pairs["bits"] <= both[1]),
    }


def _best_of_both(counted: pd.DataFrame, is_copy: np.ndarray) -> tuple[float, int]:
    cosines, bits = counted["cosine"].to_numpy(), counted["bits"].to_numpy()
    choices = [(cosine, most) for cosine in np.arange(0.80, 0.995, 0.01) for most in range(8, 89, 4)]

    def missed(choice: tuple[float, int]) -> float:
        said = (cosines >= choice[0]) | (bits <= choice[1])
        return -2 * (said & is_copy).sum() / (said.sum() + is_copy.sum())

    return min(choices, key=missed)


def _overall(counted: pd.DataFrame, called: dict[str, pd.Series], spared: int) -> Table:
    scores = [counted["winnow"], counted["cosine"], -counted["bits"], None]
    rows = []
    for (name, said), score in zip(called.items(), scores, strict=True):
        rows.append(
            {
                "method": name,
                "planted": int(counted["kind"].notna().sum()),
                "precision": _precision(counted, said),
                "recall": _recall(counted[counted["kind"].notna()], said),
                "F1": _f1(counted, said),
                "average precision": figures.NONE if score is None else _average_precision(counted.assign(score=score)),
            }
        )
    note = (
        "Thresholds of the other methods are the best there are for these very sets; Winnow's are its defaults. "
        f"{spared:,} pairs that the folder came with count for nothing."
    )
    return Table("Duplicates: pairs of all kinds but the hard ones", rows, note)


def _by_kind(pairs: pd.DataFrame, called: dict[str, pd.Series]) -> Table:
    rows = []
    for kind in KINDS:
        planted = pairs[pairs["kind"] == kind.name]
        found = {method: _recall(planted, said) for method, said in called.items()}
        rows.append({"kind": kind.name, "group": kind.group, "n": len(planted), **found})
    return Table("Duplicates: recall by kind", rows, "Hard kinds are shown, and count in no other figure.")


def _precision(counted: pd.DataFrame, said: pd.Series) -> figures.Figure:
    accepted = counted[said.loc[counted.index]]
    return figures.share(int(accepted["kind"].notna().sum()), len(accepted))


def _recall(planted: pd.DataFrame, said: pd.Series) -> figures.Figure:
    return figures.share(int(said.loc[planted.index].sum()), len(planted))


def _f1(counted: pd.DataFrame, said: pd.Series) -> figures.Figure:
    rows = counted.assign(said=said.loc[counted.index], true=counted["kind"].notna())
    counts = [
        (
            int((rows["said"] & rows["true"]).sum()),
            int((rows["said"] & ~rows["true"]).sum()),
            int((~rows["said"] & rows["true"]).sum()),
        )
        for _, rows in rows.groupby("set")
    ]
    return figures.f1(counts)


def _average_precision(counted: pd.DataFrame) -> figures.Figure:
    return figures.mean(
        [
            figures.average_precision(rows["score"].to_numpy(float), rows["kind"].notna().to_numpy())
            for _, rows in counted.groupby("set")
        ]
    )
