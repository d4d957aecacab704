"""What files are by their first bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.signatures import DECODED, RECOGNISED, decoded_format, description, recognised_format
from tests.encoded import encoded, picture


@pytest.mark.parametrize("name", DECODED)
def test_every_decoded_format_is_known_by_its_first_bytes(name: str) -> None:
    data = encoded(picture(32, 32), name)
    assert decoded_format(data) == name
    assert recognised_format(data) is None


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "SVG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- drawn by hand -->\n<!DOCTYPE svg>\n<svg>", "SVG"),
        (b"%PDF-1.4", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF", "PostScript"),
        (b"8BPS\0\1", "Photoshop"),
        (b"\xff\x0a\xfa", "JPEG XL"),
        (b"v/1\x01\2\0\0\0", "OpenEXR"),
        (b"#?RADIANCE\n", "Radiance HDR"),
        (b"DDS |", "DDS"),
        (b"\0\0\0\x20ftypisom", "video"),
        (b"\0\0\0\x18ftypcrx ", "camera raw"),
        (b"FUJIFILMCCD-RAW 0201", "camera raw"),
        (b"II*\0\x10\0\0\0CR\2\0", "camera raw"),
        (b"IIU\0\x18\0\0\0", "camera raw"),
    ],
)
def test_pictures_that_are_not_decoded_are_recognised(head: bytes, name: str) -> None:
    assert name in RECOGNISED
    assert recognised_format(head + bytes(100)) == name


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<html><body>not found</body></html>", "a web page"),
        (b"\n<!doctype HTML>", "a web page"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
            "a Git LFS pointer; git lfs pull brings the picture",
        ),
        ("Grüße\r\n".encode(), "text"),
        (bytes(99), "zero bytes only"),
        (b"\1\2\3", "unknown bytes"),
    ],
)
def test_other_files_are_described(data: bytes, words: str) -> None:
    assert description(data) == words
    assert decoded_format(data) is recognised_format(data) is None


@given(st.binary(max_size=100))
def test_any_bytes_have_a_description(data: bytes) -> None:
    assert description(data)
