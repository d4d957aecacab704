"""Pixels of the few pictures that `calibrate` alters, kept by `measure`, which has them in hand.

So their files are not read once more. What is not here, as the sample has changed since, is opened anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from stages.core.content_sample import reduced

FOLDER = "sample"
"""Below the folder of the shards that `measure` writes."""


class SampleStore:
    """Arrays in a folder, one file a content: 0.8 MB of a usual photograph.

    Parameters
    ----------
    folder : pixels that are decoded in another way need another one.
    content_ids : of the sample; others are not kept.
    """

    def __init__(self, folder: Path, content_ids: Iterable[str] = ()) -> None:
        self.folder = folder
        self.wanted = frozenset(content_ids)

    def offer(self, content_id: str, pixels: np.ndarray) -> None:
        """Keep a picture (h, w, 3) uint8, `reduced`, if it is of the sample."""
        if content_id not in self.wanted:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self._place(content_id).with_suffix(".partial")
        with partial.open("wb") as file:
            np.save(file, reduced(pixels), allow_pickle=False)
        os.replace(partial, self._place(content_id))

    def find(self, content_id: str) -> np.ndarray | None:
        """What was kept of a picture."""
        place = self._place(content_id)
        return np.load(place, allow_pickle=False) if place.exists() else None

    def remove_others(self) -> None:
        """Delete what is of the sample no more."""
        wanted = {self._place(content_id) for content_id in self.wanted}
        for path in set(self.folder.glob("*")) - wanted:
            path.unlink()

    def _place(self, content_id: str) -> Path:
        return self.folder / f"{content_id}.npy"
