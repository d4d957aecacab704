"""From the images table to quality, thumbnails and their sheets."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage import data

from stages import ingest, measure
from stages.contracts import tables
from stages.contracts.errors import SourceError
from stages.contracts.params.measure import Params
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.quality import QUALITY
from stages.contracts.schemas.thumbnails import SHEET_FOLDER, THUMBNAILS
from stages.contracts.vocabulary import QualityIssue
from stages.core import sheets
from stages.sources import opening
from tests.frames import images

OUTS = ("data/quality.parquet", "data/thumbnails.parquet", SHEET_FOLDER)


def save(path: Path, pixels: np.ndarray, **options: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Good photographs, two of them the same, one file cut short, and one picture for each of some issues."""
    root, photos = tmp_path / "project", tmp_path / "photos"
    root.mkdir()
    (root / "params.yaml").write_text("data:\n  source: ../photos\n", encoding="utf-8")
    astronaut, coffee = data.astronaut(), data.coffee()
    for number in range(8):
        save(photos / f"good/{number}.jpg", coffee[number * 10 :, number * 10 :], quality=90)
    save(photos / "good/copy.jpg", coffee, quality=90)
    save(photos / "dark.jpg", astronaut // 10)
    save(photos / "blurry.jpg", cv2.GaussianBlur(astronaut, (0, 0), 5))
    save(photos / "grey.png", cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY))
    save(photos / "deep grey.png", cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY).astype(np.uint16) * 257)
    save(photos / "strip.png", coffee[100:150])
    save(photos / "empty.png", np.full((300, 400, 3), (180, 140, 90), np.uint8))
    whole = (photos / "good/0.jpg").read_bytes()
    (photos / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    ingest.main(root)
    return root


def found(root: Path) -> pd.DataFrame:
    """`quality`, with the path of each item, by path."""
    paths = tables.read(IMAGES, root)[["item_id", "path", "content_id"]]
    return tables.read(QUALITY, root).merge(paths, on="item_id").set_index("path")


def outs(root: Path) -> dict[str, bytes]:
    files = [path for out in OUTS for path in ([root / out] if (root / out).is_file() else (root / out).iterdir())]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that are opened from now on."""
    opened: list[str] = []
    read = opening.read_content
    monkeypatch.setattr(
        opening, "read_content", lambda source, path, *more: opened.append(path) or read(source, path, *more)
    )
    return opened


def test_each_issue_is_found_where_it_is(project: Path) -> None:
    measure.main(project)
    quality = found(project)
    flagged = {path: {str(i) for i in QualityIssue if row[f"is_{i}"]} for path, row in quality.iterrows()}
    assert flagged == {
        **{f"good/{number}.jpg": set() for number in range(8)},
        "good/copy.jpg": set(),
        "dark.jpg": {"dark"},
        "blurry.jpg": {"blurry"},
        "grey.png": {"grayscale"},
        "deep grey.png": {"grayscale"},
        "strip.png": {"odd_aspect"},
        "empty.png": {"low_information"},
    }


def test_copies_have_the_same_row_and_unreadable_files_none(project: Path) -> None:
    measure.main(project)
    quality = found(project)
    assert "cut.jpg" not in quality.index
    pd.testing.assert_series_equal(
        quality.loc["good/0.jpg"].drop("item_id"), quality.loc["good/copy.jpg"].drop("item_id"), check_names=False
    )


def test_every_content_has_a_thumbnail_that_looks_like_it(project: Path) -> None:
    measure.main(project)
    placed = tables.read(THUMBNAILS, project).set_index("content_id")
    files = tables.read(IMAGES, project).query("status == 'ok'").drop_duplicates("content_id")
    assert set(placed.index) == set(files["content_id"])
    for image in files[files["mode"] == "RGB"].itertuples():
        place = placed.loc[image.content_id]
        sheet = sheets.decode((project / SHEET_FOLDER / place.sheet).read_bytes())
        small = sheets.cut(sheet, place.x, place.y, place.w, place.h)
        assert max(place.w, place.h) == 320
        original = np.asarray(Image.open(project.parent / "photos" / image.path).convert("RGB"))
        expected = cv2.resize(original, (place.w, place.h), interpolation=cv2.INTER_AREA)
        assert np.abs(small.astype(int) - expected).mean() < 4


def test_a_second_run_opens_nothing_and_writes_the_same_bytes(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measure.main(project)
    first, opened = outs(project), looked_at(monkeypatch)
    measure.main(project)
    assert opened == []
    assert outs(project) == first


def test_a_new_start_writes_the_same_bytes_with_any_number_of_workers(project: Path, tmp_path: Path) -> None:
    measure.main(project)
    first = outs(project)
    other = tmp_path / "elsewhere"
    (other / "data").mkdir(parents=True)
    (other / "params.yaml").write_text("data: {source: ../photos}\nmachine: {workers: 1}\n", encoding="utf-8")
    (other / IMAGES.path).write_bytes((project / IMAGES.path).read_bytes())
    measure.main(other)
    assert outs(other) == first


def test_only_new_content_is_opened(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measure.main(project)
    save(project.parent / "photos/good/new.jpg", data.chelsea())
    (project.parent / "photos/dark.jpg").rename(project.parent / "photos/renamed.jpg")
    ingest.main(project)
    opened = looked_at(monkeypatch)
    measure.main(project)
    assert opened == ["good/new.jpg"]
    assert found(project).loc["renamed.jpg", "is_dark"]


def test_a_killed_run_goes_on(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = sorted(tables.read(IMAGES, project).query("status == 'ok'")["content_id"].unique())
    monkeypatch.setattr(measure, "SHARD_EVERY_S", -1.0)
    look = measure._look

    def killed(*args: object) -> dict:
        if args[-1].content_id == contents[5]:
            raise KeyboardInterrupt
        return look(*args)

    monkeypatch.setattr(measure, "_look", killed)
    with pytest.raises(KeyboardInterrupt):
        measure.main(project)
    assert len(list((project / ".winnow/cache").glob("*/*.parquet"))) == 5
    monkeypatch.setattr(measure, "_look", look)
    opened = looked_at(monkeypatch)
    measure.main(project)
    assert len(opened) == len(contents) - 5


def test_a_threshold_is_judged_anew_without_opening_anything(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measure.main(project)
    (project / "params.yaml").write_text(
        "data: {source: ../photos}\nmeasure: {dark: null, blurry: 1.0}\n", encoding="utf-8"
    )
    opened = looked_at(monkeypatch)
    measure.main(project)
    assert opened == []
    quality = found(project)
    assert not quality["is_dark"].any()
    assert quality.loc["good/0.jpg", "is_blurry"]


def test_smaller_thumbnails_are_made_anew(project: Path) -> None:
    measure.main(project)
    (project / "params.yaml").write_text(
        "data: {source: ../photos}\nmeasure: {thumbnail_size: 100}\n", encoding="utf-8"
    )
    measure.main(project)
    assert tables.read(THUMBNAILS, project)[["w", "h"]].to_numpy().max() == 100


def test_sheets_that_nothing_lies_in_are_deleted(project: Path) -> None:
    stale = project / SHEET_FOLDER / "sheet-0101.jpg"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"old")
    measure.main(project)
    kept = {path.name for path in stale.parent.iterdir()}
    assert kept == set(tables.read(THUMBNAILS, project)["sheet"])


def test_a_file_that_changed_since_ingest_is_an_error_that_names_it(project: Path) -> None:
    save(project.parent / "photos/dark.jpg", data.chelsea())
    with pytest.raises(SourceError, match="another one than ingest saw") as raised:
        measure.main(project)
    assert "dark.jpg" in str(raised.value)


def test_where_the_tables_came_from_is_told(project: Path) -> None:
    measure.main(project)
    told = tables.metadata(QUALITY, project)
    assert told == tables.metadata(THUMBNAILS, project)
    assert set(told["inputs"]) == {IMAGES.path}
    assert (project / ".winnow/cache" / told["cache"]).is_dir()


def test_no_readable_image_makes_empty_tables(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("data: {source: photos}\n", encoding="utf-8")
    tables.write(IMAGES, images({"path": "a.jpg", "status": "empty", "width": None, "height": None}), tmp_path)
    measure.main(tmp_path)
    assert tables.read(QUALITY, tmp_path).empty
    assert tables.read(THUMBNAILS, tmp_path).empty


def measures(*paths: str, **special: object) -> pd.DataFrame:
    """What was measured of some good pictures; the brightness tells them apart."""
    rows = images(*({"path": path} for path in paths))[["content_id"]]
    usual = {
        "contrast": 0.6,
        "highlights": 0.9,
        "shadows": 0.1,
        "overexposed": 0.0,
        "chroma": 0.3,
        "sharpness": 0.6,
        "entropy": 7.0,
    }
    rows = rows.assign(brightness=[0.1 * number for number in range(len(rows))], **(usual | special))
    return rows.assign(phash="0" * 64, phash_mirrored="f" * 64)


def test_rows_keep_their_identity_whatever_their_order() -> None:
    listed = images({"path": "a"}, {"path": "b"}, {"path": "c"}, {"path": "broken", "status": "empty"})
    seen = measures("a", "b", "c")
    straight = measure.run(Params(), listed, seen).set_index("item_id")
    shuffled = measure.run(Params(), listed.iloc[::-1], seen.sample(frac=1, random_state=1)).set_index("item_id")
    pd.testing.assert_frame_equal(straight.sort_index(), shuffled.sort_index())
    assert dict(zip(listed["path"][:3], straight.loc[listed["item_id"][:3], "brightness"], strict=True)) == {
        "a": 0.0,
        "b": 0.1,
        "c": 0.2,
    }


def test_what_cannot_be_told_is_sharp() -> None:
    quality = measure.run(Params(), images({"path": "a"}), measures("a", sharpness=np.nan))
    assert quality["sharpness"].tolist() == [1.0]
    assert not quality["is_blurry"].any()


def test_a_picture_copied_often_does_not_make_the_others_odd() -> None:
    icon = [{"path": f"icon{n}", "content_id": "0" * 32, "width": 20, "height": 20} for n in range(60)]
    others = [{"path": f"{n}"} for n in range(20)]
    seen = pd.concat([measures(*(f"{n}" for n in range(20))), measures("icon").assign(content_id="0" * 32)])
    quality = measure.run(Params(), images(*icon, *others), seen)
    assert quality["is_odd_size"].sum() == 60


def test_the_summary_counts_images() -> None:
    quality = measure.run(Params(), images({"path": "a"}, {"path": "b"}), measures("a", "b", highlights=0.1))
    assert measure.summary(quality) == "measure: 2 images; 2 dark"
    assert measure.summary(quality.assign(is_dark=False)) == "measure: 2 images; no quality issue"
