"""What a file's own structure says of its end."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from stages.core.truncation import CHECKS, ends_early, has_wrong_checksum, lacks_scans
from tests.encoded import encoded, picture

FILES = {name: encoded(picture(40, 30), name) for name in CHECKS}
STRIPS = encoded(picture(400, 300), "TIFF", compression="tiff_lzw", tiffinfo={278: 16})


@pytest.mark.parametrize("name", FILES)
def test_a_whole_file_does_not_end_early(name: str) -> None:
    assert not ends_early(name, FILES[name])


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("missing", [1, 5, 100, 300])
def test_a_file_without_its_end_does(name: str, missing: int) -> None:
    assert ends_early(name, FILES[name][:-missing])


@given(st.sampled_from(sorted(FILES)), st.integers(8, 10_000))
def test_wherever_it_is_cut(name: str, at: int) -> None:
    data = FILES[name]
    assert ends_early(name, data[:at]) or at >= len(data)


def test_a_tiff_of_many_strips() -> None:
    assert not ends_early("TIFF", STRIPS)
    assert ends_early("TIFF", STRIPS[: len(STRIPS) // 2])


def test_a_big_tiff_is_not_judged() -> None:
    data = encoded(picture(), "TIFF", big_tiff=True)
    assert data[2:4] == b"+\0"
    assert not ends_early("TIFF", data[:50])


def test_a_format_without_a_check_is_not_judged() -> None:
    assert not ends_early("BMP", b"BM")


def test_the_end_of_the_thumbnail_is_not_the_end_of_the_jpeg() -> None:
    thumbnail = encoded(picture(16, 12))
    data = encoded(picture(), exif=b"Exif\0\0II*\0\x08\0\0\0\0\0" + thumbnail)
    assert thumbnail in data
    assert not ends_early("JPEG", data)
    assert ends_early("JPEG", data[: len(data) // 2])


@given(st.sampled_from(sorted(CHECKS)), st.binary(max_size=200))
def test_any_bytes_have_an_answer(name: str, data: bytes) -> None:
    assert ends_early(name, data) in (True, False)


def test_checksums_are_those_of_the_pixels() -> None:
    data = encoded(picture(), "PNG")
    assert not has_wrong_checksum(data)
    middle = len(data) // 2
    assert has_wrong_checksum(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])


def test_wrong_checksums_of_comments_do_not_matter() -> None:
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("comment", "taken in spring")
    data = encoded(picture(), "PNG", pnginfo=words)
    assert not has_wrong_checksum(data.replace(b"spring", b"winter"))


def test_a_progressive_jpeg_needs_all_its_scans() -> None:
    data = encoded(picture(), progressive=True)
    scans = [found.start() for found in re.finditer(rb"\xff\xda", data)]
    assert len(scans) > 3
    assert not lacks_scans(data)
    assert all(lacks_scans(data[:start] + b"\xff\xd9") for start in scans[1:])


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_progressive_jpegs_of_other_modes(mode: str) -> None:
    assert not lacks_scans(encoded(Image.fromarray(picture()).convert(mode), progressive=True))


def test_a_sequential_jpeg_lacks_no_scan() -> None:
    data = encoded(picture())
    assert not lacks_scans(data)
    assert not lacks_scans(data[: len(data) // 2])
