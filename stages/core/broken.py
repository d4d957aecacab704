"""Files that cannot be read as pictures, as they turn up in real folders."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from stages.core.demo_planting import Picture, encode

HOSTILE_SIDE = 50_000


def broken_files(pixels: np.ndarray, rng: np.random.Generator) -> list[tuple[str, bytes, str]]:
    """(suffix, bytes, detail) of each; `pixels` (h, w, 3) uint8 is the picture that some of them once were."""
    jpeg, png = encode(Picture(pixels)), encode(Picture(pixels, suffix=".png"))
    webp = encode(Picture(pixels, suffix=".webp"))
    return [
        *((".jpg", *truncated(jpeg, rng)) for _ in range(4)),
        (".png", *truncated(png, rng)),
        (".webp", *truncated(webp, rng)),
        (".png", *corrupted(png, rng)),
        (".jpg", b"", "no bytes"),
        (".png", b"", "no bytes"),
        (".jpg", b"This is not a picture, whatever its name says.\n", "text"),
        (".jpg", b"<!DOCTYPE html><title>404 Not Found</title>\n", "web page saved as a picture"),
        (".jpg", jpeg[:20], "header only"),
        (".jpg", rng.bytes(2_000), "random bytes"),
        (".png", hostile(), f"header that claims {HOSTILE_SIDE} x {HOSTILE_SIDE} pixels"),
    ]


def truncated(data: bytes, rng: np.random.Generator) -> tuple[bytes, str]:
    """The file's first 30 to 80 %."""
    share = rng.uniform(0.3, 0.8)
    return data[: int(len(data) * share)], f"truncated at {share:.0%}"


def corrupted(png: bytes, rng: np.random.Generator) -> tuple[bytes, str]:
    """A PNG with 64 random bytes in the middle of its compressed pixels."""
    middle = len(png) // 2
    return png[:middle] + rng.bytes(64) + png[middle + 64 :], "64 bytes overwritten"


def hostile() -> bytes:
    """A tiny PNG whose header would make a careless reader allocate 7 GB."""
    header = struct.pack(">IIBBBBB", HOSTILE_SIDE, HOSTILE_SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1_000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
