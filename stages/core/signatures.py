"""What a file is, by its first bytes: for files that cannot be decoded, and must be told why."""

from __future__ import annotations

import re

DECODED = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "GIF": re.compile(rb"GIF8[79]a"),
    "WEBP": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "TIFF": re.compile(rb"II\*\x00|MM\x00\*|II\+\x00|MM\x00\+"),
    "BMP": re.compile(rb"BM.{4}\x00{4}", re.DOTALL),
    "AVIF": re.compile(rb"....ftypavi[fs]", re.DOTALL),
    "HEIF": re.compile(rb"....ftyp(hei[cxms]|hev[cx]|mif1|msf1)", re.DOTALL),
    "JPEG2000": re.compile(rb"\xff\x4f\xff\x51|\x00\x00\x00\x0cjP  "),
    "PPM": re.compile(rb"P[1-6]\s"),
    "ICO": re.compile(rb"\x00\x00\x01\x00[\x01-\xff]\x00"),
    "QOI": re.compile(rb"qoif"),
}
"""Formats that are decoded, by Pillow's name for them."""

RECOGNISED = {
    "camera raw": re.compile(
        rb"(II\*\x00|MM\x00\*)....CR|....ftypcrx|FUJIFILMCCD-RAW|IIR[OS]|MMOR|IIU\x00|FOVb|\x00MRM", re.DOTALL
    ),
    "SVG": re.compile(
        rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>)?(\s|<!--.*?-->|<!DOCTYPE[^>]*>)*<svg[\s>]", re.DOTALL | re.IGNORECASE
    ),
    "PDF": re.compile(rb"%PDF-"),
    "PostScript": re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"),
    "Photoshop": re.compile(rb"8BPS"),
    "JPEG XL": re.compile(rb"\xff\x0a|\x00\x00\x00\x0cJXL "),
    "OpenEXR": re.compile(rb"v/1\x01"),
    "Radiance HDR": re.compile(rb"#\?(RADIANCE|RGBE)"),
    "DDS": re.compile(rb"DDS "),
    "video": re.compile(rb"....ftyp(isom|mp4|avc|qt  |M4V|3gp)|\x1aE\xdf\xa3|RIFF....AVI ", re.DOTALL),
}
"""Formats that hold pictures, but are not decoded."""

WEB_PAGE = re.compile(
    rb"(\xef\xbb\xbf)?\s*(<!--.*?-->\s*)?<(!doctype html|html|head|body|script)", re.DOTALL | re.IGNORECASE
)
LFS_POINTER = re.compile(rb"version https://git-lfs\.github\.com/spec/")
PRINTED_BYTES = bytes([9, 10, 12, 13, *range(32, 127), *range(128, 256)])
LOOKED_AT = 4096


def decoded_format(data: bytes) -> str | None:
    """The decodable format that the first bytes announce, or None."""
    return _first_match(DECODED, data)


def recognised_format(data: bytes) -> str | None:
    """The picture format that the first bytes announce and that is not decoded, or None."""
    return _first_match(RECOGNISED, data)


def description(data: bytes) -> str:
    """In plain words, what a file that is no picture holds instead."""
    head = data[:LOOKED_AT]
    if WEB_PAGE.match(head):
        return "a web page"
    if LFS_POINTER.match(head):
        return "a Git LFS pointer; git lfs pull brings the picture"
    if not head.strip(b"\0"):
        return "zero bytes only"
    if not head.translate(None, PRINTED_BYTES):
        return "text"
    return "unknown bytes"


def _first_match(formats: dict[str, re.Pattern[bytes]], data: bytes) -> str | None:
    head = data[:LOOKED_AT]
    return next((name for name, pattern in formats.items() if pattern.match(head)), None)
