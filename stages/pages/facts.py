"""What the pages are made from: the tables, joined once into one item a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from stages.contracts.calibration_record import Calibration, OwnPair
from stages.contracts.encoder_record import EncoderRecord
from stages.contracts.schemas.cluster_names import UNNAMED
from stages.contracts.vocabulary import Status
from stages.core.cluster_stability import Stability
from stages.core.decisions import Applied, apply


class Item(NamedTuple):
    """One image or frame, with what every card tells of it. What a table does not say is None.

    `label` is the one after decisions, `original_label` the one before them.
    """

    item_id: str
    content_id: str
    path: str
    frame: int | None
    timestamp_s: float | None
    bytes: int
    format: str | None
    width: int | None
    height: int | None
    label: str | None
    original_label: str | None
    split: str | None
    status: str
    reason: str | None
    cluster: int | None
    strength: float | None
    is_medoid: bool | None
    outlier_score: float | None
    is_outlier: bool | None
    verdict: str
    rule: str | None
    detail: str | None


class Named(NamedTuple):
    """What a cluster is called, None where nothing is plain; a guess unless labels say so; and what it is known by."""

    name: str | None
    is_guess: bool
    key: str


@dataclass(frozen=True)
class Facts:
    """The tables as frames, the counts, and how to get a sheet of thumbnails.

    `sheet` gives the bytes of one sheet by its name; `null` is what `score` says of its null distribution;
    `calibration` has its figures of duplicates at the threshold in force; `looked` is how many pairs were proposed as
    copies, how many of them were looked at, and the patience;
    `thresholds` has the quality threshold of each issue (None: switched off), `agreement` those of the duplicates by
    name; `stability` is what `cluster` says of its clusters; `dataset` names the data set and stays the same while
    it grows.
    """

    title: str
    images: pd.DataFrame
    quality: pd.DataFrame
    thumbnails: pd.DataFrame
    clusters: pd.DataFrame
    cluster_names: pd.DataFrame
    pairs: pd.DataFrame
    duplicates: pd.DataFrame
    outliers: pd.DataFrame
    labels: pd.DataFrame
    placed: pd.DataFrame
    verdicts: pd.DataFrame
    decisions: pd.DataFrame
    dataset: str
    encoder: EncoderRecord
    metrics: dict[str, Any]
    null: dict[str, Any]
    thresholds: dict[str, float | None]
    agreement: dict[str, float]
    looked: dict[str, int | None]
    stability: Stability
    calibration: Calibration
    protect: frozenset[str]
    sheet: Callable[[str], bytes]
    gallery_limit: int = field(default=400)

    @cached_property
    def items(self) -> dict[str, Item]:
        """Every item of `images`, by id, in order of path."""
        joined = (
            self.images.drop(columns="label")
            .merge(self.clusters, on="item_id", how="left")
            .merge(self.outliers[["item_id", "outlier_score", "is_outlier"]], on="item_id", how="left")
            .merge(
                self.verdicts[["item_id", "verdict", "rule", "detail", "label", "original_label"]],
                on="item_id",
                how="left",
            )
            .sort_values(["path", "frame", "item_id"])
        )
        rows = joined[list(Item._fields)].astype(object)
        rows = rows.where(rows.notna(), None)
        whole = [rows.columns.get_loc(name) for name in ("frame", "width", "height", "cluster")]
        return {item.item_id: item for item in (_item(values, whole) for values in rows.itertuples(index=False))}

    @cached_property
    def applied(self) -> Applied:
        """What became of the decisions, by the rule that `export` follows."""
        return apply(self.decisions, self.images)

    @cached_property
    def settled(self) -> dict[str, dict[str, str]]:
        """What was decided on each item, by id: `decision`, `label`, `reviewer`; the verdicts follow it."""
        followed = self.applied.by_item[["decision", "label", "reviewer"]]
        return followed.astype(str).to_dict("index")

    @cached_property
    def named(self) -> dict[int, Named]:
        """Per cluster its name and key."""
        columns = (self.cluster_names[name].tolist() for name in ("cluster", "name", "source", "key"))
        return {
            cluster: Named(None if name == UNNAMED else name, source == "vocabulary", key)
            for cluster, name, source, key in zip(*columns, strict=True)
        }

    @cached_property
    def namesakes(self) -> Counter:
        """How many clusters have a name; capitals and small letters are one."""
        return Counter(one.name.casefold() for one in self.named.values() if one.name)

    @cached_property
    def first_of(self) -> dict[str, Item]:
        """The item that stands for each readable content: the first by path."""
        found: dict[str, Item] = {}
        for item in self.items.values():
            if item.status == Status.OK:
                found.setdefault(item.content_id, item)
        return found

    @cached_property
    def protected(self) -> list[str]:
        """The protected splits that this data has, in order."""
        return sorted(self.protect & set(self.images["split"].dropna()))

    @cached_property
    def unconfirmed(self) -> list[OwnPair]:
        """Pairs of the sample that are accepted, though no two independent signals call them copies."""
        found = self.calibration.duplicates.unconfirmed
        return [pair for pair in found if pair.level >= self.agreement["threshold"]]

    @property
    def removed(self) -> int:
        return sum(self.metrics["removed"].values())


def _item(values: tuple, whole: list[int]) -> Item:
    """A left join makes floats of whole numbers; undo that."""
    row = list(values)
    for place in whole:
        row[place] = None if row[place] is None else int(row[place])
    return Item(*row)
