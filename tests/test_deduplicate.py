"""The stage on real (generated) pictures; the vectors and hashes are made from their pixels."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from stages import deduplicate
from stages.contracts import tables
from stages.contracts.errors import TableError
from stages.contracts.identity import digest
from stages.contracts.params.duplicates import DEFAULT_THRESHOLD, Params
from stages.contracts.schemas.duplicates import DUPLICATES
from stages.contracts.schemas.embeddings import Embeddings, write_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.neighbors import Neighbors, write_neighbors
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.thumbnails import SHEET_FOLDER, THUMBNAILS
from stages.contracts.vocabulary import QualityIssue
from stages.core import sheets
from stages.core.knn import nearest
from stages.core.looking import Patience
from stages.core.looks import compare, look
from stages.core.sensitivity import NearCopies
from tests.frames import images as images_table
from tests.pictures import busy, captioned, cropped, noisy, recoded, resized
from tests.sheets import sheet_of

PROTECT = ("test", "val")
Files = dict[str, np.ndarray]
"""Pictures by path: `split/label/name`."""


def hashed(picture: np.ndarray) -> str:
    cosines = cv2.dct(cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float32))[:16, :16]
    return np.packbits(cosines > np.median(cosines)).tobytes().hex()


def vector(picture: np.ndarray) -> np.ndarray:
    """Content-derived, and much the same for a mirrored picture or a crop: a histogram of grey levels."""
    counts = np.histogram(picture, 24, (0, 256))[0] + 1.0
    return (np.sqrt(counts) / np.linalg.norm(np.sqrt(counts))).astype(np.float32)


class World:
    """What the stage reads, made from pictures."""

    def __init__(self, files: Files, neighbors: int = 30) -> None:
        rows = []
        self.pictures = {}
        self.seen = {}
        for path, picture in files.items():
            content_id = digest(picture.tobytes() + str(picture.shape).encode())
            split, label, _ = path.split("/")
            known = {
                "split": split or None,
                "label": label or None,
                "height": picture.shape[0],
                "width": picture.shape[1],
            }
            rows.append({"path": path, "content_id": content_id, **known})
            self.pictures[content_id] = picture
        self.images = images_table(*rows)
        ids = np.array(sorted(self.pictures), dtype=object)
        vectors = np.array([vector(self.pictures[one]) for one in ids]).reshape(-1, 24)
        self.embeddings = Embeddings(ids, vectors)
        self.graph = Neighbors(ids, *nearest(vectors, neighbors))

    @property
    def quality(self) -> pd.DataFrame:
        shown = [self.pictures[one] for one in self.images["content_id"]]
        facts = {"phash": map(hashed, shown), "phash_mirrored": (hashed(p[:, ::-1].copy()) for p in shown)}
        return pd.DataFrame(
            {"item_id": self.images["item_id"], "sharpness": 0.5, **{k: list(v) for k, v in facts.items()}}
        )

    def judge(self, pairs: list) -> list:
        new = {one for pair in pairs for one in pair} - set(self.seen)
        self.seen |= {one: look(self.pictures[one]) for one in new}
        return [(pair, compare(self.seen[pair[0]], self.seen[pair[1]])) for pair in pairs]

    def run(self, params: Params | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
        given = (self.images, self.quality, self.embeddings, self.graph, self.judge)
        pairs, duplicates = deduplicate.run(params or Params(), DEFAULT_THRESHOLD, PROTECT, *given)
        for table, rows in ((PAIRS, pairs), (DUPLICATES, duplicates)):
            tables.check(table, tables.as_arrow(table, rows))
        return pairs, duplicates

    def named(self, ids: pd.Series) -> list[str]:
        return ids.map(self.images.set_index("item_id")["path"]).tolist()

    def paths(self, pairs: pd.DataFrame) -> set[frozenset[str]]:
        return set(map(frozenset, zip(self.named(pairs["item_a"]), self.named(pairs["item_b"]), strict=True)))


def pair(a: str, b: str) -> frozenset[str]:
    return frozenset((a, b))


@pytest.fixture(scope="module")
def world() -> World:
    first, second = busy(1, 400, 300), busy(2, 400, 300)
    return World(
        {
            "train/cat/a.png": first,
            "train/cat/a-same.png": first.copy(),
            "test/cat/a-small.png": resized(first, 0.5),
            "train/dog/a-mirrored.png": first[:, ::-1].copy(),
            "train/dog/b.png": second,
            "train/dog/b-crop.png": cropped(second, 0.1),
            "train/dog/b-caption.png": captioned(second),
            "train/dog/c.png": busy(3, 400, 300),
            "train/dog/d.png": busy(4, 400, 300),
        }
    )


def test_every_pair_of_copies_is_found_and_no_other(world: World) -> None:
    pairs, _ = world.run()
    a = ("train/cat/a.png", "train/cat/a-same.png", "test/cat/a-small.png", "train/dog/a-mirrored.png")
    b = ("train/dog/b.png", "train/dog/b-crop.png", "train/dog/b-caption.png")
    expected = {pair(x, y) for family in (a, b) for x in family for y in family if x < y}
    assert world.paths(pairs) == expected
    assert world.paths(pairs[pairs["kind"] == "exact"]) == {pair(*a[:2])}
    assert (pairs["item_a"] < pairs["item_b"]).all()


def test_leaks_and_label_conflicts_are_pairs(world: World) -> None:
    pairs, duplicates = world.run()
    small = "test/cat/a-small.png"
    others = ("train/cat/a.png", "train/cat/a-same.png", "train/dog/a-mirrored.png")
    assert world.paths(pairs[pairs["leak"]]) == {pair(small, other) for other in others}
    mirrored = "train/dog/a-mirrored.png"
    conflicts = {pair(mirrored, other) for other in ("train/cat/a.png", "train/cat/a-same.png", small)}
    assert world.paths(pairs[pairs["label_conflict"]]) == conflicts
    told = duplicates.assign(path=world.named(duplicates["item_id"])).set_index("path")
    assert set(told.index[told["leak"]]) == set(told.index[told["label_conflict"]]) == {small, *others}


def test_groups_keep_one_each_and_say_why(world: World) -> None:
    _, duplicates = world.run()
    told = duplicates.assign(path=world.named(duplicates["item_id"]), keeper=world.named(duplicates["keeper_id"]))
    told = told.set_index("path")
    assert set(told["keeper"]) == {"test/cat/a-small.png", "train/dog/b-caption.png"}
    assert (told["keep"] == (told.index == told["keeper"])).all()
    assert told.loc["train/cat/a.png", "reason"] == "in test, a protected split"
    assert told.loc["train/dog/b-crop.png", "reason"] == "larger: 400 × 300 against 360 × 270"
    crop = told.loc["train/dog/b-crop.png", "evidence"]
    assert "the same as in train/dog/b-caption.png" in crop
    assert "cropped to 8" in crop
    assert told.loc["train/dog/b-caption.png", "evidence"].startswith("Stands for 2 copies: 2 that show at least ")
    assert told["min_similarity"].between(0.6, 1).all()


def test_what_was_done_is_told_from_the_better_to_the_worse(world: World) -> None:
    pairs, _ = world.run()
    found = zip(world.named(pairs["item_a"]), world.named(pairs["item_b"]), strict=True)
    told = dict(zip(map(frozenset, found), pairs["transform"], strict=True))
    assert told[pair("train/cat/a.png", "train/cat/a-same.png")] == "same bytes"
    assert told[pair("train/cat/a.png", "train/dog/a-mirrored.png")] == "mirrored"
    assert told[pair("test/cat/a-small.png", "train/cat/a.png")] == "resized 2.00x"


def test_the_result_does_not_depend_on_the_order_of_rows(world: World) -> None:
    pairs, duplicates = world.run()
    world.images = world.images.iloc[::-1].reset_index(drop=True)
    again = world.run()
    for table, before, after in zip((PAIRS, DUPLICATES), (pairs, duplicates), again, strict=True):
        key = list(table.key)
        pd.testing.assert_frame_equal(
            before.sort_values(key, ignore_index=True), after.sort_values(key, ignore_index=True)
        )


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_images(n: int) -> None:
    names = [f"train/cat/{number}.png" for number in range(n)]
    pairs, duplicates = World({name: busy(seed) for seed, name in enumerate(names)}).run()
    assert (len(pairs), len(duplicates)) == (0, 0)


def test_all_equal() -> None:
    world = World({f"train/cat/{number}.png": busy(1) for number in range(5)})
    pairs, duplicates = world.run()
    assert (len(pairs), len(duplicates), duplicates["keep"].sum()) == (10, 5, 1)
    assert set(duplicates["min_similarity"]) == {1.0}
    assert not pairs["leak"].any()


def test_blank_pictures_are_copies_only_with_the_same_bytes() -> None:
    blank = np.full((60, 80), 255, np.uint8)
    files = {"//a.png": blank, "//b.png": blank.copy(), "//c.png": blank - 1, "//d.png": noisy(blank, 1)}
    world = World(files)
    pairs, duplicates = world.run()
    assert world.paths(pairs) == {pair("//a.png", "//b.png")}
    assert not pairs["label_conflict"].any(), "no label is no other label"
    assert len(duplicates) == 2


def test_how_much_hangs_on_a_threshold_is_what_runs_with_it_moved_find() -> None:
    """Pictures each with a copy of which more and more is covered, so that agreement falls step by step."""
    files = {}
    for number, share in enumerate((0.2, 0.3, 0.35, 0.4, 0.45, 0.5)):
        picture = busy(number, 320, 240)
        covered = picture.copy()
        covered[: round(share * len(picture))] = 128
        files |= {f"//{number}.png": picture, f"//{number} covered.png": covered}
    world = World(files)
    given = (PROTECT, world.images, world.quality, world.embeddings, world.graph, world.judge)

    def with_near_copy(threshold: float) -> int:
        pairs = deduplicate.run(Params(), threshold, *given)[0]
        return len({*pairs["item_a"], *pairs["item_b"]})

    near = NearCopies(threshold=0.6, threshold_pixels=0.9)
    deduplicate.run(Params(), 0.6, *given, near)
    moved = near.moved(dict.fromkeys(world.embeddings.content_ids, 1))["threshold"]
    now = with_near_copy(0.6)
    assert now + moved.looser == with_near_copy(0.54)
    assert now - moved.stricter == with_near_copy(0.66)
    assert moved.looser
    assert moved.stricter


def test_unreadable_images_are_left_out(world: World) -> None:
    broken = world.images.assign(status="unreadable", reason="truncated", path="train/cat/broken.png")
    broken = broken.head(1).assign(item_id=digest(b"broken"), content_id=digest(b"broken"), width=None, height=None)
    before = world.run()[0]
    images = pd.concat([world.images, broken], ignore_index=True)
    after, _ = deduplicate.run(
        Params(), DEFAULT_THRESHOLD, PROTECT, images, world.quality, world.embeddings, world.graph, world.judge
    )
    assert len(after) == len(before)


def test_many_copies_of_one_picture_hide_no_leak() -> None:
    """Two crowds of copies: everyone's nearest are of his own crowd, and still each meets each of the other."""
    picture = busy(5, 200, 150)
    here, there = picture, cropped(picture[:, ::-1], 0.15)
    train = {f"train/cat/{quality}.png": recoded(here, quality) for quality in range(40, 96, 7)}
    test = {f"test/cat/{quality}.png": recoded(there, quality) for quality in range(40, 96, 7)}
    world = World({**train, **test}, neighbors=5)
    sides = world.images.set_index("content_id").loc[list(world.graph.content_ids), "split"].to_numpy()
    assert (sides[world.graph.indices] == sides[:, None]).all(), "the graph alone shows no leak"
    pairs, _ = world.run(Params(propose_phash=0))
    assert world.paths(pairs[pairs["leak"]]) == {pair(a, b) for a in train for b in test}


def write_world(world: World, root: Path) -> None:
    """What earlier stages would have written."""
    tables.write(IMAGES, world.images, root)
    quality = world.quality.assign(brightness=0.5, contrast=0.5, entropy=4.0, aspect_ratio=0.75)
    quality = quality.assign(
        **{f"{issue}_score": 1.0 for issue in QualityIssue}, **{f"is_{i}": False for i in QualityIssue}
    )
    tables.write(QUALITY, quality[QUALITY.names], root)
    write_embeddings(world.embeddings, 24, root, {"dim": 24})
    write_neighbors(world.graph, root)
    folder = root / SHEET_FOLDER
    folder.mkdir(parents=True)
    rows = []
    for name, ids in sheets.sheets_of(sorted(world.pictures)):
        shown = [sheets.thumbnail(np.dstack([world.pictures[one]] * 3), 320) for one in ids]
        sheet, cells = sheet_of(shown, 320)
        (folder / name).write_bytes(sheet)
        rows += [(one, name, cell.x, cell.y, cell.w, cell.h) for one, cell in zip(ids, cells, strict=True)]
    tables.write(THUMBNAILS, pd.DataFrame(rows, columns=THUMBNAILS.names), root)
    (root / "params.yaml").write_text("machine: {workers: 2}\nduplicates: {threshold: 0.6}\n")


def test_main_finds_the_same_from_the_thumbnails_and_leaves_no_scratch(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    write_world(world, tmp_path)
    deduplicate.main(tmp_path)
    pairs = tables.read(PAIRS, tmp_path)
    assert world.paths(pairs) == world.paths(world.run()[0])
    assert tables.metadata(PAIRS, tmp_path)["protect"] == ["test", "val"]
    assert tables.metadata(PAIRS, tmp_path)["sensitivity"].keys() == {"threshold", "threshold_pixels"}
    assert "2 groups" in capsys.readouterr().out
    assert list((tmp_path / deduplicate.SCRATCH).iterdir()) == []
    first = [(tmp_path / table.path).read_bytes() for table in (PAIRS, DUPLICATES)]
    deduplicate.main(tmp_path)
    assert [(tmp_path / table.path).read_bytes() for table in (PAIRS, DUPLICATES)] == first


def test_a_missing_sheet_is_told(world: World, tmp_path: Path) -> None:
    write_world(world, tmp_path)
    for sheet in (tmp_path / SHEET_FOLDER).iterdir():
        sheet.unlink()
    with pytest.raises(TableError, match="sheet of thumbnails"):
        deduplicate.main(tmp_path)


def test_the_impatient_find_the_likeliest_copies_and_tell_that_they_stopped(world: World) -> None:
    patience = Patience(1)
    given = (world.images, world.quality, world.embeddings, world.graph, world.judge, None, patience)
    pairs, duplicates = deduplicate.run(Params(), DEFAULT_THRESHOLD, PROTECT, *given)
    all_pairs, _ = world.run()
    assert 0 < len(pairs) <= len(all_pairs)
    assert patience.looked_at < patience.proposed
    line = deduplicate.summary(pairs, duplicates, patience)
    assert line.endswith(f"the likeliest {patience.looked_at} of {patience.proposed} proposed pairs looked at")
    assert "looked at" not in deduplicate.summary(pairs, duplicates, Patience(None))


def test_a_content_is_in_the_splits_of_all_its_items() -> None:
    items = images_table(
        {"path": "a", "content_id": "1", "split": "train"},
        {"path": "b", "content_id": "1", "split": "test"},
        {"path": "c", "content_id": "1", "split": "test"},
        {"path": "d", "content_id": "2", "split": None},
        {"path": "e", "content_id": "2", "split": "val"},
        {"path": "f", "content_id": "0", "split": None},
    )
    found = deduplicate._splits(items, np.array(["0", "1", "2"], object))
    assert found.tolist() == ["", "test train", " val"]
