from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from stages import cli, connect
from stages.commands import select as command
from stages.commands.select import METHODS, Wish, select
from stages.contracts.errors import QueryError, WinnowError
from stages.contracts.schemas.embeddings import read_embeddings
from stages.core.knn import nearest
from stages.core.manifest import KEPT
from tests import searchable
from tests.imports import ROOT

PIPELINE = """
stages:
  ingest: {cmd: x, outs: [data/images.parquet]}
  index: {cmd: x, outs: [data/index.lance: {persist: true}]}
  export: {cmd: x, outs: [data/export], metrics: [reports/metrics.json: {cache: false}]}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = searchable.make(tmp_path_factory.mktemp("project"))
    connect.main(root)
    (root / "dvc.yaml").write_text(PIPELINE)
    return root


@pytest.fixture(scope="module")
def kept(project: Path) -> pd.DataFrame:
    """The manifest of `export`, what nobody can open left out."""
    rows = pd.read_parquet(project / "data/export/keep.parquet")
    return rows[rows["width"].notna()]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [1, 2, 17, 10_000])
def test_exactly_so_many_kept_images_each_once(project: Path, kept: pd.DataFrame, method: str, n: int) -> None:
    selected = select(Wish(method, n), root=project)
    rows = pd.read_csv(selected.path)
    assert selected.path == project / f"data/subset-{method}-{len(rows)}.csv"
    assert len(rows) == rows["item_id"].nunique() == min(n, len(kept))
    assert set(rows["item_id"]) <= set(kept["item_id"])
    assert selected.candidates == len(kept)
    assert rows["selected_because"].notna().all()


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_a_row_is_that_of_export_and_says_why(project: Path, kept: pd.DataFrame, suffix: str) -> None:
    (project / "elsewhere").mkdir(exist_ok=True)
    path = select(Wish("diverse", 9), project / f"elsewhere/some{suffix}", project).path
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".jsonl": lambda file: pd.read_json(file, lines=True)}
    rows = read[suffix](path)
    assert list(rows.columns) == [*KEPT, "selected_rank", "selected_because"]
    assert rows["selected_rank"].tolist() == list(range(1, 10))
    of_export = kept.set_index("item_id").loc[rows["item_id"]]
    assert rows["path"].tolist() == of_export["path"].tolist()
    assert rows["content_id"].tolist() == of_export["content_id"].tolist()


@pytest.mark.parametrize("method", METHODS)
def test_the_same_wish_gives_the_same_bytes(project: Path, method: str) -> None:
    files = [select(Wish(method, 12), project / f"{number}.csv", project).path.read_bytes() for number in range(2)]
    assert files[0] == files[1]


def test_copies_come_only_when_all_contents_are_there(project: Path, kept: pd.DataFrame) -> None:
    contents = kept["content_id"].nunique()
    for method in METHODS:
        assert select(Wish(method, contents), root=project).rows["content_id"].nunique() == contents


def test_a_condition_and_labels_narrow_the_choice(project: Path, kept: pd.DataFrame) -> None:
    rows = select(Wish("diverse", 5, where="split = 'test'"), root=project).rows
    assert set(rows["split"]) == {"test"}
    per_label = select(Wish("representative", 3, per_label=True), root=project)
    counts = per_label.rows["label"].value_counts()
    assert counts.to_dict() == kept["label"].value_counts().clip(upper=3).to_dict()
    assert len(per_label.notes) == kept["label"].nunique()


@pytest.mark.parametrize("share", [0.01, 0.5, 1.0])
def test_a_share_of_the_images_stays(project: Path, kept: pd.DataFrame, share: float) -> None:
    selected = select(Wish("semantic-dedup", keep=share), root=project)
    assert len(selected.rows) == max(1, round(share * len(kept)))


def test_the_graph_of_connect_is_that_of_the_rows(project: Path) -> None:
    embeddings = read_embeddings(project)
    some = embeddings.content_ids[1::2]
    indices, similarities = command.known_graph(some, project)
    expected_rows, expected = nearest(embeddings.vectors, 30)
    for row, content in enumerate(some):
        at = 2 * row + 1
        there = indices[row] >= 0
        assert (some[indices[row][there]] == embeddings.content_ids[expected_rows[at]][there]).all(), content
        assert not set(embeddings.content_ids[expected_rows[at]][~there]) & set(some)
        np.testing.assert_allclose(similarities[row], expected[at], atol=1e-6)
    assert command.known_graph(np.array(["unknown"], dtype=object), project) is None


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Wish("best", 3), "method is not known"),
        (Wish("diverse"), "not clear"),
        (Wish("semantic-dedup"), "not clear"),
        (Wish("semantic-dedup", 3, 0.5), "not clear"),
        (Wish("diverse", keep=0.5), "for semantic-dedup"),
        (Wish("diverse", 0), "no image is asked for"),
        (Wish("semantic-dedup", keep=0.0), "out of range"),
        (Wish("semantic-dedup", keep=1.5), "out of range"),
        (Wish("semantic-dedup", keep=float("nan")), "out of range"),
        (Wish("diverse", 3, where="nope"), "no column nope"),
        (Wish("diverse", 3, where="width > 100000"), "nothing to choose from"),
    ],
)
def test_a_wish_that_makes_no_sense_is_told(project: Path, wish: Wish, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        select(wish, root=project)


@pytest.mark.parametrize(
    "out",
    [
        "data/images.parquet",
        "data/export/mine.csv",
        "data/index.lance/mine.csv",
        "data/../data/export/mine.csv",
        "data/decisions.csv",
        "photos/my cats/mine.csv",
        "nowhere/mine.csv",
        "mine.txt",
        "mine",
    ],
)
def test_nothing_of_others_is_written_over(project: Path, out: str) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    with pytest.raises(QueryError):
        select(Wish("diverse", 3), Path(out), project)
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_no_wish_writes_over_the_file_of_another() -> None:
    wishes = [
        Wish("diverse", 5),
        Wish("diverse", 5, per_label=True),
        Wish("diverse", 5, where="is_dark"),
        Wish("diverse", 5, where="not is_dark"),
        Wish("balanced", 5),
        Wish("balanced", 5, seed=1),
        Wish("semantic-dedup", keep=0.5),
        Wish("semantic-dedup", keep=0.5, per_label=True),
    ]
    names = [command.named(wish, 5) for wish in wishes]
    assert len(set(names)) == len(names)
    assert names[0] == "subset-diverse-5.csv"
    assert command.named(Wish("diverse", 100_000), 306) == "subset-diverse-306.csv"
    assert names[1] == "subset-diverse-5-per-label.csv"
    ignored = (ROOT / "data/.gitignore").read_text().split()
    assert "/subset-*" in ignored


def test_a_balanced_choice_says_how_even_it_is_over_the_labels(project: Path) -> None:
    selected = select(Wish("balanced", 12), root=project)
    counts = selected.rows["label"].value_counts()
    assert f"to {counts.max()} each; --per-label" in command.told(selected)[-1]
    assert "--per-label" not in " ".join(command.told(select(Wish("diverse", 12), root=project)))


def test_the_pipelines_outs_are_known() -> None:
    outs = set(command._outs(ROOT))
    assert {"data/index.lance", "data/images.parquet", "data/export", "reports/metrics.json", "data/demo"} <= outs


def test_before_a_run_it_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("")
    with pytest.raises(WinnowError) as raised:
        select(Wish("diverse", 3), root=tmp_path)
    assert raised.value.do.startswith("dvc repro")


def test_the_command_says_what_was_chosen(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    done = CliRunner().invoke(cli.app, ["select", "--n", "6", "--method", "representative"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("6 of ")
    assert "mean cosine" in done.output
