"""Which files of a folder are looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stages.contracts.errors import SourceError
from stages.sources import folder
from stages.sources.folder import folder_of, holds_images, is_image_name, walk


def make(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    return root


def paths(source: Path) -> list[str]:
    return [file.path for file in walk(source).files]


def test_images_are_listed_sorted_by_path(tmp_path: Path) -> None:
    make(tmp_path, "b/2.png", "a.jpg", "b/1.JPG", "a/z.webp", "a-b/c.tif")
    assert paths(tmp_path) == ["a-b/c.tif", "a.jpg", "a/z.webp", "b/1.JPG", "b/2.png"]


def test_a_file_is_known_by_size_time_and_inode(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg")
    os.utime(tmp_path / "a.jpg", ns=(1, 1_234_567_890_123_456_789))
    file = walk(tmp_path).files[0]
    status = (tmp_path / "a.jpg").stat()
    assert (file.bytes, file.mtime_ns, file.inode) == (5, 1_234_567_890_123_456_789, status.st_ino)


def test_other_files_are_counted_by_extension(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "notes.TXT", "b/more.txt", "README", "movie.mp4", "song.mp3", "jpg")
    found = walk(tmp_path)
    assert len(found.files) == 1
    assert found.others == {".txt": 2, "(none)": 2, ".mp3": 1}
    assert [video.path for video in found.videos] == ["movie.mp4"]


def test_hidden_files_and_folders_are_counted_and_not_entered(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", ".a.jpg", "._a.jpg", ".git/a.jpg", ".git/b.jpg", "b/.DS_Store")
    found = walk(tmp_path)
    assert [file.path for file in found.files] == ["a.jpg"]
    assert found.hidden == 4
    assert not found.others


def test_an_empty_folder(tmp_path: Path) -> None:
    assert walk(tmp_path).files == []


@pytest.mark.parametrize("name", ["x.svg", "x.nef", "x.CR3", "x.psd", "x.jxl"])
def test_pictures_that_cannot_be_decoded_are_rows_all_the_same(name: str) -> None:
    assert is_image_name(name)


@pytest.mark.parametrize("name", ["x", "x.jpg.txt", "jpg", "x.json", "x.mp4", "x.zip"])
def test_other_names_are_not_images(name: str) -> None:
    assert not is_image_name(name)


@pytest.mark.parametrize(
    "name", ["new\nline.jpg", 'a "b".jpg', "c'd.jpg", " e .jpg", "é—漢.jpg", "f,g;h.jpg", "%00.jpg"]
)
def test_odd_names_are_names(tmp_path: Path, name: str) -> None:
    assert paths(make(tmp_path, name)) == [name]


def test_a_name_that_is_not_utf8_comes_through(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9.jpg"
    try:
        Path(os.fsdecode(raw)).write_bytes(b"1")
    except OSError:
        pytest.skip("this file system holds UTF-8 names only")
    assert os.fsencode(paths(tmp_path)[0]) == b"caf\xe9.jpg"


def test_links_to_files_are_followed(tmp_path: Path) -> None:
    make(tmp_path, "real/a.jpg", "source/b.jpg")
    (tmp_path / "source/a.jpg").symlink_to(tmp_path / "real/a.jpg")
    assert paths(tmp_path / "source") == ["a.jpg", "b.jpg"]


def test_links_to_folders_are_followed(tmp_path: Path) -> None:
    make(tmp_path, "real/cat/a.jpg", "source/b.jpg")
    (tmp_path / "source/linked").symlink_to(tmp_path / "real")
    assert paths(tmp_path / "source") == ["b.jpg", "linked/cat/a.jpg"]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    make(tmp_path, "a/1.jpg", "b/2.jpg")
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "a/other").symlink_to(tmp_path / "b")
    (tmp_path / "b/other").symlink_to(tmp_path / "a")
    (tmp_path / "itself").symlink_to(tmp_path / "itself")
    assert paths(tmp_path) == ["a/1.jpg", "b/2.jpg"]


def test_a_folder_linked_twice_is_listed_once_under_its_first_name(tmp_path: Path) -> None:
    make(tmp_path, "real/1.jpg")
    source = tmp_path / "source"
    source.mkdir()
    for name in ("z", "b", "m"):
        (source / name).symlink_to(tmp_path / "real")
    assert paths(source) == ["b/1.jpg"]


def test_a_folder_keeps_its_own_name_before_any_link_to_it(tmp_path: Path) -> None:
    make(tmp_path, "z/1.jpg")
    (tmp_path / "a").symlink_to(tmp_path / "z")
    assert paths(tmp_path) == ["z/1.jpg"]


def test_a_link_that_leads_nowhere_is_listed_without_size(tmp_path: Path) -> None:
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert [(file.path, file.bytes) for file in walk(tmp_path).files] == [("gone.jpg", None)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    found = walk(tmp_path)
    assert not found.files
    assert found.others == {"(not a file)": 1}


def test_a_folder_that_may_not_be_listed_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.jpg", "closed/b.jpg")
    real = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(folder.os, "scandir", scandir)
    found = walk(tmp_path)
    assert [file.path for file in found.files] == ["a.jpg"]
    assert found.closed == 1
    monkeypatch.setattr(folder.os, "scandir", lambda path: scandir(Path("closed")))
    with pytest.raises(SourceError, match="cannot be listed"):
        walk(tmp_path)


def test_images_behind_links_are_found_before_a_run_too(tmp_path: Path) -> None:
    make(tmp_path, "elsewhere/cat/1.jpg", "source/notes.txt")
    source = tmp_path / "source"
    (source / "loop").symlink_to(source)
    (source / "dead.jpg").symlink_to("nowhere")
    assert not holds_images(source)
    (source / "cat").symlink_to(tmp_path / "elsewhere/cat")
    assert holds_images(source)
    assert paths(source) == ["cat/1.jpg", "dead.jpg"]


@pytest.mark.parametrize("names", [[], [".a.jpg"], [".trash/a.jpg"], ["a.jpg/notes.txt"], ["b.txt"]])
def test_what_a_run_would_refuse_holds_no_images(tmp_path: Path, names: list[str]) -> None:
    assert not holds_images(make(tmp_path, *names))


def test_a_source_that_may_not_be_listed_is_not_called_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(folder.os, "scandir", refuse)
    with pytest.raises(SourceError, match="cannot be listed"):
        holds_images(tmp_path)


def test_a_source_is_relative_to_the_project(tmp_path: Path) -> None:
    make(tmp_path, "project/photos/a.jpg")
    assert folder_of("photos", tmp_path / "project") == tmp_path / "project/photos"
    assert folder_of(str(tmp_path / "project/photos"), Path("elsewhere")) == tmp_path / "project/photos"


def test_a_tilde_is_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "photos/a.jpg")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert folder_of("~/photos") == tmp_path / "photos"
    with pytest.raises(SourceError, match="not there"):
        folder_of("~nobody-of-this-name/photos")


@pytest.mark.parametrize("source", ["gone", "/no/such/folder", ""])
def test_a_missing_source_says_what_to_do(tmp_path: Path, source: str) -> None:
    with pytest.raises(SourceError) as caught:
        folder_of(source or "none", tmp_path)
    assert "not there" in caught.value.what
    assert caught.value.do == "winnow use FOLDER"


def test_a_missing_demo_is_made(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        folder_of("data/demo", tmp_path)
    assert caught.value.do == "dvc repro data/dvc.yaml"


@pytest.mark.parametrize("source", ["s3://bucket/photos", "https://example.org/a.zip", "hf://datasets/cats"])
def test_an_address_is_refused(source: str) -> None:
    with pytest.raises(SourceError, match="an address") as caught:
        folder_of(source)
    assert caught.value.got == source


def test_a_file_is_refused(tmp_path: Path) -> None:
    make(tmp_path, "photos.zip")
    with pytest.raises(SourceError, match="is a file"):
        folder_of("photos.zip", tmp_path)


@pytest.mark.parametrize(
    "source", [".", "..", "data", "data/../data", "reports", "reports/assets", "data/thumbnails", "/"]
)
def test_a_source_that_holds_our_outputs_is_refused(tmp_path: Path, source: str) -> None:
    project = tmp_path / "project"
    for name in ("data/thumbnails", "reports/assets"):
        (project / name).mkdir(parents=True)
    with pytest.raises(SourceError, match="what this project writes"):
        folder_of(source, project)


def test_a_link_to_our_outputs_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "project/data").mkdir(parents=True)
    (tmp_path / "photos").symlink_to(tmp_path / "project")
    with pytest.raises(SourceError, match="what this project writes"):
        folder_of(str(tmp_path / "photos"), tmp_path / "project")


@pytest.mark.parametrize("source", ["data/demo", "data/raw", "photos", "database"])
def test_other_folders_of_the_project_are_fine(tmp_path: Path, source: str) -> None:
    (tmp_path / source).mkdir(parents=True)
    assert folder_of(source, tmp_path) == tmp_path / source
