"""The stage: what pictures show, labels in doubt, names of clusters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages import classify, cluster
from stages.classify import Asked
from stages.contracts import tables
from stages.contracts.encoder_record import write_record
from stages.contracts.errors import EncoderError, ParamsError
from stages.contracts.identity import item_id
from stages.contracts.params.base import load
from stages.contracts.params.classify import Params
from stages.contracts.params.cluster import Params as ClusterParams
from stages.contracts.schemas.cluster_names import CLUSTER_NAMES, UNNAMED
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.embeddings import Embeddings, write_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.labels import LABELS
from stages.contracts.schemas.neighbors import Neighbors, write_neighbors
from stages.core.knn import nearest
from stages.encoders.questions import Question
from tests import frames, vectors
from tests.blobs import blobs
from tests.encoders.test_questions import Spelling, record

D = 64
KINDS = ("cat", "dog", "park")
PER_KIND = 40


def directions() -> np.ndarray:
    """(3, D) the middle of each kind in `pictures`."""
    means = pictures().reshape(len(KINDS), PER_KIND, D).mean(axis=1)
    return (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)


def pictures() -> np.ndarray:
    return blobs([PER_KIND] * len(KINDS), 0.15, d=D)


def question(*labels: str) -> Question:
    """Labels whose texts lie where their pictures do."""
    texts = np.stack([directions()[KINDS.index(label)] for label in labels])
    return Question(labels, texts, 30.0)


def asked(*labels: str) -> Asked:
    """Three hundred names of anything else, and the kinds, which clusters may be called."""
    names = vectors.unit(300, D, seed=7)
    every = Question(
        (*KINDS, *(f"thing {number}" for number in range(300))), np.concatenate([directions(), names]), 1.0
    )
    return Asked(question(*labels) if labels else None, names, every)


def dataset(labels: list[str | None], found: np.ndarray | None = None) -> tuple[pd.DataFrame, Embeddings]:
    found = pictures() if found is None else found
    images = frames.images(*({"path": f"{i}.jpg", "label": labels[i]} for i in range(len(found))))
    order = np.argsort(images["content_id"].to_numpy())
    ids = images["content_id"].to_numpy(dtype=object)[order]
    return images.sample(frac=1, random_state=1), Embeddings(ids, found[order])


def run(images: pd.DataFrame, embeddings: Embeddings, to_ask: Asked, duplicates=None, params=None):
    params = params or Params(margin=4.0)
    neighbors = Neighbors(embeddings.content_ids, *nearest(embeddings.vectors, 20))
    clusters, _ = cluster.run(ClusterParams(), images, embeddings)
    duplicates = frames.duplicates() if duplicates is None else duplicates
    rows, names = classify.run(params, images, embeddings, neighbors, duplicates, clusters, to_ask)
    tables.check(LABELS, tables.as_arrow(LABELS, rows))
    tables.check(CLUSTER_NAMES, tables.as_arrow(CLUSTER_NAMES, names))
    paths = rows["item_id"].map(images.set_index("item_id")["path"])
    return rows.set_index(paths), names.set_index("cluster")


def right() -> list[str]:
    return [kind for kind in KINDS for _ in range(PER_KIND)]


def test_pictures_are_told_by_the_label_that_fits_and_wrong_labels_are_found() -> None:
    given = right()
    given[3], given[50] = "park", "cat"
    rows, _ = run(*dataset(given), asked(*KINDS))
    true = pd.Series(right(), index=[f"{i}.jpg" for i in range(len(given))])
    assert (rows["zero_shot_label"] == true[rows.index]).all()
    assert set(rows.index[rows["is_label_issue"]]) >= {"3.jpg", "50.jpg"}
    assert rows["is_label_issue"].sum() <= 4
    assert set(rows["label_score"].nsmallest(2).index) == {"3.jpg", "50.jpg"}
    assert rows.loc["3.jpg", "suggested_label"] == "cat"
    assert rows.loc["50.jpg", "suggested_label"] == "dog"
    assert "Labelled “park”; the other pictures say “cat”" in rows.loc["3.jpg", "evidence"]
    assert "nearest pictures with a label are 10 “cat”." in rows.loc["3.jpg", "evidence"]


def test_the_best_labels_come_with_confidences_that_sum_to_one() -> None:
    rows, _ = run(*dataset(right()), asked(*KINDS))
    for best in rows["top_k"]:
        shares = [guess["confidence"] for guess in best]
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) == pytest.approx(1)
    first = rows["top_k"].map(lambda best: best[0]["confidence"])
    assert first.tolist() == pytest.approx(rows["zero_shot_confidence"].tolist())
    short, _ = run(*dataset(right()), asked(*KINDS), params=Params(top_k=1))
    assert (short["top_k"].map(len) == 1).all()


def test_where_no_label_fits_this_is_said_beside_the_closest() -> None:
    rows, _ = run(*dataset([None] * 120), asked("cat", "dog"))
    parks = [f"{i}.jpg" for i in range(80, 120)]
    others = [f"{i}.jpg" for i in range(80)]
    assert not rows.loc[others, "fits_none"].any()
    assert rows.loc[parks, "fits_none"].mean() > 0.5
    assert rows["zero_shot_label"].isin(["cat", "dog"]).all()
    assert (rows["is_label_issue"] == rows["fits_none"]).all()
    assert (rows["fits_none"] == (rows["fit_score"] < 0.9)).all()
    assert rows.loc[others, "label_score"].min() > rows.loc[rows["is_label_issue"], "label_score"].max()
    assert rows["suggested_label"].isna().all()
    assert rows.loc[rows["is_label_issue"], "evidence"].str.startswith("None of the labels fits").all()


def test_one_of_the_labels_always_fits_if_asked_so() -> None:
    rows, _ = run(*dataset([None] * 120), asked("cat", "dog"), params=Params(none_of_these=None))
    assert not rows[["fits_none", "is_label_issue"]].any(axis=None)
    assert rows["fit_score"].min() < 0.9


def test_one_label_has_all_confidence_but_need_not_fit() -> None:
    rows, _ = run(*dataset([None] * 120), asked("cat"))
    assert (rows["zero_shot_confidence"] == 1).all()
    cats = [f"{i}.jpg" for i in range(40)]
    assert (rows.loc[cats, "zero_shot_label"] == "cat").all()
    assert rows.drop(cats)["fits_none"].mean() > 0.5


def test_without_labels_nothing_is_judged() -> None:
    rows, names = run(*dataset([None] * 120), asked())
    blank = ["zero_shot_label", "zero_shot_confidence", "fit_score", "suggested_label", "label_score"]
    assert rows[blank].isna().all(axis=None)
    assert not rows[["fits_none", "is_label_issue"]].any(axis=None)
    assert (rows["top_k"].map(len) == 0).all()
    assert (rows["evidence"] == "No label is given, and none is asked for.").all()
    assert sorted(names["name"]) == sorted(KINDS)


def test_a_picture_without_a_label_among_labelled_ones_is_judged_by_the_labels_asked_for() -> None:
    given = right()
    given[0], given[100] = None, None
    rows, _ = run(*dataset(given), asked("cat", "dog"))
    assert not rows.loc["0.jpg", "is_label_issue"]
    assert "No label is given; “cat”" in rows.loc["0.jpg", "evidence"]
    assert rows.loc["100.jpg", "label_score"] < rows.loc["0.jpg", "label_score"]


def test_copies_do_not_vouch_for_each_other() -> None:
    """Thirty near copies of a cat, all labelled park, outweigh nothing: each is judged without the others."""
    vectors_of = pictures()
    copied = np.concatenate([vectors_of, np.repeat(vectors_of[:1], 30, axis=0)])
    given = [*right(), *["park"] * 30]
    given[0] = "park"
    group = frames.duplicates({"0.jpg": None, **{f"{i}.jpg": "near" for i in range(120, 150)}})
    images, embeddings = dataset(given, copied)
    trusted, _ = run(images, embeddings, asked(*KINDS))
    judged, _ = run(images, embeddings, asked(*KINDS), group)
    copies = ["0.jpg", *(f"{i}.jpg" for i in range(120, 150))]
    assert trusted.loc[copies, "label_score"].min() > 0.5
    assert judged.loc[copies, "label_score"].max() < 0.5
    assert (judged.loc[copies, "suggested_label"] == "cat").all()
    assert judged.loc["0.jpg", "evidence"].endswith("10 “cat”.")


def test_items_of_one_content_are_judged_by_their_own_labels() -> None:
    images, embeddings = dataset(right())
    content = images.set_index("path").loc["5.jpg", "content_id"]
    more = frames.images(
        {"path": "copy.jpg", "content_id": content, "label": "park"},
        {"path": "bad.jpg", "status": "empty", "reason": "no bytes"},
    )
    rows, _ = run(pd.concat([images, more]), embeddings, asked(*KINDS))
    assert "bad.jpg" not in rows.index
    assert rows.loc["copy.jpg", "label_score"] < 0.2 < 0.8 < rows.loc["5.jpg", "label_score"]
    assert rows.loc["copy.jpg", "zero_shot_label"] == rows.loc["5.jpg", "zero_shot_label"] == "cat"


@pytest.mark.parametrize(
    "given",
    [
        ["cat"] * 120,
        [*["cat"] * 119, "dog"],
        [*["cat"] * 118, "dog", "dog"],
        [str(i) for i in range(120)],
    ],
    ids=["one class", "a class of one", "a class of two", "a class each"],
)
def test_classes_that_cannot_be_told_apart_or_judged(given: list[str]) -> None:
    rows, _ = run(*dataset(given), asked(*KINDS))
    lonely = pd.Series(given).value_counts()
    for name in lonely.index[lonely == 1]:
        assert np.isnan(rows.loc[f"{given.index(name)}.jpg", "label_score"])
        assert "cannot be judged" in rows.loc[f"{given.index(name)}.jpg", "evidence"]
    assert rows["is_label_issue"].sum() <= 2


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_pictures(n: int) -> None:
    rows, names = run(*dataset(["cat", "dog"][:n], pictures()[:n]), asked(*KINDS))
    assert len(rows) == n
    assert not rows["is_label_issue"].any()
    assert len(names) == 0 or (names["size"] == n).all()


def test_equal_pictures() -> None:
    rows, _ = run(*dataset(right(), np.repeat(pictures()[:1], 120, axis=0)), asked(*KINDS))
    assert len(set(rows["zero_shot_label"])) == 1
    assert rows["label_score"].between(0, 1).all()


def test_clusters_are_named_by_labels_then_by_the_vocabulary() -> None:
    images, embeddings = dataset(["tom"] * 40 + [None] * 80)
    rows, names = run(images, embeddings, asked(*KINDS))
    assert sorted(names["name"]) == ["dog", "park", "tom"]
    by_name = names.set_index("name")
    assert by_name.loc["tom", "source"] == "label"
    assert by_name.loc["tom", "margin"] == 1
    assert by_name.loc["dog", "source"] == "vocabulary"
    assert by_name.loc["dog", "margin"] >= 4
    assert by_name["size"].sum() <= len(rows)
    path_of = images.set_index("item_id")["path"]
    assert 0 <= int(path_of[by_name.loc["tom", "medoid_item_id"]].split(".")[0]) < 40
    none, _ = run(images, embeddings, asked(*KINDS))[1], None
    assert none["key"].tolist() == names["key"].tolist()


def test_a_name_that_is_another_label_than_most_have_is_not_given() -> None:
    labels = [*["tom"] * 24, *["cat"] * 16, *[None] * 80]
    _, names = run(*dataset(labels), asked(*KINDS))
    assert sorted(names["name"]) == sorted(["dog", "park", UNNAMED])
    assert names.set_index("name")["source"].isna()[UNNAMED]


def test_a_margin_that_nothing_reaches_leaves_clusters_unnamed() -> None:
    _, names = run(*dataset([None] * 120), asked(), params=Params(margin=40.0))
    assert (names["name"] == UNNAMED).all()
    assert (names["margin"] == 0).all()
    assert names["source"].isna().all()


def test_the_key_outlives_other_clusters_and_numbers() -> None:
    """Without the dogs, and with the cats' cluster numbered otherwise, cats and parks keep their keys."""
    _, before = run(*dataset(right()), asked(*KINDS))
    some = [*range(0, 40), *range(80, 120), *range(80, 84)]
    found = np.concatenate([pictures()[some[:80]], pictures()[80:84] + 1e-4])
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    images = frames.images(*({"path": f"{i}.jpg", "label": KINDS[i // 40]} for i in some[:80]))
    order = np.argsort(images["content_id"].to_numpy())
    embeddings = Embeddings(images["content_id"].to_numpy(object)[order], found[:80][order])
    _, after = run(images, embeddings, asked(*KINDS))
    keys = before.set_index("name")["key"]
    assert after.set_index("name")["key"].to_dict() == keys.drop("dog").to_dict()
    assert keys.is_unique


def test_a_hundred_labels_and_many_names() -> None:
    rows, _ = run(*dataset([f"class {i % 60}" for i in range(120)]), asked(*KINDS))
    assert rows["label_score"].between(0, 1).all()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose encoder spells: a text's vector counts its letters, and so do the pictures'."""
    spelled = Spelling().text_features(["cat", "dog", "park"])
    found = np.repeat(spelled, 8, axis=0) + 0.05 * np.random.default_rng(0).normal(size=(24, 26)).astype(np.float32)
    found = np.concatenate([found, np.eye(26, dtype=np.float32)[[25]]])
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    images, embeddings = dataset([kind for kind in KINDS for _ in range(8)] + ["cat"], found)
    clusters, _ = cluster.run(ClusterParams(), images, embeddings)
    tables.write(IMAGES, images, tmp_path)
    tables.write(CLUSTERS, clusters, tmp_path)
    tables.write(DUPLICATES, tables.empty(DUPLICATES), tmp_path)
    write_embeddings(embeddings, 26, tmp_path, {"dim": 26})
    write_neighbors(Neighbors(embeddings.content_ids, *nearest(embeddings.vectors, 20)), tmp_path)
    write_record(record(), tmp_path)
    (tmp_path / "params.yaml").write_text("classify: {}\n")
    monkeypatch.setattr(classify, "open_encoder", lambda *_: Spelling())
    return tmp_path


def zero_shot(root: Path) -> pd.Series:
    classify.main(root)
    rows = tables.read(LABELS, root).set_index("item_id")
    return rows["zero_shot_label"]


def test_main_asks_for_the_labels_of_the_data_set(project: Path) -> None:
    found = zero_shot(project)
    for i, kind in enumerate(["cat", "dog", "park"]):
        assert found[item_id(f"{8 * i}.jpg")] == kind
    told = tables.metadata(LABELS, project)
    assert told["asked"] == ["cat", "dog", "park"]
    assert set(told["inputs"]) == set(classify.INPUTS)
    assert len(tables.read(CLUSTER_NAMES, project)) >= 1


@pytest.mark.parametrize(
    "labels",
    ["[dog, park]", "{dog: [god, dgo], park: [krap]}", "names.txt"],
    ids=["a list", "with synonyms", "a file"],
)
def test_main_asks_for_the_labels_of_params(project: Path, labels: str) -> None:
    (project / "names.txt").write_text("dog: god\npark\n")
    (project / "params.yaml").write_text(f"classify: {{labels: {labels}}}\n")
    found = zero_shot(project)
    assert found[item_id("8.jpg")] == "dog"
    assert found[item_id("16.jpg")] == "park"
    assert set(found.dropna()) == {"dog", "park"}


def test_main_reads_further_names_for_clusters_and_says_which_files_are_not_watched(
    project: Path, capsys: pytest.CaptureFixture
) -> None:
    (project / "names.txt").write_text("zyzzyva\n")
    (project / "params.yaml").write_text("classify: {vocabulary: names.txt}\n")
    classify.main(project)
    assert "DVC does not watch names.txt; put it into data/names" in capsys.readouterr().out
    (project / "data/names").mkdir()
    (project / "names.txt").rename(project / "data/names/names.txt")
    (project / "params.yaml").write_text("classify: {vocabulary: data/names/names.txt}\n")
    classify.main(project)
    assert "does not watch" not in capsys.readouterr().out


def test_the_same_tables_twice(project: Path) -> None:
    classify.main(project)
    first = [(project / table.path).read_bytes() for table in (LABELS, CLUSTER_NAMES)]
    classify.main(project)
    assert first == [(project / table.path).read_bytes() for table in (LABELS, CLUSTER_NAMES)]


def test_labels_of_the_data_set_that_the_encoder_cannot_read_are_told_and_passed_over(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    class English(Spelling):
        def prompt_features(self, groups: list[list[str]]) -> np.ndarray:
            if any("park" in text for group in groups for text in group if len(group) > 1):
                raise EncoderError("the encoder reads no such thing", got="park")
            return super().prompt_features(groups)

    monkeypatch.setattr(classify, "open_encoder", lambda *_: English())
    assert zero_shot(project).isna().all()
    assert "not compared with the labels" in capsys.readouterr().out
    assert tables.read(LABELS, project)["label_score"].notna().any()
    (project / "params.yaml").write_text("classify: {labels: [park]}\n")
    with pytest.raises(EncoderError):
        classify.main(project)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ("[]", "at least 1"),
        ("[shoe, shoe]", "each name once (shoe is there twice)"),
        ('[shoe, ""]', "not empty"),
        ("{shoe: [boot], hat: [boot, cap]}", "boot is one for shoe and for hat"),
        ("3", "a valid string"),
    ],
)
def test_labels_that_make_no_sense_are_told_in_words(tmp_path: Path, labels: str, told: str) -> None:
    (tmp_path / "params.yaml").write_text(f"classify: {{labels: {labels}}}\n")
    with pytest.raises(ParamsError) as caught:
        load(Params, "classify", tmp_path)
    assert told in str(caught.value)
    assert "classify.labels" in caught.value.where
    assert not any(word in str(caught.value) for word in ("function", "list[", "(list)", "(dict)", "(other)"))


def test_where_people_label_as_zero_shot_does_few_of_their_pictures_fit_none() -> None:
    """All that is known of the vocabulary lies nearer to the cats than their own name."""
    near = pictures()[:40].mean(axis=0)[None] + 0.02 * np.random.default_rng(0).normal(size=(50, pictures().shape[1]))
    ask = replace(asked(*KINDS), anything=(near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32))
    unknown, _ = run(*dataset([None] * 120), ask)
    known, _ = run(*dataset(right()), ask)
    cats = [f"{i}.jpg" for i in range(40)]
    assert unknown.loc[cats, "fits_none"].mean() > 0.2
    assert known["fits_none"].mean() <= 0.05
