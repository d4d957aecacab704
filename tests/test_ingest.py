"""From a folder to the images table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

from stages import ingest, measure
from stages.contracts import tables
from stages.contracts.errors import ParamsError, SourceError
from stages.contracts.identity import digest, item_id
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.quality import QUALITY
from stages.core import pixels
from stages.sources.folder import Walk
from stages.sources.scan import SCHEMA
from tests.encoded import encoded, picture
from tests.videos import scene, write_video


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose source is beside it: two splits, three classes, broken and other files."""
    root, photos = tmp_path / "project", tmp_path / "photos"
    root.mkdir()
    put(photos, "train/cat/1.jpg", encoded(picture(seed=1)))
    put(photos, "train/cat/copy.jpg", encoded(picture(seed=1)))
    put(photos, "train/dog/1.png", encoded(picture(seed=2), "PNG"))
    put(photos, "test/dog/named.jpg", encoded(picture(seed=3), "PNG"))
    put(photos, "test/dog/cut.jpg", encoded(picture(seed=4))[:-300])
    put(photos, "test/dog/cut too.jpg", encoded(picture(seed=5))[:900])
    put(photos, "test/dog/empty.jpg", b"")
    put(photos, "test/dog/page.jpg", b"<html>not found</html>")
    put(photos, "test/notes.txt", b"notes")
    put(photos, "test/.hidden.jpg", encoded(picture()))
    configure(root, source=str(photos))
    return root


def put(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def configure(root: Path, **data: object) -> None:
    (root / "params.yaml").write_text(json.dumps({"data": data}), encoding="utf-8")


def ingested(root: Path) -> pd.DataFrame:
    ingest.main(root)
    return tables.read(IMAGES, root).set_index("path").sort_index()


def found(*names: bytes) -> pa.Table:
    """As `scan` gives it, of good images."""
    rows = [
        {"path": name, "bytes": 9, "mtime_ns": 1, "inode": 2, "content_id": digest(name)}
        | {"format": "PNG", "mode": "RGB", "width": 4, "height": 3, "status": "ok", "reason": None}
        for name in names
    ]
    return pa.Table.from_pylist(rows, SCHEMA)


def test_every_file_named_like_an_image_is_a_row(project: Path) -> None:
    images = ingested(project)
    assert images["status"].to_dict() == {
        "train/cat/1.jpg": "ok",
        "train/cat/copy.jpg": "ok",
        "train/dog/1.png": "ok",
        "test/dog/named.jpg": "ok",
        "test/dog/cut.jpg": "unreadable",
        "test/dog/cut too.jpg": "unreadable",
        "test/dog/empty.jpg": "empty",
        "test/dog/page.jpg": "unreadable",
    }
    assert images["reason"].isna().tolist() == (images["status"] == "ok").tolist()


def test_a_row_tells_what_the_file_is(project: Path) -> None:
    row = ingested(project).loc["test/dog/named.jpg"]
    assert row["item_id"] == item_id("test/dog/named.jpg")
    assert row["content_id"] == digest(encoded(picture(seed=3), "PNG"))
    assert (row["format"], row["mode"], row["width"], row["height"]) == ("PNG", "RGB", 120, 90)
    assert row["bytes"] == len(encoded(picture(seed=3), "PNG"))
    assert (row["label"], row["split"]) == ("dog", "test")


def test_copies_have_one_content_and_two_ids(project: Path) -> None:
    images = ingested(project)
    one, other = images.loc["train/cat/1.jpg"], images.loc["train/cat/copy.jpg"]
    assert one["content_id"] == other["content_id"]
    assert one["item_id"] != other["item_id"]


def test_what_it_says(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ingest.main(project)
    assert capsys.readouterr().out == (
        "ingest: 8 images (4 readable; 4 not: 2 truncated, 1 empty, 1 not an image),"
        " 1 other file skipped, 1 hidden file skipped\n"
    )


def test_what_it_says_of_a_single_good_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path, "photos/a.jpg", encoded(picture()))
    configure(tmp_path, source="photos")
    ingest.main(tmp_path)
    assert capsys.readouterr().out == "ingest: 1 image (1 readable)\n"


def test_large_numbers_are_easy_to_read() -> None:
    images = ingest.run(found(*(b"%d.png" % i for i in range(1200))))
    walked = Walk(hidden=2, closed=1)
    walked.others.update({".txt": 1000, ".md": 500})
    assert ingest.summary(images, walked) == (
        "ingest: 1,200 images (1,200 readable), 1,500 other files skipped, 2 hidden files skipped,"
        " 1 folder not opened (no permission)"
    )


def test_a_second_run_writes_the_same_bytes(project: Path) -> None:
    ingest.main(project)
    first = (project / IMAGES.path).read_bytes()
    ingest.main(project)
    assert (project / IMAGES.path).read_bytes() == first


def test_a_run_without_memory_writes_the_same_bytes(project: Path) -> None:
    ingest.main(project)
    first = (project / IMAGES.path).read_bytes()
    for kept in (project / ".winnow/scan").iterdir():
        kept.unlink()
    ingest.main(project)
    assert (project / IMAGES.path).read_bytes() == first


def test_a_file_that_changed_changes_its_row_only(project: Path) -> None:
    before = ingested(project)
    put(project.parent / "photos", "train/dog/1.png", encoded(picture(50, 40), "PNG"))
    after = ingested(project)
    changed = [path for path in before.index if before.loc[path].to_json() != after.loc[path].to_json()]
    assert changed == ["train/dog/1.png"]
    assert after.loc["train/dog/1.png", "width"] == 50


def test_what_was_passed_by_is_in_the_metadata_and_no_place_or_time(project: Path) -> None:
    ingest.main(project)
    metadata = tables.metadata(IMAGES, project)
    assert metadata["skipped"] == {"other": 1, "hidden": 1, "closed_folders": 0}
    assert metadata["inputs"] == {}
    assert str(project.parent) not in json.dumps(metadata)
    assert set(metadata) == {"skipped", "inputs", "params"}


def test_the_source_is_not_touched(project: Path) -> None:
    def state() -> dict[str, tuple[int, int]]:
        photos = project.parent / "photos"
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in photos.rglob("*")}

    before = state()
    ingest.main(project)
    assert state() == before


def test_labels_can_be_left_out(project: Path) -> None:
    configure(project, source=str(project.parent / "photos"), labels="none")
    images = ingested(project)
    assert images["label"].isna().all()
    assert set(images["split"]) == {"train", "test"}


def test_a_flat_folder_has_neither_labels_nor_splits(tmp_path: Path) -> None:
    put(tmp_path, "photos/a.jpg", encoded(picture()))
    put(tmp_path, "photos/b.jpg", encoded(picture()))
    configure(tmp_path, source="photos")
    images = ingested(tmp_path)
    assert images["label"].isna().all()
    assert images["split"].isna().all()


def test_the_users_limit_of_pixels_is_obeyed(tmp_path: Path) -> None:
    put(tmp_path, "photos/large.png", encoded(Image.new("1", (2000, 1000)), "PNG"))
    put(tmp_path, "photos/small.jpg", encoded(picture()))
    configure(tmp_path, source="photos", max_pixels=1_000_000)
    images = ingested(tmp_path)
    assert images["status"].to_dict() == {"large.png": "too_large", "small.jpg": "ok"}
    assert "data.max_pixels" in images.loc["large.png", "reason"]


def test_no_files_make_no_rows() -> None:
    images = ingest.run(found())
    assert list(images.columns) == IMAGES.names
    assert len(images) == 0


def test_odd_names_come_through_the_table(tmp_path: Path) -> None:
    names = ["new\nline.jpg", 'a "b".jpg', "é—漢.jpg", "c,d;e'.jpg"]
    for name in names:
        put(tmp_path / "photos", name, encoded(picture()))
    configure(tmp_path, source="photos")
    assert sorted(ingested(tmp_path).index) == sorted(names)


def test_a_name_that_is_not_utf8_is_a_row_with_advice() -> None:
    images = ingest.run(found(b"caf\xe9.jpg", b"caf\\xe9.jpg", "café.jpg".encode()))
    assert images["path"].tolist() == ["caf\\xe9.jpg", "caf\\xe9.jpg", "café.jpg"]
    assert images["status"].tolist() == ["unsupported", "ok", "ok"]
    assert images["reason"][0] == ingest.NOT_UTF8
    assert images["item_id"].is_unique
    assert images["item_id"][0] == item_id(os.fsdecode(b"caf\xe9.jpg"))
    tables.check(IMAGES, tables.as_arrow(IMAGES, images))


def test_a_source_without_images_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "photos/notes.txt", b"")
    put(tmp_path, "photos/more.txt", b"")
    configure(tmp_path, source="photos")
    with pytest.raises(SourceError, match="holds no image") as caught:
        ingest.main(tmp_path)
    assert caught.value.got == "2 other files (2 .txt)"
    assert not (tmp_path / IMAGES.path).exists()


def test_a_source_without_a_readable_image_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "photos/a.jpg", b"")
    put(tmp_path, "photos/b.jpg", encoded(picture())[:500])
    configure(tmp_path, source="photos")
    with pytest.raises(SourceError, match="can be read") as caught:
        ingest.main(tmp_path)
    assert caught.value.got == "2 that are not: 1 empty, 1 truncated"


def test_a_missing_source_is_refused(tmp_path: Path) -> None:
    configure(tmp_path, source="gone")
    with pytest.raises(SourceError, match="not there"):
        ingest.main(tmp_path)


def test_a_source_that_holds_our_outputs_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", encoded(picture()))
    configure(tmp_path, source=".")
    with pytest.raises(SourceError, match="what this project writes"):
        ingest.main(tmp_path)


@pytest.mark.parametrize(
    ("content", "word"),
    [("data:\n  sorce: x\n", "sorce"), ("clutser: {}\n", "clutser"), ("cluster:\n  method: dbscan\n", "method")],
)
def test_a_slip_anywhere_in_params_is_found_first(project: Path, content: str, word: str) -> None:
    (project / "params.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(ParamsError, match=word):
        ingest.main(project)


def test_a_mistake_ends_with_our_message_and_no_traceback(tmp_path: Path) -> None:
    configure(tmp_path, source="gone")
    done = subprocess.run(
        [sys.executable, "-m", "stages.ingest"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(ingest.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("winnow: the folder of images is not there\n")
    assert "Traceback" not in done.stderr


def test_torch_is_not_imported() -> None:
    program = "import sys, stages.ingest; print(sorted({'torch', 'sklearn', 'cv2', 'transformers'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_kind_of_reason_reads_well_in_a_count() -> None:
    assert all(kind == kind.lower() and ":" not in kind for kind in pixels.KINDS)


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """A project whose source holds a photograph, a video, a broken one and an animation."""
    root, films = tmp_path / "project", tmp_path / "films"
    root.mkdir()
    put(films, "train/cat/1.jpg", encoded(picture(seed=1)))
    write_video(films / "train/cat/a.mp4", scene(1, 15))
    write_video(films / "train/dog/turn.gif", scene(2, 12))
    put(films, "train/dog/broken.webm", b"no video")
    configure(root, source=str(films))
    return root


def test_frames_are_items_with_a_time_and_their_folders_meaning(clips: Path) -> None:
    images = ingested(clips).reset_index().sort_values(["path", "frame"])
    told = images[["path", "frame", "timestamp_s", "label", "split", "status"]].astype(object)
    assert told.where(told.notna(), None).to_numpy().tolist() == [
        ["train/cat/1.jpg", None, None, "cat", "train", "ok"],
        ["train/cat/a.mp4", 0, 0.0, "cat", "train", "ok"],
        ["train/cat/a.mp4", 10, 1.0, "cat", "train", "ok"],
        ["train/dog/broken.webm", None, None, "dog", "train", "unreadable"],
        ["train/dog/turn.gif", None, None, "dog", "train", "ok"],
    ]
    frames = images[images["frame"].notna()]
    assert frames["item_id"].tolist() == [item_id("train/cat/a.mp4", 0), item_id("train/cat/a.mp4", 10)]
    assert frames["content_id"].nunique() == 2


def test_broken_videos_are_no_videos_that_frames_came_of(clips: Path, capsys: pytest.CaptureFixture) -> None:
    ingest.main(clips)
    assert "1 not: 1 not a video; 2 of them frames of 1 video)" in capsys.readouterr().out


def test_animations_are_videos_where_that_is_asked_for(clips: Path) -> None:
    configure(clips, source=str(clips.parent / "films"), animations="frames")
    images = ingested(clips).reset_index()
    assert images.loc[images["path"] == "train/dog/turn.gif", "frame"].tolist() == [0, 10]


def test_videos_can_be_left_out(clips: Path, capsys: pytest.CaptureFixture) -> None:
    configure(clips, source=str(clips.parent / "films"), videos="none")
    assert list(ingested(clips).index) == ["train/cat/1.jpg", "train/dog/turn.gif"]
    assert "2 other files skipped" in capsys.readouterr().out


def test_a_second_run_writes_the_same_bytes_with_videos(clips: Path) -> None:
    ingest.main(clips)
    first = (clips / IMAGES.path).read_bytes()
    ingest.main(clips)
    assert (clips / IMAGES.path).read_bytes() == first


def test_later_stages_open_the_kept_frames(clips: Path) -> None:
    """They must not look into the source for them: the video is decoded once."""
    images = ingested(clips).reset_index()
    (clips.parent / "films/train/cat/a.mp4").unlink()
    measure.main(clips)
    assert set(tables.read(QUALITY, clips)["item_id"]) == set(images.loc[images["status"] == "ok", "item_id"])
