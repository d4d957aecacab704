"""The whole stage on small pictures, behind the real `ingest`, `measure` and `connect`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from stages import calibrate, connect, deduplicate, ingest, measure
from stages.calibration import duplicates, effort, outliers, planting
from stages.calibration.in_force import in_force
from stages.calibration.known import known
from stages.contracts import tables
from stages.contracts.calibration_record import PATH, Calibration, read_calibration, write_calibration
from stages.contracts.encoder_record import write_record
from stages.contracts.errors import ParamsError, SourceError, TableError
from stages.contracts.identity import digest
from stages.contracts.params import connect as connect_params
from stages.contracts.params import measure as measure_params
from stages.contracts.params import outliers as outliers_params
from stages.contracts.params.base import load
from stages.contracts.params.duplicates import DEFAULT_THRESHOLD
from stages.contracts.params.duplicates import Params as DuplicatesParams
from stages.contracts.schemas.clusters import CLUSTERS
from stages.contracts.schemas.embeddings import Embeddings, write_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.neighbors import Neighbors
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.schemas.quality import QUALITY
from stages.core.alterations import ALTERATIONS
from stages.core.content_sample import sample
from stages.core.pixels import decode
from tests.colours import ENCODER, Colours
from tests.encoded import encoded
from tests.pictures import busy


def photo(seed: int, width: int = 96, height: int = 72) -> np.ndarray:
    hue = np.random.default_rng(seed).uniform(0.3, 1, 3)
    return np.rint(busy(seed, width, height)[..., None] * hue).astype(np.uint8)


SECTIONS = (
    (calibrate.Params, "calibrate"),
    (measure_params.Params, "measure"),
    (connect_params.Params, "connect"),
    (DuplicatesParams, "duplicates"),
    (outliers_params.Params, "outliers"),
)
FEW = tuple(
    one
    for one in ALTERATIONS
    if one.name.strip() in ("jpeg quality 75", "crop 10 %", "noise 20 levels", "greyscale", "format PNG")
)
"""Enough to see that each is planted and told; all of them are tested where they are made."""


def fewer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(calibrate, "open_encoder", lambda *_: Colours())
    for module in (effort, planting, duplicates):
        patch.setattr(module, "ALTERATIONS", FEW)
    patch.setattr(duplicates, "BY_COSINE", 2)
    patch.setattr(effort, "LEAST_UP_TO", 0)
    patch.setattr(effort, "FULL_FROM", 1)


class Project:
    """A project folder whose tables are those of these pictures; an encoder that reads colours off the pixels."""

    def __init__(self, root: Path, pictures: list[np.ndarray], params: str = "") -> None:
        self.root = root
        source = root / "pictures"
        source.mkdir(parents=True)
        for number, pixels in enumerate(pictures):
            (source / f"{number:03d}.png").write_bytes(encoded(pixels, "PNG"))
        (source / "broken.png").write_bytes(b"no picture")
        (root / "params.yaml").write_text(f"data: {{source: pictures}}\nmachine: {{workers: 2}}\n{params}")
        for stage in (ingest, measure):
            stage.main(root)
        self._embed()
        connect.main(root)
        self._cluster()

    def _embed(self) -> None:
        images = tables.read(IMAGES, self.root).query("status == 'ok'").drop_duplicates("content_id")
        images = images.sort_values("content_id")
        encoder = Colours()
        shown = [encoder.preprocess(decode((self.root / "pictures" / path).read_bytes())) for path in images["path"]]
        vectors = encoder.image_features(np.stack(shown)) if shown else np.empty((0, Colours.dim), np.float32)
        found = Embeddings(images["content_id"].to_numpy(dtype=object), vectors)
        write_embeddings(found, Colours.dim, self.root, {"dim": Colours.dim})
        write_record(ENCODER, self.root)

    def _cluster(self) -> None:
        items = tables.read(IMAGES, self.root).query("status == 'ok'")[["item_id"]]
        rows = items.assign(cluster=0, strength=1.0, centroid_distance=0.1, is_medoid=False)
        rows = rows.astype({"cluster": "int32", "strength": "float32", "centroid_distance": "float32"})
        tables.write(CLUSTERS, rows, self.root, {"quality": {"method": "hdbscan"}})

    def calibrate(self) -> Calibration:
        calibrate.main(self.root)
        return read_calibration(self.root)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Project]:
    fewer(monkeypatch)
    return lambda pictures, params="": Project(
        tmp_path / f"p{digest(params.encode())[:4]}{len(pictures)}", pictures, params
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Calibration]]:
    """A project of so many pictures that something can be told, calibrated once."""
    with pytest.MonkeyPatch.context() as patch:
        fewer(patch)
        patch.setattr(outliers, "foreign", lambda: strangers)
        strangers = outliers.Foreign([photo(900 + n) for n in range(6)], np.array(["photograph"] * 6), np.arange(6))
        project = Project(tmp_path_factory.mktemp("calibrate"), [photo(seed) for seed in range(32)])
        yield project, project.calibrate()


def test_every_alteration_is_planted_and_most_are_found(found: tuple[Project, Calibration]) -> None:
    record = found[1].duplicates
    assert [(t.kind, t.strength) for t in record.transforms] == [(a.kind, a.strength) for a in FEW]
    assert all(t.share.n >= 30 for t in record.transforms if t.kind != "greyscale")
    assert record.recall.n == sum(t.share.n for t in record.transforms)
    assert record.recall.found == sum(t.share.found for t in record.transforms)
    by_name = {(t.kind, t.strength): t.share.share for t in record.transforms}
    assert by_name["format", "PNG"] == by_name["jpeg", "quality 75"] == 1
    assert record.recall.share > 0.8


def test_different_pictures_are_not_taken_for_copies(found: tuple[Project, Calibration]) -> None:
    record = found[1].duplicates
    assert record.negatives > 100
    assert record.precision.share == 1
    assert (record.threshold, record.source) == (DEFAULT_THRESHOLD, "default")


def test_defects_are_told_and_nothing_is_applied(found: tuple[Project, Calibration]) -> None:
    by_issue = {part.issue: part for part in found[1].quality}
    assert set(by_issue) == {"blurry", "dark", "bright", "low_information", "grayscale"}
    assert by_issue["dark"].threshold == 0.39
    assert by_issue["low_information"].recall.share == 1
    strengths = {s.strength: s.share.share for s in by_issue["dark"].strengths}
    assert strengths["5 stops"] == 1
    assert strengths["3 stops"] <= strengths["4 stops"] <= strengths["5 stops"]


def test_too_few_pictures_judge_no_outliers(found: tuple[Project, Calibration]) -> None:
    assert found[1].outliers is None


def test_the_record_says_what_it_was_made_from_and_nothing_of_the_machine(found: tuple[Project, Calibration]) -> None:
    project, record = found
    origin = tables.origin(calibrate.Params(), list(calibrate.INPUTS), project.root)
    assert (record.params, record.inputs) == (origin["params"], origin["inputs"])
    assert record.encoder == ENCODER.encoder_id
    assert str(project.root) not in (project.root / PATH).read_text()


def test_the_same_images_give_the_same_bytes(project: Callable[..., Project]) -> None:
    mine = project([photo(seed) for seed in range(4)])
    mine.calibrate()
    first = (mine.root / PATH).read_bytes()
    params = mine.root / "params.yaml"
    params.write_text(params.read_text().replace("workers: 2", "workers: 1, batch: 3"))
    mine.calibrate()
    assert (mine.root / PATH).read_bytes() == first


def test_the_threshold_is_that_of_deduplicate_where_it_is_auto(
    found: tuple[Project, Calibration], monkeypatch: pytest.MonkeyPatch
) -> None:
    project, record = found
    write_calibration(
        record.model_copy(update={"duplicates": record.duplicates.model_copy(update={"threshold": 0.85})}), project.root
    )
    deduplicate.main(project.root)
    assert tables.metadata(PAIRS, project.root)["threshold_in_force"] == 0.85
    assert PATH in tables.metadata(PAIRS, project.root)["inputs"]
    write_calibration(record, project.root)


def test_a_number_needs_no_calibration(project: Callable[..., Project]) -> None:
    mine = project([photo(1), photo(2)], "duplicates: {threshold: 0.7}\n")
    deduplicate.main(mine.root)
    origin = tables.metadata(PAIRS, mine.root)
    assert origin["threshold_in_force"] == 0.7
    assert PATH not in origin["inputs"]


def test_auto_without_calibration_is_told(project: Callable[..., Project]) -> None:
    mine = project([photo(1), photo(2)])
    with pytest.raises(TableError, match="dvc repro calibrate"):
        deduplicate.main(mine.root)


@pytest.mark.parametrize("count", [1, 2])
def test_few_pictures_leave_the_default_and_say_so(
    count: int, project: Callable[..., Project], capsys: pytest.CaptureFixture
) -> None:
    record = project([photo(seed) for seed in range(count)]).calibrate()
    assert record.sample == count
    assert (record.duplicates.threshold, record.duplicates.source) == (DEFAULT_THRESHOLD, "too_few")
    assert record.outliers is None
    assert not any(t.share.enough for t in record.duplicates.transforms)
    assert record.duplicates.recall.n == count * len(FEW)
    assert "too few to tell" in capsys.readouterr().out


def test_no_pictures_at_all(project: Callable[..., Project]) -> None:
    mine = project([photo(1)])
    read = [tables.read(table, mine.root).iloc[:0] for table in (IMAGES, QUALITY, CLUSTERS)]
    none = Embeddings(np.empty(0, object), np.empty((0, Colours.dim), np.float32))
    graph = Neighbors(none.content_ids, np.empty((0, 0), np.int32), np.empty((0, 0), np.float32))
    sections = [load(section, name, mine.root) for section, name in SECTIONS]
    parts = calibrate.run(
        calibrate.Sections(*sections), known(*read, none, graph, True), lambda _: {}, None, None, Colours()
    )
    assert parts["sample"] == parts["duplicates"].recall.n == 0
    assert parts["duplicates"].source == "too_few"
    assert parts["outliers"] is None


def test_equal_blank_tiny_and_grey_pictures(project: Callable[..., Project]) -> None:
    grey = np.repeat(photo(5)[..., :1], 3, axis=2)
    blank = np.full((72, 96, 3), 128, np.uint8)
    tiny = cv2.resize(photo(7), (16, 16), interpolation=cv2.INTER_AREA)
    record = project([photo(5), photo(5), grey, blank, blank, tiny, tiny[:1, :1]]).calibrate()
    assert record.sample == 5, "two of the pictures are there twice"
    shares = {(t.kind, t.strength): t.share for t in record.duplicates.transforms}
    assert shares["format", "PNG"].n == 3, "nothing is planted in what shows nothing"
    assert shares["greyscale", ""].n == 2


def test_a_copy_among_ones_own_is_no_lookalike(project: Callable[..., Project]) -> None:
    again = decode(encoded(photo(1), "JPEG", quality=80))
    record = project([photo(1), again, photo(2), photo(3)]).calibrate()
    assert record.duplicates.precision.share == 1
    assert "One pair of your own" in record.duplicates.why


def test_another_seed_takes_another_sample(project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "sample", lambda ids, seed, _: sample(ids, seed, 2))
    pictures = [photo(seed) for seed in range(6)]
    first = project(pictures).calibrate()
    other = project(pictures, "calibrate: {seed: 5}\n").calibrate()
    assert first.sample == other.sample == 2
    assert first.params != other.params


def test_a_sample_that_can_tell_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("calibrate: {sample: 29}\n")
    with pytest.raises(ParamsError, match="sample"):
        load(calibrate.Params, "calibrate", tmp_path)


def test_a_number_is_told_with_its_own_figures_and_nothing_is_planted_anew(
    found: tuple[Project, Calibration], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the record says of 0.95 is what `calibrate` would have written had it chosen that."""
    project, record = found
    monkeypatch.setattr(duplicates, "DEFAULT_THRESHOLD", 0.95)
    chosen = project.calibrate()
    write_calibration(record, project.root)
    assert chosen.duplicates.threshold == 0.95
    told = in_force(record, 0.95).duplicates
    for name in ("recall", "precision", "precision_at_most", "transforms"):
        assert getattr(told, name) == getattr(chosen.duplicates, name)
    assert told.recall.found < record.duplicates.recall.found
    assert in_force(record, DEFAULT_THRESHOLD) is record


def test_few_pictures_are_told_as_too_few_however_many_copies_they_have(project: Callable[..., Project]) -> None:
    record = project([photo(seed) for seed in range(8)]).calibrate()
    assert record.duplicates.recall.n >= 30
    assert not record.duplicates.recall.enough
    assert not record.duplicates.precision.enough


def test_what_measure_kept_is_altered_without_opening_a_file(project: Callable[..., Project]) -> None:
    mine = project([photo(1), photo(2)])
    mine.calibrate()
    first = (mine.root / PATH).read_bytes()
    (mine.root / "pictures" / "001.png").unlink()
    mine.calibrate()
    assert (mine.root / PATH).read_bytes() == first


def test_what_was_not_kept_is_opened_anew(project: Callable[..., Project]) -> None:
    mine = project([photo(1), photo(2)])
    mine.calibrate()
    first = (mine.root / PATH).read_bytes()
    kept = list(mine.root.glob(".winnow/cache/*/sample/*.npy"))
    assert len(kept) == 2
    for path in kept:
        path.unlink()
    mine.calibrate()
    assert (mine.root / PATH).read_bytes() == first
    (mine.root / "pictures" / "001.png").unlink()
    with pytest.raises(SourceError, match="cannot be opened any more"):
        mine.calibrate()


def test_the_record_is_plain_json(found: tuple[Project, Calibration]) -> None:
    content = json.loads((found[0].root / PATH).read_text())
    assert set(content) == set(Calibration.model_fields)
    assert pd.json_normalize(content["duplicates"]["curve"])["threshold"].is_monotonic_increasing
