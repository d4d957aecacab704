"""The planted project of the pages, with vectors and an index: an encoder that reads colours off the pixels makes
them, so that a result which belongs to another image is found out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stages import index
from stages.contracts import tables
from stages.contracts.encoder_record import read_record, write_record
from stages.contracts.schemas.embeddings import Embeddings, write_embeddings
from stages.contracts.schemas.images import IMAGES
from stages.contracts.vocabulary import Status
from stages.encoders.interface import unit
from tests.encoded import encoded
from tests.pages import dataset

GRID = 4
COLOURS = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "red": (255, 0, 0),
    "blue": (0, 0, 255),
    "brown": (120, 70, 40),
}


class Colours:
    """The colours of a 4 x 4 grid, as a unit vector; a text is a picture of the colours that it names."""

    dim = GRID * GRID * 3
    input_size = 8
    logit_scale = 1.0
    engine = "numpy"
    fingerprint = "colours"

    def preprocess(self, pixels: np.ndarray) -> np.ndarray:
        rows, columns = (np.linspace(0, side, GRID + 1).astype(int) for side in pixels.shape[:2])
        cells = [
            [pixels[rows[i] : rows[i + 1], columns[j] : columns[j + 1]].mean((0, 1)) for j in range(GRID)]
            for i in range(GRID)
        ]
        return np.array(cells).round().astype(np.uint8)

    def image_features(self, pixels: np.ndarray) -> np.ndarray:
        return unit((pixels.reshape(len(pixels), self.dim).astype(np.float32) - 127.0) / 128)

    def strange_words(self, texts: Sequence[str]) -> list[str]:
        return [word for text in texts for word in text.split() if "zx" in word]

    def text_features(self, texts: Sequence[str]) -> np.ndarray:
        named = [[COLOURS[word] for word in text.split() if word in COLOURS] or [(90, 120, 150)] for text in texts]
        pictures = [np.tile(np.mean(colours, axis=0), (GRID, GRID, 1)) for colours in named]
        return self.image_features(np.array(pictures).round().astype(np.uint8))


def make(root: Path, **options: object) -> Path:
    """A project that can be searched, its source files with it."""
    shots = options.pop("shots") if "shots" in options else dataset.shots()
    dataset.make(root, shots, **options)
    write_record(read_record(root).model_copy(update={"dim": Colours.dim}), root)
    for shot in shots:
        path = root / "photos/my cats" / shot.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(shot.data if shot.pixels is None else encoded(shot.pixels))
    embed(root, shots)
    index.main(root)
    return root


def embed(root: Path, shots: list[dataset.Shot], **told: object) -> None:
    """Write `embeddings` of the images there are, as the stage does."""
    images = tables.read(IMAGES, root)
    readable = set(images.loc[images["status"] == Status.OK, "content_id"])
    pixels = {shot.content_id: shot.pixels for shot in shots if shot.content_id in readable}
    content_ids = np.array(sorted(pixels), dtype=object)
    encoder = Colours()
    pictures = [encoder.preprocess(pixels[content_id]) for content_id in content_ids]
    vectors = encoder.image_features(np.array(pictures).reshape(-1, GRID, GRID, 3))
    record = json.loads(read_record(root).model_dump_json())
    provenance = {"dim": Colours.dim, "encoder": record, "cache": "embed-colours", **told}
    write_embeddings(Embeddings(content_ids, vectors), Colours.dim, root, provenance)
