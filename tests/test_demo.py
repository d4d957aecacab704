from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages import demo
from stages.contracts.params.demo import Params
from stages.core import demo_items
from stages.core.demo_planting import decode

ITEM_KINDS = {"blurry", "dark", "bright", "low_information", "odd_aspect", "odd_size", "wrong_label", "foreign"}


def texture(seed: int, side: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def built() -> tuple[dict[str, bytes], pd.DataFrame]:
    """The demo on made-up photographs: every tile is clear, and no two are alike."""
    return build(seed=0)


def build(seed: int) -> tuple[dict[str, bytes], pd.DataFrame]:
    photographs = {f"class{number}": texture(number, 700) for number in range(3)}
    grey = texture(9, 700)
    photographs["grey"] = grey[..., :1].repeat(3, axis=2)
    strays = {f"stray{number}": texture(100 + number, 150) for number in range(10)}
    return demo.run(photographs, strays, Params(images=300, seed=seed))


def of(truth: pd.DataFrame, kind: str) -> pd.DataFrame:
    return truth[truth["kind"] == kind]


def test_clean_images_are_as_many_as_asked_for(built):
    assert len(of(built[1], "clean")) == 300


def test_there_are_eight_or_more_of_each_planted_kind(built):
    counts = Counter(built[1]["kind"])
    for kind in {*ITEM_KINDS, "unreadable", "exact_duplicate", "near_duplicate", "leak", "grayscale"}:
        assert counts[kind] >= 8, kind


def test_every_file_is_in_the_truth_and_every_path_of_the_truth_is_a_file(built):
    files, truth = built
    assert {*truth["path"], *truth["other_path"]} - {""} == set(files)


def test_an_item_has_one_planted_fault_at_most(built):
    """Greyness apart: a grey photograph is grey whatever is done to it; and originals of copies are clean."""
    truth = built[1]
    items = truth[truth["other_path"].eq("") & truth["kind"].ne("grayscale")]
    assert items["path"].is_unique
    copies = truth.loc[truth["other_path"] != "", "path"]
    assert set(copies) & set(items["path"]) <= set(of(truth, "clean")["path"])


def test_pairs_are_exact_where_the_bytes_are_equal_and_leaks_cross_splits(built):
    files, truth = built
    pairs = truth[truth["kind"].isin(["exact_duplicate", "near_duplicate"])]
    for row in pairs.itertuples():
        assert (files[row.path] == files[row.other_path]) == (row.kind == "exact_duplicate")
    crossing = {(row.path, row.other_path) for row in pairs.itertuples() if split(row.path) != split(row.other_path)}
    leaks = of(truth, "leak")
    assert crossing == set(zip(leaks["path"], leaks["other_path"], strict=True))


def test_all_equal_files_are_listed_as_pairs(built):
    files, truth = built
    by_bytes: dict[bytes, list[str]] = {}
    for path, data in files.items():
        if data:
            by_bytes.setdefault(data, []).append(path)
    equal = sum(len(paths) * (len(paths) - 1) // 2 for paths in by_bytes.values())
    assert equal == len(of(truth, "exact_duplicate"))


def test_copies_of_one_original_are_copies_of_each_other(built):
    pairs = built[1][built[1]["kind"].isin(["exact_duplicate", "near_duplicate"])]
    neighbours: dict[str, set[str]] = {}
    for row in pairs.itertuples():
        neighbours.setdefault(row.path, {row.path}).add(row.other_path)
        neighbours.setdefault(row.other_path, {row.other_path}).add(row.path)
    assert max(map(len, neighbours.values())) == 3
    for path, family in neighbours.items():
        assert all(neighbours[other] == family for other in family), path


def test_the_folder_is_the_class_but_for_strays_wrong_labels_and_some_exact_copies(built):
    truth = built[1]
    for row in of(truth, "clean").itertuples():
        assert folder(row.path) == row.label
    for row in of(truth, "wrong_label").itertuples():
        assert folder(row.path) != row.label
    elsewhere = [row for row in of(truth, "exact_duplicate").itertuples() if folder(row.path) != row.label]
    assert len(elsewhere) == demo_items.EXACT_COPIES_ELSEWHERE
    assert of(truth, "foreign")["label"].eq("").all()
    assert of(truth, "unreadable")["label"].eq("").all()


def test_every_grey_picture_is_listed_as_grey(built):
    files, truth = built
    readable = set(files) - set(of(truth, "unreadable")["path"])
    grey = {path for path in readable if np.ptp(decode(files[path]), axis=2).max() == 0}
    assert grey == set(of(truth, "grayscale")["path"])


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not(built):
    files, truth = build(seed=0)
    assert files == built[0]
    pd.testing.assert_frame_equal(truth, built[1])
    assert build(seed=1)[0] != files


def test_as_shipped_the_demo_is_written_complete_and_replaces_what_was_there(tmp_path: Path):
    (tmp_path / "params.yaml").write_text("demo:\n  images: 300\n  seed: 3\n")
    (tmp_path / "data/demo").mkdir(parents=True)
    (tmp_path / "data/demo/old.jpg").touch()
    demo.main(tmp_path)
    truth = pd.read_csv(tmp_path / demo.TRUTH, keep_default_na=False)
    written = {
        path.relative_to(tmp_path / demo.FOLDER).as_posix()
        for path in (tmp_path / demo.FOLDER).rglob("*")
        if path.is_file()
    }
    assert {*truth["path"], *truth["other_path"]} - {""} == written
    assert len(of(truth, "foreign")) >= 12
    assert of(truth, "clean")["label"].nunique() == 15
    assert not (tmp_path / "data/demo.partial").exists()


def split(path: str) -> str:
    return path.split("/")[0]


def folder(path: str) -> str:
    return path.split("/")[1]
