"""From the bytes of an image file to upright RGB pixels, or to the reason why there are none.

`probe` reads the header only, `verify` finds out whether every pixel is there, and `decode` gives
the pixels. What cannot be used is an `ImageError` with a status and a reason of the form
``kind: detail``, where the kind is one of `KINDS`. All three may be called from many threads.
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pillow_heif
from PIL import Image, PngImagePlugin

from stages.contracts.errors import ImageError
from stages.contracts.vocabulary import Status
from stages.core import signatures, truncation
from stages.core.jpeg import decode_jpeg, is_whole, scale_for
from stages.core.rgb import to_rgb

VERIFIER = "2"
"""Version of what `verify` finds; a scan made by another one is not believed."""

MAX_PIXELS = 200_000_000
HUGE_PIXELS = 25_000_000
LARGEST_FACTOR = 32
KINDS = ("empty", "truncated", "damaged", "not an image", "unsupported", "too large")

SAYS_TRUNCATED = re.compile(
    "truncat|incomplete|not enough|end of file|premature|EOF|too short|unpack requires", re.IGNORECASE
)
SAYS_UNSUPPORTED = re.compile(
    "unknown pixel mode|unknown data organization|bit layers|compression|unsupported|not installed", re.IGNORECASE
)
ORIENTATION_TAG = 0x0112
DNG_VERSION_TAG, SUBFILE_TAG, SUB_IFDS_TAG = 50706, 254, 330
UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: a.transpose(1, 0, 2)[:, ::-1],
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: a.transpose(1, 0, 2)[::-1],
}
"""What makes an image of each EXIF orientation upright (EXIF 2.32, tag 0x0112)."""

# The header is held against the user's own limit before anything is decoded, so Pillow's fixed one
# and its warnings, which would land in the middle of the progress bar, are not wanted.
Image.MAX_IMAGE_PIXELS = None
# A megabyte of texts or colour profile, which some editors write, must not cost a good picture either.
PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY
warnings.filterwarnings("ignore", module=r"PIL\.")
logging.getLogger("PIL").addHandler(logging.NullHandler())
pillow_heif.register_heif_opener()
Image.init()
FORMATS = [name for name in ("DIB", *signatures.DECODED) if name in Image.OPEN]

_one_huge_image = threading.Lock()


@dataclass(frozen=True)
class Header:
    """What a file says of itself: Pillow's names of format and stored mode, and the upright size in pixels."""

    format: str
    mode: str
    width: int
    height: int


def probe(data: bytes, max_pixels: int = MAX_PIXELS) -> Header:
    """Read the header; no pixel is decoded.

    Raises
    ------
    ImageError : empty, not an image, not supported, or larger than `max_pixels`.
    """
    with _opened(data, max_pixels) as image:
        return _header(image)


def verify(data: bytes, max_pixels: int = MAX_PIXELS) -> Header:
    """Read the header and make sure that all pixels are there; a JPEG costs little more than its entropy decoding.

    Raises
    ------
    ImageError : as `probe`, and for files that are truncated or damaged.
    """
    header = probe(data, max_pixels)
    if header.format == "JPEG":
        _verify_jpeg(data, header, max_pixels)
        return header
    if header.format == "PNG" and (truncation.ends_early("PNG", data) or truncation.has_wrong_checksum(data)):
        raise _broken("PNG", data)
    decode(data, min_side=1, max_pixels=max_pixels)
    return header


def decode(data: bytes, min_side: int | None = None, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Decode to upright RGB; alpha is flattened on white, embedded colour profiles are not applied.

    Parameters
    ----------
    data : the whole file.
    min_side : where given, a JPEG is decoded at 1/2, 1/4 or 1/8, and any other image of more than
        `HUGE_PIXELS` is averaged by a whole number, as far as the shorter side stays at least this
        (pixels). The caller resizes the rest of the way.
    max_pixels : more than these are refused by the header alone.

    Returns
    -------
    (h, w, 3) uint8, C-contiguous.

    Raises
    ------
    ImageError : as `probe`, and for files that are truncated or damaged.
    """
    with _opened(data, max_pixels) as image:
        orientation = _orientation(image)
        pixels = _jpeg_pixels(data, image, min_side)
        if pixels is None:
            pixels = _pillow_pixels(data, image, min_side)
    return np.ascontiguousarray(UPRIGHT[orientation](pixels)) if orientation in UPRIGHT else pixels


def _jpeg_pixels(data: bytes, image: Image.Image, min_side: int | None) -> np.ndarray | None:
    """The pixels of an RGB or grey JPEG; None for all else."""
    if _name(image.format) != "JPEG" or image.mode not in ("RGB", "L"):
        return None
    scale = scale_for(*image.size, min_side)
    with _room_for(image.width * image.height // scale**2):
        return decode_jpeg(data, *image.size, scale)


def _pillow_pixels(data: bytes, image: Image.Image, min_side: int | None) -> np.ndarray:
    if min_side:
        image.draft(None, (min_side, min_side))
    with _room_for(image.width * image.height), _told_as_image_error(_name(image.format), data):
        announced = image.size
        image.load()
        if image.size != announced:  # a HEIF or ICO whose outer header is wrong
            raise ValueError("another size than announced")
        return to_rgb(image, _factor(image, min_side))


def _verify_jpeg(data: bytes, header: Header, max_pixels: int) -> None:
    with _room_for(header.width * header.height):
        known = is_whole(data, header.mode == "CMYK")
    if not known:
        decode(data, min_side=1, max_pixels=max_pixels)
    if truncation.lacks_scans(data):
        raise ImageError(Status.UNREADABLE, "truncated: the JPEG lacks its finer scans")


@contextlib.contextmanager
def _opened(data: bytes, max_pixels: int) -> Iterator[Image.Image]:
    """The image with its header read and found decodable."""
    if not data:
        raise ImageError(Status.EMPTY, "empty: the file has no bytes")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Exception as error:  # Pillow's plugins raise whatever their parsers come across
        raise _why_not_opened(data) from error
    with image:
        _check_size(image, max_pixels)
        _check_raw(image)
        yield image


def _check_size(image: Image.Image, max_pixels: int) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise ImageError(Status.UNREADABLE, "damaged: the header gives no size")
    if width * height > max_pixels:
        size = f"{width:,} × {height:,} pixels"
        raise ImageError(Status.TOO_LARGE, f"too large: {size} are more than data.max_pixels ({max_pixels:,})")


def _check_raw(image: Image.Image) -> None:
    """A camera's raw file is a TIFF whose first picture is a small preview; that one is not the image."""
    tags = getattr(image, "tag_v2", {})
    is_preview = SUB_IFDS_TAG in tags and tags.get(SUBFILE_TAG, 0) == 1
    if DNG_VERSION_TAG in tags or is_preview:
        raise _unsupported("camera raw")


def _why_not_opened(data: bytes) -> ImageError:
    name = signatures.recognised_format(data)
    if name:
        return _unsupported(name)
    name = signatures.decoded_format(data)
    if name is None:
        return ImageError(Status.UNREADABLE, f"not an image: it holds {signatures.description(data)}")
    cause = _cause(name, data)
    if SAYS_UNSUPPORTED.search(cause) and not truncation.ends_early(name, data):
        return _unsupported(f"this kind of {name} ({cause})")
    return _broken(name, data, cause)


def _cause(name: str, data: bytes) -> str:
    """What the format's own plugin says; `Image.open` keeps it to itself."""
    if name not in Image.OPEN:
        return "unsupported here, the codec is missing"
    try:
        Image.OPEN[name][0](io.BytesIO(data), "")
    except Exception as error:  # as in _opened
        return str(error) or type(error).__name__
    return "header"


def _unsupported(what: str) -> ImageError:
    return ImageError(Status.UNSUPPORTED, f"unsupported: {what} is not decoded")


def _broken(name: str, data: bytes, cause: str = "") -> ImageError:
    if truncation.ends_early(name, data) or SAYS_TRUNCATED.search(cause):
        return ImageError(Status.UNREADABLE, f"truncated: the {name} ends early")
    return ImageError(Status.UNREADABLE, f"damaged: the {name} cannot be decoded")


@contextlib.contextmanager
def _told_as_image_error(name: str, data: bytes) -> Iterator[None]:
    try:
        yield
    except MemoryError as error:
        raise ImageError(Status.TOO_LARGE, "too large: there is not enough memory to decode it") from error
    except Exception as error:  # as in _opened
        raise _broken(name, data, f"{type(error).__name__} {error}") from error


def _room_for(pixels: int) -> contextlib.AbstractContextManager:
    """Huge images are decoded one at a time, so that their number does not multiply the memory."""
    return _one_huge_image if pixels > HUGE_PIXELS else contextlib.nullcontext()


def _factor(image: Image.Image, min_side: int | None) -> int:
    width, height = image.size
    if not min_side or width * height <= HUGE_PIXELS:
        return 1
    return min(max(1, min(width, height) // min_side), LARGEST_FACTOR)


def _header(image: Image.Image) -> Header:
    width, height = image.size
    if _orientation(image) >= 5:
        width, height = height, width
    return Header(_name(image.format), image.mode, width, height)


def _name(plugin: str | None) -> str:
    """Pillow's name of a format, but a JPEG with more pictures behind the first is a JPEG."""
    return "JPEG" if plugin == "MPO" else plugin or "image"


def _orientation(image: Image.Image) -> int:
    if image.format == "TIFF":  # Pillow turns these itself
        return 1
    try:
        # Not image.getexif(): that of PNG decodes all pixels first.
        value = Image.Image.getexif(image).get(ORIENTATION_TAG, 1)
    except Exception:  # metadata that cannot be parsed must not cost a good picture
        return 1
    return value if value in UPRIGHT else 1
