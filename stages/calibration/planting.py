"""Planting in the whole sample: in threads, the encoder at work meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from stages.calibration.known import Known, Sections
from stages.core.alterations import ALTERATIONS
from stages.core.calibration_defects import DEFECTS
from stages.core.calibration_planting import Copy, Original, copies, defective
from stages.core.content_sample import reduced
from stages.encoders.interface import Encoder
from stages.engines.local import in_parallel
from stages.engines.progress import Progress


@dataclass(frozen=True, eq=False)
class Planted:
    """What was planted in one picture: copies, and (number of the defect, measures) of defects."""

    copies: list[Copy]
    defects: list[tuple[int, dict]]


def planted_in(
    params: Sections,
    there: Known,
    to_spoil: set[int],
    open_pixels: Callable[[str, str], np.ndarray],
    encoder: Encoder,
    task: tuple[Original, list[int]],
) -> Planted:
    """Everything that is planted in one picture: copies, and defects if its number is among those to spoil."""
    original, numbers = task
    pixels = reduced(open_pixels(there.contents["path"].iloc[original.row], original.content_id))
    made = copies(
        pixels,
        original,
        [(number, ALTERATIONS[number]) for number in numbers],
        there.hashes,
        params.duplicates.propose_phash,
        encoder.preprocess,
        params.measure.thumbnail_size,
        params.calibrate.seed,
    )
    spoilt = defective(pixels, original.content_id, DEFECTS, params.calibrate.seed)
    return Planted(list(made), list(enumerate(spoilt)) if original.number in to_spoil else [])


def together(
    results: Iterator[tuple[tuple, Planted]], defects: list[tuple[int, int, dict]], total: int
) -> Iterator[Copy]:
    """Copies as they come; the defects are put aside."""
    with Progress("alter pictures", total) as progress:
        for (original, _), planted in results:
            defects += [(original.number, number, found) for number, found in planted.defects]
            yield from planted.copies
            progress.advance()


def embedded(made: Iterator[Copy], encoder: Encoder, batch: int) -> Iterator[tuple[Copy, np.ndarray | None]]:
    """Each copy, and its vector where it has a view; views are let go as soon as they are embedded."""
    waiting: list[Copy] = []
    for copy in made:
        if copy.view is None:
            yield copy, None
            continue
        waiting.append(copy)
        if len(waiting) == batch:
            yield from _vectors(waiting, encoder)
            waiting = []
    yield from _vectors(waiting, encoder)


def _vectors(waiting: list[Copy], encoder: Encoder) -> Iterator[tuple[Copy, np.ndarray]]:
    if waiting:
        vectors = encoder.image_features(np.stack([copy.view for copy in waiting]))
        yield from zip((replace(copy, view=None) for copy in waiting), vectors, strict=True)


def encoded(pictures: Sequence[np.ndarray], encoder: Encoder, batch: int, workers: int) -> np.ndarray:
    """Pictures (h, w, 3) uint8 to unit rows (m, d)."""
    views = (view for _, view in in_parallel(encoder.preprocess, pictures, workers))
    parts = []
    while taken := list(islice(views, batch)):
        parts.append(encoder.image_features(np.stack(taken)))
    return np.concatenate(parts) if parts else np.empty((0, encoder.dim), np.float32)
