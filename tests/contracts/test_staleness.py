from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from stages.contracts import tables
from stages.contracts.errors import SetupError, TableError
from stages.contracts.params.sections import SECTIONS, load_all
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.images import IMAGES
from stages.contracts.staleness import Made, must_be_fresh, pipeline, stale, told
from tests import frames, gated
from tests.imports import ROOT
from tests.test_pipeline import SECTION_OF


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return gated.make(tmp_path)


def lines(root: Path) -> list[str]:
    return list(told(stale(pipeline(root), load_all(root), root)))


def test_what_a_run_leaves_is_fresh(project: Path) -> None:
    assert lines(project) == []
    must_be_fresh(load_all(project), project)


def test_times_play_no_part(project: Path) -> None:
    for number, path in enumerate(sorted(project.rglob("*.*"))):
        os.utime(path, (number, number))
    assert lines(project) == []


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("data: {max_pixels: 1000000}", "stage ingest (data/images.parquet)"),
        ("measure: {dark: 0.1}", "stage measure (data/quality.parquet)"),
        ("encoder: {revision: v2}", "stage fetch (data/encoder.json)"),
        ("encoder: {fallback: null}", "stage fetch (data/encoder.json)"),
        ("embed: {precision: float32}", "stage embed (data/embeddings.parquet)"),
        ("cluster: {min_samples: 3}", "stage cluster (data/clusters.parquet)"),
        ("duplicates: {propose_phash: 9}", "stage deduplicate (data/pairs.parquet, data/duplicates.parquet)"),
        ("outliers: {neighbors: 3}", "stage score (data/outliers.parquet)"),
        ("export: {remove: []}", "stage export (data/verdicts.parquet)"),
    ],
)
def test_another_section_makes_the_tables_of_its_stage_stale(project: Path, section: str, said: str) -> None:
    (project / "params.yaml").write_text(section)
    name = section.partition(":")[0]
    assert lines(project) == [f"{said}: section {name} of params.yaml changed"]


@pytest.mark.parametrize(
    "section",
    [
        "check: {max_leaks: 7}",
        "report: {gallery_limit: 10}",
        "machine: {batch: 1}",
        "map: {seed: 1}",
        "demo: {seed: 1}",
    ],
)
def test_a_section_that_no_table_was_made_with_leaves_all_fresh(project: Path, section: str) -> None:
    (project / "params.yaml").write_text(section)
    assert lines(project) == []


def test_a_default_that_is_written_down_changes_nothing(project: Path) -> None:
    (project / "params.yaml").write_text("cluster: {method: hdbscan}")
    assert lines(project) == []


def test_a_single_key_of_another_section_is_named(project: Path) -> None:
    (project / "params.yaml").write_text("export: {protect: [test]}")
    assert lines(project) == [
        "stage deduplicate (data/pairs.parquet, data/duplicates.parquet): export.protect in params.yaml changed",
        "stage export (data/verdicts.parquet): section export of params.yaml changed",
    ]


def test_a_table_made_again_makes_what_was_made_from_it_stale(project: Path) -> None:
    images = frames.images({"path": "new.jpg"})
    tables.write(IMAGES, images, project, tables.origin(load_all(project)["data"], [], project))
    stages = [line.split()[1] for line in lines(project)]
    assert stages == ["measure", "embed", "cluster", "deduplicate", "export"]
    assert all("data/images.parquet changed" in line for line in lines(project))


def test_a_decision_made_since_is_told(project: Path) -> None:
    with (project / "data/decisions.csv").open("a") as file:
        file.write(",,train/cat/0.jpg,,drop,,,,\n")
    assert lines(project) == ["stage export (data/verdicts.parquet): data/decisions.csv changed"]


def test_decisions_that_are_gone_are_told(project: Path) -> None:
    (project / "data/decisions.csv").unlink()
    assert lines(project) == ["stage export (data/verdicts.parquet): data/decisions.csv is gone"]


@pytest.mark.parametrize("content", ['{"images": 6}', "<<<<<<< HEAD", "", "[]"])
def test_counts_of_other_tables_are_told(project: Path, content: str) -> None:
    (project / "reports/metrics.json").write_text(content)
    assert lines(project) == [
        "stage export (data/verdicts.parquet): reports/metrics.json does not hold the counts of these tables"
    ]


def test_counts_laid_out_otherwise_are_the_same_counts(project: Path) -> None:
    metrics = project / "reports/metrics.json"
    metrics.write_text(json.dumps(json.loads(metrics.read_text()), indent=7))
    assert lines(project) == []


def test_a_table_that_does_not_say_where_it_is_from_is_not_trusted(project: Path) -> None:
    tables.write(CLUSTERS, tables.read(CLUSTERS, project), project)
    assert lines(project) == ["stage cluster (data/clusters.parquet): does not say what it was made from"]


def test_a_record_in_json_is_held_against_params_and_inputs_too(project: Path) -> None:
    made = Made("data/calibration.json", "calibrate", ("cluster",))
    origin = tables.origin(load_all(project)["cluster"], [IMAGES.path], project)
    (project / made.path).write_text(json.dumps(origin))
    assert stale([made], load_all(project), project) == []
    (project / made.path).write_text(json.dumps(origin | {"params": "0" * 32}))
    assert list(told(stale([made], load_all(project), project))) == [
        "stage calibrate (data/calibration.json): section cluster of params.yaml changed"
    ]
    (project / made.path).write_text("[1]")
    assert "does not say" in next(told(stale([made], load_all(project), project)))


def test_the_message_names_every_stage_and_what_to_type(project: Path) -> None:
    (project / "params.yaml").write_text("cluster: {min_samples: 3}\noutliers: {neighbors: 3}")
    with pytest.raises(TableError) as raised:
        must_be_fresh(load_all(project), project)
    assert str(raised.value) == (
        "winnow: 2 tables are not of the present params and inputs\n"
        "  where:    stage cluster (data/clusters.parquet): section cluster of params.yaml changed\n"
        "            stage score (data/outliers.parquet): section outliers of params.yaml changed\n"
        "  do this:  dvc repro"
    )


@pytest.mark.parametrize("name", ["data/images.parquet", "data/encoder.json", "reports/metrics.json"])
def test_what_is_missing_is_named_with_how_to_get_it(project: Path, name: str) -> None:
    (project / name).unlink()
    with pytest.raises(TableError) as raised:
        must_be_fresh(load_all(project), project)
    assert raised.value.where == name
    assert "dvc pull" in raised.value.do
    assert "dvc repro" in raised.value.do


@pytest.mark.parametrize("name", ["data/clusters.parquet", "data/encoder.json"])
def test_a_file_that_is_cut_short_is_told(project: Path, name: str) -> None:
    (project / name).write_bytes((project / name).read_bytes()[:20])
    with pytest.raises(TableError) as raised:
        must_be_fresh(load_all(project), project)
    assert "dvc repro" in raised.value.do


def test_outside_a_project_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"dvc\.yaml is not here"):
        pipeline(tmp_path)


def test_folders_and_pages_are_made_together_with_a_table_and_not_looked_at(project: Path) -> None:
    assert {made.path for made in pipeline(project)} == {
        f"data/{name}"
        for name in (
            "images.parquet",
            "quality.parquet",
            "encoder.json",
            "embeddings.parquet",
            "clusters.parquet",
            "pairs.parquet",
            "duplicates.parquet",
            "outliers.parquet",
            "verdicts.parquet",
        )
    }


def test_each_stage_of_the_product_names_its_own_section_first() -> None:
    made = pipeline(ROOT)
    assert {one.path for one in made} >= {IMAGES.path, CLUSTERS.path, "data/encoder.json", "data/verdicts.parquet"}
    for one in made:
        assert one.params[0] == SECTION_OF.get(one.stage, one.stage)
        assert one.params[0] in SECTIONS
