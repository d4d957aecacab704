"""Say what each picture shows, which labels are probably wrong, and what clusters may be called.

Reads `images`, `embeddings`, `data/encoder.json`, `neighbors`, `duplicates`, `clusters` and the files of `data/names`
that params.yaml asks for. Writes `labels` and `cluster_names`. Labels are compared with pictures as texts (zero-shot);
given labels are held against what the other pictures of the data set say, copies never on both sides. Without given
labels, an image is suspect if none of those asked for fits. No pixels are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from stages.contracts import tables
from stages.contracts.encoder_record import PATH as RECORD
from stages.contracts.encoder_record import read_record
from stages.contracts.errors import EncoderError, exit_on_error
from stages.contracts.identity import digest
from stages.contracts.params import embed, machine
from stages.contracts.params.base import load
from stages.contracts.params.classify import Params
from stages.contracts.schemas.cluster_names import CLUSTER_NAMES, UNNAMED
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.embeddings import PATH as EMBEDDINGS
from stages.contracts.schemas.embeddings import Embeddings, read_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.labels import LABELS
from stages.contracts.schemas.neighbors import NEIGHBORS, Neighbors, read_neighbors
from stages.contracts.vocabulary import NOISE, Status
from stages.core import cluster_names, label_errors, propagation, zero_shot
from stages.core.label_evidence import explain
from stages.core.medoids import centroids
from stages.core.witnesses import neighbors_without_copies
from stages.encoders.imagenet_words import class_names, vocabulary
from stages.encoders.opening import open_encoder
from stages.encoders.questions import Question, labels_asked, names_asked
from stages.engines.local import mapping, worker_count
from stages.sources.names import WATCHED, is_watched, read_names

INPUTS = (IMAGES.path, EMBEDDINGS, RECORD, NEIGHBORS.path, DUPLICATES.path, CLUSTERS.path)


@dataclass(frozen=True, eq=False)
class Asked:
    """What pictures are compared with.

    labels : those to tell apart; None where there are none.
    anything : (v, d) names of all sorts of things, for what fits by accident.
    names : what clusters may be called.
    """

    labels: Question | None
    anything: np.ndarray
    names: Question


def run(
    params: Params,
    images: pd.DataFrame,
    embeddings: Embeddings,
    neighbors: Neighbors,
    duplicates: pd.DataFrame,
    clusters: pd.DataFrame,
    asked: Asked,
    each: label_errors.Each = map,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of `labels`, one per readable item, and of `cluster_names`, one per cluster.

    each : see `label_errors.judge`.
    """
    items = readable(images, duplicates, embeddings)
    found = pd.concat(
        [items, measure(params, items, embeddings, neighbors, asked), ask_others(items, embeddings, each)], axis=1
    )
    found["neighbors"] = labels_around(items, embeddings, neighbors, params.neighbors)
    rows = judge(found, params)
    return rows[LABELS.names].sort_values("item_id", ignore_index=True), name_clusters(
        params, items, embeddings, clusters, asked
    )


def readable(images: pd.DataFrame, duplicates: pd.DataFrame, embeddings: Embeddings) -> pd.DataFrame:
    """Readable items: `item_id`, `content_id`, `label` or None, `group` of copies, `row` of the embedding."""
    items = images.loc[images["status"] == Status.OK, ["item_id", "content_id", "label"]]
    items = items.sort_values("item_id", ignore_index=True)
    items["label"] = items["label"].astype(object).where(items["label"].notna(), None)
    # Contents are of one group if any of their items is, since items of one content are copies.
    grouped = items.merge(duplicates[["item_id", "group_id"]], on="item_id").drop_duplicates("content_id")
    group_of = grouped.set_index("content_id")["group_id"]
    group_of = group_of.reindex(items["content_id"]).astype(object).to_numpy()
    items["group"] = pd.factorize(np.where(pd.isna(group_of), items["content_id"], group_of))[0]
    items["row"] = embeddings.rows_of(items["content_id"].to_numpy(object))
    return items


def measure(
    params: Params, items: pd.DataFrame, embeddings: Embeddings, neighbors: Neighbors, asked: Asked
) -> pd.DataFrame:
    """Zero-shot, per item: `best` label, its `confidence`, `top_k`, and `by_chance`, all None without labels.

    `best` is the label for which the neighbours speak as well; all other columns are of the picture alone.
    """
    if asked.labels is None:
        blank = {"best": None, "confidence": np.nan, "by_chance": np.nan, "among": 0}
        return pd.DataFrame(blank, index=items.index).assign(top_k=[[] for _ in items.index])
    labels = asked.labels
    fit = zero_shot.fit(embeddings.vectors, labels.texts, labels.logit_scale, params.top_k)
    best, confidence = propagation.best_labels(
        embeddings.vectors,
        labels.texts,
        labels.logit_scale,
        neighbors.indices,
        neighbors.similarities,
        params.propagation,
    )
    chance = zero_shot.chance_of_better(fit.cosine, embeddings.vectors, asked.anything, len(labels.names))
    guesses = [
        [{"label": labels.names[column], "confidence": share} for column, share in zip(columns, shares, strict=True)]
        for columns, shares in zip(fit.columns.tolist(), fit.confidences.tolist(), strict=True)
    ]
    contents = pd.DataFrame(
        {
            "best": np.array(labels.names, dtype=object)[best],
            "confidence": confidence,
            "by_chance": chance,
            "among": len(labels.names),
            "top_k": pd.Series(guesses, dtype=object),
        }
    )
    return contents.iloc[items["row"]].reset_index(drop=True)


def ask_others(items: pd.DataFrame, embeddings: Embeddings, each: label_errors.Each) -> pd.DataFrame:
    """What the other pictures say: the `suggested` label, `suggested_p` for it, `given_p` for the given one, `flag`."""
    judged = label_errors.judge(
        embeddings.vectors[items["row"].to_numpy()],
        items["label"].to_numpy(object),
        items["group"].to_numpy(),
        each=each,
    )
    told = {"suggested": judged.suggested, "suggested_p": judged.confidence, "given_p": judged.score}
    return pd.DataFrame({**told, "flag": judged.is_issue}, index=items.index)


def labels_around(items: pd.DataFrame, embeddings: Embeddings, neighbors: Neighbors, k: int) -> list[list[str]]:
    """Per item, the labels of its nearest pictures that are no copies, nearest first; as far as these have one."""
    by_row = items.drop_duplicates("row").set_index("row").sort_index()
    groups, labels = by_row["group"].to_numpy(), by_row["label"].to_numpy(object)
    near, _ = neighbors_without_copies(embeddings.vectors, neighbors.indices, neighbors.similarities, groups, k)
    around = [[labels[other] for other in row[:k] if other >= 0 and labels[other] is not None] for row in near]
    return [around[row] for row in items["row"]]


def judge(found: pd.DataFrame, params: Params) -> pd.DataFrame:
    """From what was measured to the columns of `labels`."""
    chance = above_which_none_fits(found, params.none_of_these)
    fits_none = found["by_chance"] > chance
    bare, fit = found["label"].isna(), 1 - found["by_chance"]
    score = found["given_p"].where(~bare, fit)
    rows = pd.DataFrame(
        {
            "item_id": found["item_id"],
            "zero_shot_label": found["best"].astype(object).where(found["best"].notna(), None),
            "zero_shot_confidence": found["confidence"],
            "fit_score": fit.clip(0, 1),
            "fits_none": fits_none,
            "top_k": found["top_k"],
            "suggested_label": found["suggested"],
            # A share of 64 bits can be a hair above 1.
            "label_score": score.clip(0, 1),
            "is_label_issue": found["flag"].where(~bare, fits_none).astype(bool),
        }
    )
    rows["evidence"] = [explain(row, chance) for row in found.itertuples(index=False)]
    return rows


def above_which_none_fits(found: pd.DataFrame, asked: float | None) -> float:
    """The chance of fitting by accident above which no label is said to fit; 1 where one always does."""
    if asked is None:
        return 1.0
    known = (found["label"] == found["best"]).to_numpy(bool)
    return zero_shot.least_chance(found["by_chance"].to_numpy(), known, asked)


def name_clusters(
    params: Params, items: pd.DataFrame, embeddings: Embeddings, clusters: pd.DataFrame, asked: Asked
) -> pd.DataFrame:
    """Rows of `cluster_names`: a label if two thirds have it, else a name of the vocabulary if it stands out.

    That name is no label of the data set where over half of the members have another one.
    """
    members = items.merge(clusters[["item_id", "cluster", "strength", "is_medoid"]], on="item_id")
    contents = members.drop_duplicates("row").sort_values("row")
    texts = cluster_names.by_vocabulary(
        centroids(embeddings.vectors[contents["row"]], contents["cluster"].to_numpy())
        if (contents["cluster"] != NOISE).any()
        else np.empty((0, embeddings.vectors.shape[1])),
        asked.names.names,
        asked.names.texts,
        params.margin,
    )
    known, rows = items["label"].dropna().unique(), []
    for cluster, group in members[members["cluster"] != NOISE].groupby("cluster"):
        labels = group["label"].tolist()
        named = cluster_names.by_labels(labels)
        if named.name is None and not cluster_names.contradicts(texts[cluster].name, labels, known):
            named = texts[cluster]
        core = cluster_names.key_content(group["content_id"].tolist(), group["strength"].to_numpy())
        rows.append(
            {
                "cluster": cluster,
                "name": named.name or UNNAMED,
                "margin": named.margin,
                "source": named.source,
                "size": len(group),
                "medoid_item_id": group.loc[group["is_medoid"], "item_id"].min(),
                "key": digest(core.encode()),
            }
        )
    return pd.DataFrame(rows, columns=CLUSTER_NAMES.names)


def ask(params: Params, images: pd.DataFrame, root: Path = Path()) -> Asked:
    """The labels and names to ask for, as vectors.

    Labels that params.yaml names must be readable for the encoder. The data set's own need not: where they are not
    (Chinese ones for the packaged encoder), this is told, and pictures are not compared with labels.
    """
    record = read_record(root)
    encoder = open_encoder(
        record, root, load(embed.Params, "embed", root).precision, load(machine.Params, "machine", root)
    )
    own = {str(label): [str(label)] for label in sorted(images["label"].dropna().unique())}
    labels = labels_of(params, root) or own
    more = list(read_names(params.vocabulary, "classify.vocabulary", root)) if params.vocabulary else []
    asked = None
    try:
        asked = labels_asked(labels, params.templates, encoder, record, root) if labels else None
    except EncoderError as error:
        if params.labels is not None:
            raise
        print(f"classify: pictures are not compared with the labels: {error.what} ({error.got})")
    anything = names_asked(class_names(), encoder, record, root).texts
    names = names_asked([*vocabulary(), *(labels if asked else ()), *more], encoder, record, root)
    return Asked(asked, anything, names)


def labels_of(params: Params, root: Path = Path()) -> dict[str, list[str]]:
    """The labels that params.yaml asks for, with what each goes by; none if it leaves them to the data set."""
    if isinstance(params.labels, str):
        return read_names(params.labels, "classify.labels", root)
    if isinstance(params.labels, list):
        return {label: [label] for label in params.labels}
    return dict(params.labels or {})


def warn_of_files(params: Params, root: Path) -> None:
    """Say which files of names `dvc repro` does not watch."""
    for path in (params.labels, params.vocabulary):
        if isinstance(path, str) and not is_watched(path, root):
            print(f"classify: DVC does not watch {path}; put it into {WATCHED}, or type: dvc repro --force classify")


def main(root: Path = Path()) -> None:
    params, wish = load(Params, "classify", root), load(machine.Params, "machine", root)
    warn_of_files(params, root)
    images = tables.read(IMAGES, root)
    asked = ask(params, images, root)
    rows, names = run(
        params,
        images,
        read_embeddings(root),
        read_neighbors(root),
        tables.read(DUPLICATES, root),
        tables.read(CLUSTERS, root),
        asked,
        mapping(worker_count(wish.workers)),
    )
    told = tables.origin(params, list(INPUTS), root, asked=list(asked.labels.names) if asked.labels else [])
    tables.write(LABELS, rows, root, told)
    tables.write(CLUSTER_NAMES, names, root, told)
    named = (names["name"] != UNNAMED).sum()
    issues, bare = rows["is_label_issue"].sum(), images["label"].isna().all()
    told = f"{issues:,} images that no label fits" if bare else f"{issues:,} labels in doubt"
    print(f"classify: {told}, {named} of {len(names)} clusters named")


if __name__ == "__main__":
    exit_on_error(main)
