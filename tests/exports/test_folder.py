"""A folder is replaced whole, or not at all."""

import pytest

from stages.exports.folder import replace_folder, write_file


def files_below(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nothing_of_the_old_folder_stays(tmp_path):
    folder = tmp_path / "adhoc" / "page"
    replace_folder(folder, [("page.html", "old"), ("assets/old.css", b"x")])
    replace_folder(folder, iter([("page.html", "new")]))
    assert files_below(tmp_path) == {"adhoc/page/page.html": b"new"}


def test_the_old_folder_stays_where_making_the_new_one_fails(tmp_path):
    def breaks():
        yield "page.html", "new"
        raise RuntimeError("half way")

    folder = tmp_path / "page"
    replace_folder(folder, [("page.html", "old")])
    with pytest.raises(RuntimeError, match="half way"):
        replace_folder(folder, breaks())
    assert files_below(folder) == {"page.html": b"old"}


def test_what_an_interrupted_run_left_is_not_taken_along(tmp_path):
    write_file(tmp_path / ".page.partial" / "stray.js", "x")
    replace_folder(tmp_path / "page", [("page.html", "new")])
    assert files_below(tmp_path) == {"page/page.html": b"new"}


def test_text_that_utf_8_cannot_hold_is_written_nevertheless(tmp_path):
    write_file(tmp_path / "page.html", "caf\u00e9 \udcff")
    assert (tmp_path / "page.html").read_bytes() == "caf\u00e9 ?".encode()
