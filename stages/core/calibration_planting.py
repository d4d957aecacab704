"""One picture of the sample: the copies and defects that are made of it, and what is measured on each.

They are made in memory, encoded as files are, and decoded by the code that reads the user's own. The thumbnail of a
copy is encoded twice, as the user's are: once by itself, and once more in its sheet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from stages.core import sheets
from stages.core.alterations import Alteration, encoded, is_blank, makes_sense, saved
from stages.core.calibration_defects import Defect
from stages.core.calibration_proposals import HashIndex
from stages.core.looks import Look, compare, look
from stages.core.phash import perceptual_hashes, to_bits
from stages.core.pixels import decode
from stages.core.quality import WORKING_DIAGONAL, WORKING_SIDE, measure, shrunk
from stages.core.verification import Verification


@dataclass(frozen=True, eq=False)
class Rival:
    """A picture of the user's that looks like the original: what a copy is most easily taken for a copy of.

    row : of the data set.  picture : its thumbnail.  seen, distance : of the original and the rival.
    """

    row: int
    picture: Look
    seen: Verification
    distance: int


@dataclass(frozen=True, eq=False)
class Original:
    """A picture of the sample.

    number : in the sample.  row : of the data set.  rivals : what copies of it are held against.
    """

    number: int
    row: int
    content_id: str
    picture: Look
    rivals: tuple[Rival, ...]


@dataclass(frozen=True, eq=False)
class Copy:
    """A planted copy, and how it was judged.

    seen, distance : against its original.  by_hash : whether hashes propose the pair.
    view : what the encoder takes, where only the embedding can still propose it.
    mistaken : against each rival: its row, what was found, and bits between the hashes.
    """

    original: int
    alteration: int
    seen: Verification
    distance: int
    by_hash: bool
    view: np.ndarray | None
    mistaken: tuple[tuple[int, Verification, int], ...]


def stream(seed: int, content_id: str, name: str) -> np.random.Generator:
    """Random numbers for one thing done to one picture, whatever is done to it or to others besides."""
    key = hashlib.blake2b(f"{seed} {content_id} {name}".encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(key, "big"))


def as_thumbnail(pixels: np.ndarray, longest: int) -> np.ndarray:
    """The thumbnail that duplicates are verified on, grey levels (h, w) uint8; `longest` : its longer side, pixels."""
    small = sheets.thumbnail(pixels, longest)
    return np.ascontiguousarray(sheets.decode_grey(sheets.encode(small, longest))[:, : small.shape[1]])


def hash_of(pixels: np.ndarray) -> np.ndarray:
    """Perceptual hash (32,) uint8, as `measure` makes it."""
    return to_bits([perceptual_hashes(shrunk(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), WORKING_DIAGONAL))[0]])[0]


def copies(
    pixels: np.ndarray,
    original: Original,
    planted: Sequence[tuple[int, Alteration]],
    hashes: HashIndex,
    bits: int,
    preprocess: Callable[[np.ndarray], np.ndarray],
    longest: int,
    seed: int,
) -> Iterator[Copy]:
    """Plant copies of one picture, those that make sense; none of a picture that shows nothing.

    Parameters
    ----------
    pixels : (h, w, 3) uint8, of the original, `reduced`.
    planted : alterations and their numbers.
    hashes, bits : of the data set, and the distance from which hashes propose.
    preprocess : the encoder's.
    longest : side of the thumbnails, pixels.
    """
    if is_blank(pixels):
        return
    for number, alteration in planted:
        if makes_sense(alteration, pixels):
            file = saved(alteration, pixels, stream(seed, original.content_id, alteration.name))
            copy = decode(file, WORKING_SIDE)
            yield _judged(copy, original, number, hashes, bits, preprocess, longest)


def _judged(
    copy: np.ndarray,
    original: Original,
    number: int,
    hashes: HashIndex,
    bits: int,
    preprocess: Callable[[np.ndarray], np.ndarray],
    longest: int,
) -> Copy:
    picture, code = look(as_thumbnail(copy, longest)), hash_of(copy)
    by_hash = hashes.proposes(code, original.row, bits)
    return Copy(
        original=original.number,
        alteration=number,
        seen=compare(original.picture, picture),
        distance=hashes.distance(code, original.row),
        by_hash=by_hash,
        view=None if by_hash else preprocess(copy),
        mistaken=tuple(
            (rival.row, compare(rival.picture, picture), hashes.distance(code, rival.row)) for rival in original.rivals
        ),
    )


def defective(pixels: np.ndarray, content_id: str, defects: Sequence[Defect], seed: int) -> Iterator[dict]:
    """What `measure` finds on a picture with each of the defects planted, and its size then.

    Yields
    ------
    The measures, `width`, `height` and `aspect_ratio`, one dict a defect, in their order.
    """
    for defect in defects:
        changed = defect.change(pixels, stream(seed, content_id, defect.name))
        found = decode(encoded(changed), WORKING_SIDE)
        height, width = found.shape[:2]
        size = {"width": float(width), "height": float(height), "aspect_ratio": min(width, height) / max(width, height)}
        yield {**measure(found), **size}
