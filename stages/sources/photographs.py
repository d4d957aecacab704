"""The photographs that scikit-image and scikit-learn ship, read from their installed folders.

`CLASSES` are cut into the demo's tiles; their licences are in the two packages' own data folders. `motorcycle_right` is
left out: it is the other eye of a stereo pair. So are pictures of which hardly a tile is clear (`moon`), or that are
blurred as a whole (`clock_motion`).
"""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from stages.contracts.errors import SetupError

LONGEST_SIDE = 1000
"""Larger photographs are reduced to this, so that one of them does not outnumber the rest."""

CLASSES = {
    "astronaut": "skimage/data/astronaut.png",
    "bricks": "skimage/data/brick.png",
    "cameraman": "skimage/data/camera.png",
    "cat": "skimage/data/chelsea.png",
    "coffee": "skimage/data/coffee.png",
    "coins": "skimage/data/coins.png",
    "flower": "sklearn/datasets/images/flower.jpg",
    "galaxies": "skimage/data/hubble_deep_field.jpg",
    "grass": "skimage/data/grass.png",
    "gravel": "skimage/data/gravel.png",
    "motorcycle": "skimage/data/motorcycle_left.png",
    "pagoda": "sklearn/datasets/images/china.jpg",
    "retina": "skimage/data/retina.jpg",
    "rocket": "skimage/data/rocket.jpg",
    "tissue": "skimage/data/ihc.png",
}

STRAYS = {
    "cell": "skimage/data/cell.png",
    "chessboard": "skimage/data/chessboard_RGB.png",
    "colour wheel": "skimage/data/color.png",
    "horse": "skimage/data/horse.png",
    "logo": "skimage/data/logo.png",
    "moon": "skimage/data/moon.png",
    "page": "skimage/data/page.png",
    "phantom": "skimage/data/phantom.png",
    "handwriting": "skimage/data/text.png",
}
"""Pictures of another kind, one each, planted as foreign."""

FACES = "skimage/data/lfw_subset.npy"
DIGITS = "sklearn/datasets/data/digits.csv.gz"


def shipped(name: str) -> Path:
    """Where a file of an installed package lies; the package is not imported.

    Raises
    ------
    SetupError : the package or the file is not there.
    """
    package, _, rest = name.partition("/")
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    path = Path(folders[0]) / rest if folders else Path(name)
    if not path.is_file():
        raise SetupError("the demo lacks a shipped photograph", where=path, expected=name, do="run make install again")
    return path


def photograph(name: str) -> np.ndarray:
    """(h, w, 3) uint8, transparency on white, the longer side at most `LONGEST_SIDE`."""
    with Image.open(shipped(name)) as image:
        flat = _on_white(image) if image.has_transparency_data else image.convert("RGB")
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return np.asarray(flat)


def _on_white(image: Image.Image) -> Image.Image:
    seen = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")


def faces() -> np.ndarray:
    """(100, 25, 25) uint8 grey faces."""
    return np.rint(np.load(shipped(FACES))[:100] * 255).astype(np.uint8)


def digits() -> np.ndarray:
    """(64, 8, 8) uint8 handwritten digits, white on black."""
    with gzip.open(shipped(DIGITS), "rt") as lines:
        table = np.loadtxt(lines, delimiter=",", max_rows=64)
    return np.rint(table[:, :64].reshape(-1, 8, 8) / 16 * 255).astype(np.uint8)
