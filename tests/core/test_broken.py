import io

import numpy as np
import pytest
from PIL import Image

from stages.contracts.errors import ImageError
from stages.core.broken import HOSTILE_SIDE, broken_files, hostile
from stages.core.pixels import decode
from stages.core.tiling import stream

SEEDS = range(6)


def noise() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (96, 96, 3), dtype=np.uint8)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_broken_file_is_a_picture(seed: int):
    files = broken_files(noise(), stream(seed))
    assert len(files) >= 12
    for _, data, detail in files:
        with pytest.raises(ImageError):
            pytest.fail(f"{detail}: {decode(data).shape}")


def test_the_hostile_header_claims_what_it_says():
    Image.MAX_IMAGE_PIXELS, limit = None, Image.MAX_IMAGE_PIXELS
    try:
        with Image.open(io.BytesIO(hostile())) as image:
            assert image.size == (HOSTILE_SIDE, HOSTILE_SIDE)
    finally:
        Image.MAX_IMAGE_PIXELS = limit
    assert len(hostile()) < 1_000
