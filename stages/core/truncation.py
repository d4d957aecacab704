"""Whether a file ends before it should, by what its own structure announces. No pixel is decoded.

Decoders tell a file that was cut off from one with wrong bytes in it only now and then, or not at all.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator

FOLLOWING_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd9-\xfe]")
COEFFICIENTS = 64
SHORT, LONG = 3, 4
TIFF_WIDTHS = {SHORT: 2, LONG: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
"""Bytes per value of a TIFF directory entry, by its type; all others take one."""
SEQUENTIAL, PROGRESSIVE, SCAN, END = (0xC0, 0xC1, 0xC3, 0xC9), 0xC2, 0xDA, 0xD9


def ends_early(name: str, data: bytes) -> bool:
    """Whether a file of format `name` announces more bytes than it has; False where that cannot be seen."""
    check = CHECKS.get(name)
    try:
        return check is not None and check(data)
    except IndexError:  # the announcement itself is cut off
        return True


def has_wrong_checksum(data: bytes) -> bool:
    """Whether the pixels of a PNG do not match their checksums, which Pillow does not look at on loading."""
    view = memoryview(data)
    return any(
        kind == b"IDAT" and zlib.crc32(view[start - 4 : end]) != _number(data, end, 4)
        for kind, start, end in _png_chunks(data)
        if end + 4 <= len(data)
    )


def lacks_scans(data: bytes) -> bool:
    """Whether a progressive JPEG stops short of its full precision.

    Such a file has an end marker and decodes without a warning, to a coarse picture. Each scan brings
    some coefficients of some components down to bit `Al` (ITU-T T.81, G.1.1.1); all have to come to 0.
    """
    bits: dict[tuple[int, int], int] = {}
    for marker, at in _jpeg_segments(data):
        if marker in SEQUENTIAL:
            return False
        if marker == PROGRESSIVE:
            count = data[at + 7]
            bits = {(data[at + 8 + 3 * i], k): 99 for i in range(count) for k in range(COEFFICIENTS)}
        elif marker == SCAN:
            count = data[at + 2]
            first, last, low = data[at + 3 + 2 * count], data[at + 4 + 2 * count], data[at + 5 + 2 * count] & 15
            bits.update({(data[at + 3 + 2 * i], k): low for i in range(count) for k in range(first, last + 1)})
    return any(bits.values())


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Marker and place of the length field of each segment of the first image; its end marker comes last."""
    at = 2
    while found := FOLLOWING_MARKER.search(data, at):
        at = found.end()
        yield data[at - 1], at
        if data[at - 1] == END:
            return
        at += _number(data, at, 2)


def _jpeg(data: bytes) -> bool:
    markers = [marker for marker, _ in _jpeg_segments(data)]
    return markers[-1:] != [END]


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each chunk's content, up to the last chunk or the end of the file."""
    at, kind = 8, b""
    while kind != b"IEND" and at < len(data):
        kind, start = data[at + 4 : at + 8], at + 8
        at = start + _number(data, at, 4) + 4
        yield kind, start, at - 4


def _png(data: bytes) -> bool:
    kind, _, end = list(_png_chunks(data))[-1]
    return kind != b"IEND" or end + 4 > len(data)


def _webp(data: bytes) -> bool:
    return 8 + int.from_bytes(data[4:8], "little") > len(data)


def _boxes(data: bytes) -> bool:
    """ISO base media file format: AVIF and HEIF. Pixels are in `mdat`, or in `idat` within `meta`."""
    at, kinds = 0, set()
    while at < len(data):
        size = _number(data, at, 4)
        kinds.add(data[at + 4 : at + 8])
        if size == 1:
            size = _number(data, at + 8, 8)
        if size < 8:  # 0: up to the end of the file
            return False
        at += size
    return at > len(data) or (b"mdat" not in kinds and b"idat" not in data)


def _tiff(data: bytes) -> bool:
    """Whether the first directory, or a strip or tile it points to, reaches beyond the end."""
    if data[2:4] in (b"+\0", b"\0+"):  # BigTIFF is laid out otherwise
        return False
    order = "little" if data[:2] == b"II" else "big"
    at = _number(data, 4, 4, order)
    entries = range(at + 2, at + 2 + 12 * _number(data, at, 2, order), 12)
    if entries.stop > len(data):
        return True
    values = {_number(data, entry, 2, order): _tiff_values(data, entry, order) for entry in entries}
    ends = [
        offset + size
        for places, sizes in ((273, 279), (324, 325))
        for offset, size in zip(values.get(places, []), values.get(sizes, []), strict=False)
    ]
    return max(ends, default=0) > len(data)


def _tiff_values(data: bytes, entry: int, order: str) -> list[int]:
    """The numbers of a directory entry, if it is of whole ones."""
    kind, count = _number(data, entry + 2, 2, order), _number(data, entry + 4, 4, order)
    width = TIFF_WIDTHS.get(kind, 1)
    start = entry + 8 if count * width <= 4 else _number(data, entry + 8, 4, order)
    if start + count * width > len(data):
        raise IndexError
    return [_number(data, start + width * i, width, order) for i in range(count if kind in (SHORT, LONG) else 0)]


def _jpeg2000(data: bytes) -> bool:
    return not data.rstrip(b"\0").endswith(b"\xff\xd9")


def _number(data: bytes, at: int, width: int, order: str = "big") -> int:
    if at + width > len(data):
        raise IndexError
    return int.from_bytes(data[at : at + width], order)  # type: ignore[arg-type]


CHECKS: dict[str, Callable[[bytes], bool]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WEBP": _webp,
    "AVIF": _boxes,
    "HEIF": _boxes,
    "TIFF": _tiff,
    "JPEG2000": _jpeg2000,
}
