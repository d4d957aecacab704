"""From bytes to upright RGB, or to a reason in words."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps, PngImagePlugin

from stages.core import pixels
from stages.core.pixels import Header, decode, probe, verify
from tests.encoded import EVERY, LOSSLESS, LOSSY, encoded, picture

MODES = [
    *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGBA", "I;16")),
    *(("TIFF", mode) for mode in ("1", "L", "RGBA", "CMYK", "LAB", "I;16", "I", "F")),
    *(("JPEG", mode) for mode in ("L", "CMYK")),
    ("GIF", "P"),
    ("WEBP", "RGBA"),
    ("JPEG2000", "I;16"),
]


def smooth() -> np.ndarray:
    """(90, 120, 3), without noise, so that lossy formats stay near."""
    rows, columns = np.mgrid[:90, :120]
    return np.stack([rows * 2, columns * 2, rows + columns], axis=-1).astype(np.uint8)


@pytest.mark.parametrize(("format", "options"), LOSSLESS.items())
def test_lossless_formats_give_the_very_pixels(format: str, options: dict) -> None:
    assert np.array_equal(decode(encoded(picture(), format, **options)), picture())


@pytest.mark.parametrize(("format", "options"), LOSSY.items())
def test_lossy_formats_give_nearly_the_pixels(format: str, options: dict) -> None:
    found = decode(encoded(smooth(), format, **options))
    assert np.abs(found.astype(int) - smooth()).mean() < 6


@pytest.mark.parametrize(("format", "options"), EVERY)
def test_the_header_is_known_without_decoding(format: str, options: dict) -> None:
    data = encoded(picture(), format, **options)
    assert probe(data) == verify(data) == Header(format, "P" if format == "GIF" else "RGB", 120, 90)


def test_the_format_is_what_the_bytes_say() -> None:
    assert probe(encoded(picture(), "PNG")).format == "PNG"  # whatever the file's name is


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_is_applied(format: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"WEBP": {"lossless": True}}.get(format, {})
    data = encoded(smooth(), format, exif=exif, **options)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    found = decode(data)
    assert np.array_equal(found, expected)
    assert found.flags.c_contiguous
    assert (probe(data).height, probe(data).width) == found.shape[:2]


def test_heif_is_turned_once() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(smooth(), "HEIF", exif=exif.tobytes(), quality=95)
    expected = np.rot90(smooth(), -1)
    assert (probe(data).width, probe(data).height) == (90, 120)
    assert np.abs(decode(data).astype(int) - expected).mean() < 6


@pytest.mark.parametrize("value", [0, 9, 60_000])
def test_an_orientation_that_means_nothing_is_upright(value: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = value
    assert decode(encoded(picture(), exif=exif)).shape == (90, 120, 3)


def test_metadata_that_cannot_be_parsed_does_not_cost_the_picture() -> None:
    data = encoded(picture(), exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(40))
    assert verify(data).width == 120
    assert np.array_equal(decode(data), decode(encoded(picture())))


@pytest.mark.parametrize("format", ["GIF", "TIFF", "WEBP", "PNG"])
def test_of_several_frames_the_first_is_taken(format: str) -> None:
    frames = [Image.new("RGB", (40, 30), color) for color in ("red", "blue", "lime")]
    data = encoded(frames[0], format, save_all=True, append_images=frames[1:])
    assert np.abs(decode(data).reshape(-1, 3).astype(int) - [255, 0, 0]).max() < 4
    assert verify(data).format == format


@pytest.mark.parametrize("chunk", ["text", "profile"])
def test_a_png_with_megabytes_of_metadata_is_whole(chunk: str) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", "x" * 2_000_000, zip=True)
    options = {"pnginfo": texts} if chunk == "text" else {"icc_profile": bytes(2_000_000)}
    data = encoded(picture(), "PNG", **options)
    assert verify(data).format == "PNG"
    np.testing.assert_array_equal(decode(data), np.asarray(picture()))


def test_a_jpeg_with_more_pictures_behind_it_is_a_jpeg() -> None:
    first, second = Image.fromarray(picture()), Image.fromarray(picture(seed=1))
    data = encoded(first, "MPO", save_all=True, append_images=[second])
    assert verify(data).format == "JPEG"
    assert np.array_equal(decode(data), decode(encoded(first)))


@pytest.mark.parametrize(("format", "mode"), MODES)
def test_every_mode_that_files_have_becomes_rgb(format: str, mode: str) -> None:
    image = Image.fromarray(picture())
    image = Image.new("LAB", image.size, (130, 128, 128)) if mode == "LAB" else _as(image, mode)
    if mode == "RGBA":
        image.putalpha(99)
    data = encoded(image, format)
    assert verify(data).mode == mode
    assert decode(data).shape == (90, 120, 3)
    assert decode(data).dtype == np.uint8


def test_a_cmyk_jpeg_is_not_inverted() -> None:
    found = decode(encoded(Image.fromarray(smooth()).convert("CMYK"), quality=95))
    assert np.abs(found.astype(int) - smooth()).mean() < 6


def test_a_grey_sixteen_bit_png_is_as_bright_as_its_eight_bit_twin() -> None:
    grey = picture()[..., 0]
    deep = Image.frombytes("I;16", grey.shape[::-1], (grey.astype("<u2") * 257).tobytes())
    assert np.array_equal(decode(encoded(deep, "PNG")), decode(encoded(Image.fromarray(grey), "PNG")))


def test_a_sixteen_bit_negative_is_turned_round() -> None:
    grey = picture()[..., 0]
    deep = Image.frombytes("I;16", grey.shape[::-1], ((255 - grey).astype("<u2") * 257).tobytes())
    data = bytearray(encoded(deep, "TIFF"))
    at = data.find(struct.pack("<HHIH", 262, 3, 1, 1))
    struct.pack_into("<H", data, at + 8, 0)  # white is zero
    assert np.array_equal(decode(bytes(data))[..., 0], grey)


@given(st.integers(80, 700), st.integers(80, 700), st.integers(10, 300))
@settings(max_examples=30, deadline=None)
def test_a_reduced_jpeg_is_never_smaller_than_asked(width: int, height: int, min_side: int) -> None:
    found = decode(encoded(picture(width, height)), min_side)
    assert min(found.shape[:2]) >= min(min_side, width, height)
    scale = max(scale for scale in (1, 2, 4, 8) if -(-height // scale) == found.shape[0])
    assert scale == 8 or min(width, height) < 2 * scale * min_side  # and no larger than need be
    assert found.shape[:2] == (-(-height // scale), -(-width // scale))


def test_a_reduced_jpeg_shows_the_same() -> None:
    data = encoded(picture(800, 600))
    small = decode(data, 150)
    assert small.shape == (150, 200, 3)
    means = decode(data).reshape(150, 4, 200, 4, 3).mean(axis=(1, 3))
    assert np.abs(small - means).mean() < 4


def test_a_reduced_jpeg_is_upright_too() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode(encoded(picture(800, 600), exif=exif), 150).shape == (200, 150, 3)


def test_small_images_of_other_formats_are_left_whole() -> None:
    assert decode(encoded(picture(), "PNG"), 10).shape == (90, 120, 3)


def test_huge_images_of_other_formats_are_averaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "HUGE_PIXELS", 10_000)
    found = decode(encoded(picture(300, 200), "PNG"), 50)
    assert found.shape == (50, 75, 3)
    assert np.abs(found - picture(300, 200).reshape(50, 4, 75, 4, 3).mean(axis=(1, 3))).max() <= 0.5


def test_many_threads_get_what_one_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "HUGE_PIXELS", 10_000)  # so that the lock is taken, too
    files = [encoded(picture(seed=seed), format, **options) for seed in range(3) for format, options in EVERY]
    alone = [decode(data) for data in files]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(decode, files * 4))
    assert all(np.array_equal(found, alone[i % len(alone)]) for i, found in enumerate(together))


def test_nothing_is_printed_about_broken_files() -> None:
    program = """
import struct
from stages.contracts.errors import ImageError
from stages.core.pixels import verify
from stages.sources.quiet import hush_libtiff
from tests.encoded import EVERY, LOSSLESS, LOSSY, encoded, picture
hush_libtiff()
files = [encoded(picture(), "TIFF", compression=c) for c in ("tiff_lzw", "jpeg", "tiff_adobe_deflate", "raw")]
samples = bytearray(files[-1])
samples[samples.find(struct.pack("<HHIH", 277, 3, 1, 3)) + 8] = 99
files.append(bytes(samples))
files += [encoded(picture(), f) for f in ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF", "JPEG2000", "BMP")]
seen = 0
for data in files:
    middle = len(data) // 2
    for broken in (data, data[:middle], data[:middle] + bytes(200) + data[middle + 200 :], data[: len(data) - 60]):
        try:
            verify(broken)
        except ImageError:
            seen += 1
print(seen)
"""
    done = subprocess.run([sys.executable, "-W", "default", "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 24
    assert done.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is read from the resource module")
def test_a_huge_png_costs_bounded_memory() -> None:
    program = """
import io, resource, sys
from PIL import Image
from stages.core.pixels import decode
file = io.BytesIO()
Image.new("1", (10_000, 10_000)).save(file, "PNG")
image = Image.open(file)
data = file.getvalue()
del image, file
unit = 1 if sys.platform == "darwin" else 1024
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
small = decode(data, 300)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
print(small.shape[0], (peak - before) // 2**20)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    side, mebibytes = map(int, done.stdout.split())
    assert side == 313  # averaged by 32
    assert mebibytes < 250


def _as(image: Image.Image, mode: str) -> Image.Image:
    if mode == "I;16":
        return Image.frombytes(mode, image.size, (np.asarray(image.convert("L")).astype("<u2") * 257).tobytes())
    return image.convert(mode)
