"""The yardstick's own arithmetic, on results made by hand; and one small run of it."""

import csv

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.benchmarks import bench_quality, clusters, duplicates, labels, outliers, quality, report
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import share
from tests.benchmarks.report import Family, Table, Target
from tests.encoded import picture


def pairs(*rows: tuple) -> pd.DataFrame:
    names = ["kind", "group", "spared", "cosine", "bits", "winnow", "set"]
    return pd.DataFrame(rows, columns=names)


def target(family: Family, words: str) -> Target:
    return next(one for one in family.targets if one.what.endswith(words))


def test_duplicates_count_hard_and_spared_pairs_in_no_precision():
    found = duplicates.family(
        pairs(
            ("mirror", "asked", False, 0.9, 10, 0.9, 0),
            ("mirror", "asked", False, 0.9, 10, 0.0, 0),
            ("hue", "hard", False, 0.9, 10, 0.9, 0),
            (None, None, True, 0.95, 20, 0.9, 0),
            (None, None, False, 0.8, 90, 0.9, 0),
            (None, None, False, 0.2, 90, 0.0, 1),
        )
    )
    assert target(found, "precision").figure.value == 0.5
    assert target(found, "recall, mirror").figure.value == 0.5
    assert target(found, "F1 over all").figure.value == pytest.approx(2 / (2 + 1 + 1))


def test_a_pair_that_embedding_and_hash_take_for_one_picture_is_spared_with_its_copies():
    truth = duplicates.Truth(["a", "b", "c"], [("a2", "a", duplicates.KINDS[0])])
    names = ["a", "b", "cosine", "bits"]
    rows = [("a", "b", 0.95, 12), ("a", "a2", 0.99, 0), ("b", "a2", 0.5, 99), ("a", "c", 0.95, 99)]
    assert duplicates._spared(pd.DataFrame(rows, columns=names), truth).tolist() == [True, False, True, False]


def strangers(flagged: list[bool], strange: list[bool]) -> pd.DataFrame:
    scores = np.array(flagged, float)
    names = ["Winnow", "mean distance to 10 neighbours"]
    return pd.DataFrame({"path": "x", "strange": strange, "flagged": flagged} | dict.fromkeys(names, scores))


def test_outliers_pool_precision_and_average_the_false_discovery_rate_over_sets():
    sets = [
        strangers([True, True, False, False], [True, False, False, False]),
        strangers([False, False, False, False], [True, False, False, False]),
    ]
    found = outliers.family([("foreign", rows) for rows in sets])
    assert target(found, "foreign images in all").figure.value == 2
    assert target(found, "precision of the flagged").figure.value == 0.5
    assert target(found, "recall of the flagged").figure.value == 0.5
    assert target(found, "realised false-discovery rate").figure.value == 0.25, "an empty result counts as 0"


def test_strangers_come_from_different_photographs_and_lie_in_class_folders_every_other_seed():
    originals = pd.DataFrame({"path": [f"o{row}" for row in range(200)], "label": ["cat", "dog"] * 100})
    pool = pd.DataFrame({"path": [f"f{row}" for row in range(40)], "photograph": [row // 4 for row in range(40)]})
    for seed in (1000, 1001):
        for one in outliers.sets(originals, pool, seed):
            foreign = one.rows[one.strange]
            if one.sort == "foreign":
                assert len(foreign) == round(0.03 * (len(one.rows) - len(foreign)))
                assert pool.set_index("path").loc[foreign["path"], "photograph"].is_unique
            assert one.rows["label"].isna().all() == bool(seed % 2)
            assert one.rows["path"].is_unique


def test_exchanged_labels_are_a_twentieth_and_wrong():
    right = np.array(["cat", "dog"] * 50, dtype=object)
    given, flipped = labels.exchanged(right, 3)
    assert flipped.sum() == 5
    assert ((given != right) == flipped).all()


def test_the_first_tenth_holds_a_share_of_the_exchanged():
    flipped = np.arange(20) < 4
    assert labels.first_tenth(np.arange(20)[::-1], flipped) == 0.5


def test_agreement_knows_noise_from_clusters():
    classes, found = np.array(["a", "a", "b", "b", "b"]), np.array([0, 0, 1, 1, -1])
    figures = clusters.agreement(classes, found)
    assert figures["ARI, clustered"] == 1
    assert figures["ARI"] < 1
    assert (figures["share clustered"], figures["clusters"]) == (0.8, 2)


def test_a_target_that_nothing_was_measured_for_is_not_met():
    assert not Target("x", share(0, 0), 0.9).is_met
    assert Target("x", share(1, 10), 0.2, at_most=True).is_met


def test_tables_are_kept_as_markdown_and_csv(tmp_path):
    family = Family("f", [Table("T", [{"method": "a", "recall": share(1, 2)}])], [Target("r", share(1, 2), 0.9)])
    report.keep([family], tmp_path, "heading")
    assert "| a | 0.500" in (tmp_path / "tables.md").read_text()
    assert "FALLS SHORT" in (tmp_path / "tables.md").read_text()
    rows = list(csv.DictReader((tmp_path / "figures.csv").open()))
    assert (rows[0]["family"], rows[0]["figure"], rows[0]["value"], rows[0]["n"]) == ("f", "recall", "0.5", "2")


def test_empty_words_of_the_command_line_are_the_defaults():
    asked = bench_quality.wishes(["--folder", "", "--seeds", "", "--only", "", "--size", ""])
    assert (asked.folder, asked.seeds, asked.only, asked.size) == (None, 20, bench_quality.FAMILIES, None)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "params.yaml").write_text("{}\n")
    folder = tmp_path / "pictures" / "kind"
    folder.mkdir(parents=True)
    for seed in range(30):
        Image.fromarray(np.roll(picture(160, 120, seed), 5 * seed, axis=1)).save(folder / f"{seed}.png")
    (folder / "broken.jpg").write_bytes(b"no picture")
    return tmp_path


def test_a_small_run_on_a_folder_plants_measures_and_judges(project):
    bench = Bench(project / "pictures", project=project / "project")
    assert len(bench.originals) == 30
    assert bench.originals["label"].tolist() == ["kind"] * 30
    found = quality.run(bench, [1000], lambda words: None)
    assert target(found, "recall, grayscale").figure.value == 1
    assert len(list((project / "pictures" / "kind").iterdir())) == 31, "nothing is written there"
