"""What is broken, hostile or no image: a reason in words, and never a half picture."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from stages.contracts.errors import ImageError
from stages.contracts.vocabulary import Status
from stages.core import pixels
from stages.core.pixels import Header, decode, probe, verify
from tests.encoded import EVERY, encoded, picture

JPEGS = [{}, {"progressive": True}, {"restart_marker_blocks": 4}, {"subsampling": 0}]


def refusal(data: bytes, look: object = verify, **options: int) -> tuple[str, str]:
    """Status and kind of the reason."""
    with pytest.raises(ImageError) as caught:
        look(data, **options)
    kind = caught.value.reason.split(":")[0]
    assert kind in pixels.KINDS
    assert "\n" not in caught.value.reason
    return str(caught.value.status), kind


def answer(data: bytes) -> Header | str:
    """What `verify` says: a header, or the kind of its reason."""
    try:
        return verify(data, max_pixels=1_000_000)
    except ImageError as error:
        return pixels.KINDS[pixels.KINDS.index(error.reason.split(":")[0])]


def claims(width: int, height: int) -> bytes:
    """A tiny PNG whose header claims a size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("format", "options"), EVERY)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_what_is_cut_off_is_never_fine(format: str, options: dict, share: float) -> None:
    data = encoded(picture(), format, **options)
    assert refusal(data[: int(len(data) * share)]) == ("unreadable", "truncated")


@pytest.mark.parametrize("options", JPEGS)
@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_a_jpeg_whose_scan_ends_early_but_has_its_end_marker(options: dict, share: float) -> None:
    data = encoded(picture(), **options)
    cut = data[: int(len(data) * share)] + b"\xff\xd9"
    Image.open(io.BytesIO(cut)).load()  # Pillow sees nothing wrong with it
    status, kind = refusal(cut)
    assert status == "unreadable"
    assert kind in ("truncated", "damaged")


def test_a_cmyk_jpeg_whose_scan_ends_early() -> None:
    data = encoded(Image.fromarray(picture()).convert("CMYK"))
    assert verify(data).mode == "CMYK"
    assert refusal(data[: len(data) // 2] + b"\xff\xd9") == ("unreadable", "truncated")


@pytest.mark.parametrize("options", JPEGS)
def test_a_jpeg_with_a_hole_in_it(options: dict) -> None:
    data = encoded(picture(), quality=95, **options)
    middle = len(data) // 2
    assert refusal(data[:middle] + data[middle + 600 :])[0] == "unreadable"


def test_some_bytes_behind_the_scan_or_the_file_do_no_harm() -> None:
    data = encoded(picture(400, 300))
    assert verify(data[:-2] + bytes(16) + b"\xff\xd9") == verify(data + b"appended" * 99) == verify(data)
    assert np.array_equal(decode(data[:-2] + bytes(16) + b"\xff\xd9"), decode(data))


@pytest.mark.parametrize(("format", "kind"), [("PNG", "damaged"), ("GIF", "truncated")])
def test_wrong_bytes_in_the_middle(format: str, kind: str) -> None:
    data = bytearray(encoded(picture(), format))
    data[len(data) // 2 : len(data) // 2 + 64] = bytes(64)
    assert refusal(bytes(data)) == ("unreadable", kind)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L"])
def test_a_single_wrong_bit_in_the_pixels_of_a_png(mode: str) -> None:
    data = bytearray(encoded(Image.fromarray(picture()).convert(mode), "PNG"))
    data[-30] ^= 1
    assert refusal(bytes(data)) == ("unreadable", "damaged")


def test_a_jpeg_of_which_only_the_header_is_left() -> None:
    data = encoded(picture())
    assert {refusal(data[:end]) for end in (4, 20, 100, 300, 620)} == {("unreadable", "truncated")}


def test_a_heif_that_is_of_another_size_than_it_says() -> None:
    data = encoded(picture(), "HEIF")
    at = data.index(b"ispe") + 8
    assert struct.unpack_from(">II", data, at) in ((120, 90), (128, 96))
    assert refusal(data[:at] + struct.pack(">II", 120, 333) + data[at + 8 :])[0] == "unreadable"


def test_a_file_of_no_bytes() -> None:
    assert refusal(b"") == refusal(b"", decode) == ("empty", "empty")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!DOCTYPE html><html><title>404</title></html>", "a web page"),
        (b"not an image\n", "text"),
        (bytes(5000), "zero bytes only"),
        (np.random.default_rng(0).bytes(2000), "unknown bytes"),
    ],
)
def test_what_is_no_image_is_named(data: bytes, words: str) -> None:
    with pytest.raises(ImageError, match=f"not an image: it holds {words}") as caught:
        verify(data)
    assert caught.value.status == Status.UNREADABLE


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"8BPS\0\1", "Photoshop"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1", "camera raw"),
        (b"II*\0\x10\0\0\0CR\2\0", "camera raw"),
    ],
)
def test_pictures_that_are_not_decoded_are_unsupported(data: bytes, name: str) -> None:
    with pytest.raises(ImageError, match=f"unsupported: {name}") as caught:
        verify(data)
    assert caught.value.status == Status.UNSUPPORTED


def test_the_preview_in_a_camera_raw_file_is_not_the_image() -> None:
    data = encoded(picture(), "TIFF", tiffinfo={50706: bytes([1, 4, 0, 0])})
    assert refusal(data) == ("unsupported", "unsupported")


def test_a_kind_of_tiff_that_pillow_does_not_know_is_unsupported() -> None:
    data = bytearray(encoded(Image.fromarray(picture()[..., 0]), "TIFF"))
    at = struct.unpack_from("<I", data, 4)[0]
    for entry in range(at + 2, at + 2 + 12 * struct.unpack_from("<H", data, at)[0], 12):
        if struct.unpack_from("<H", data, entry)[0] == 258:  # bits per sample
            struct.pack_into("<H", data, entry + 8, 23)
    assert refusal(bytes(data)) == ("unsupported", "unsupported")


@pytest.mark.parametrize("look", [probe, verify, decode])
def test_a_hostile_header_is_refused_before_anything_is_decoded(look: object) -> None:
    assert refusal(claims(50_000, 50_000), look) == ("too_large", "too large")


def test_the_limit_is_the_users() -> None:
    data = encoded(picture(120, 90))
    assert verify(data, max_pixels=120 * 90)
    assert refusal(data, max_pixels=120 * 90 - 1) == ("too_large", "too large")


@given(st.sampled_from(EVERY), st.integers(0, 10**6), st.binary(min_size=1, max_size=40), st.booleans())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_happens_to_a_file_the_answer_is_a_header_or_a_reason(
    file: tuple[str, dict], place: int, wrong: bytes, cut: bool
) -> None:
    data = encoded(picture(40, 30), file[0], **file[1])
    at = place % len(data)
    data = data[:at] + wrong + (b"" if cut else data[at + len(wrong) :])
    header = answer(data)
    if isinstance(header, Header):
        assert decode(data, max_pixels=1_000_000).shape == (header.height, header.width, 3)


@given(st.binary(max_size=300))
def test_any_bytes_have_an_answer(data: bytes) -> None:
    assert isinstance(answer(data), str)
