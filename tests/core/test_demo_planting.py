import numpy as np
import pytest
from skimage.measure import blur_effect
from skimage.metrics import structural_similarity

from stages.core import demo_planting as planting
from stages.core.demo_planting import COPIES, FORMATS, Picture, decode, encode, fitted, is_grey
from stages.core.tiling import entropy, luminance, stream

SEEDS = range(5)


def scene(height: int = 96, width: int = 108) -> np.ndarray:
    """Blocks of colour with fine texture: has edges, colours, shadows and highlights."""
    rng = np.random.default_rng(7)
    blocks = rng.integers(30, 226, (6, 6, 3)).repeat(height // 6, axis=0).repeat(width // 6, axis=1)
    return np.clip(blocks + rng.normal(0, 12, blocks.shape), 0, 255).astype(np.uint8)


def percentile(picture: Picture, share: float) -> float:
    return float(np.percentile(luminance(picture.pixels), share))


@pytest.mark.parametrize("suffix", FORMATS)
def test_encoding_is_repeatable_and_in_the_format_that_the_name_says(suffix: str):
    picture = Picture(scene(), suffix=suffix)
    assert encode(picture) == encode(picture)
    assert encode(picture)[:4] == {".jpg": b"\xff\xd8\xff\xe0", ".png": b"\x89PNG", ".webp": b"RIFF"}[suffix]
    assert decode(encode(picture)).shape == scene().shape


@pytest.mark.parametrize("blur", [planting.out_of_focus, planting.moved])
def test_blur_is_blur_by_a_published_measure_and_keeps_the_size(blur: planting.Change):
    before = blur_effect(luminance(scene()))
    for seed in SEEDS:
        blurred = blur(scene(), stream(seed)).pixels
        assert blurred.shape == scene().shape
        assert blur_effect(luminance(blurred)) > before + 0.1


def test_dark_and_bright_reach_the_strength_they_tell():
    light = np.clip(scene(), 60, None)
    for seed in SEEDS:
        assert percentile(planting.darkened(scene(), stream(seed)), 99) == pytest.approx(0.18, abs=0.065)
        assert percentile(planting.overexposed(light, stream(seed)), 5) > 0.92
        assert percentile(planting.washed_out(scene(), stream(seed)), 0) > 0.79


def test_a_picture_too_dark_to_be_over_exposed_is_washed_out():
    shadowy = scene() // 3
    assert "washed out" in planting.overexposed(shadowy, stream(0)).detail
    assert luminance(planting.overexposed(shadowy, stream(0)).pixels).std() > 0.005


def test_a_blank_is_empty_but_neither_dark_nor_bright():
    for seed in SEEDS:
        blank = planting.blank(60, 80, seed / 5, stream(seed))
        assert blank.pixels.shape == (60, 80, 3)
        assert entropy(luminance(blank.pixels)) < 3
        assert percentile(blank, 99) > 0.32
        assert percentile(blank, 5) < 0.95


def test_strips_and_sizes_are_odd():
    for seed in SEEDS:
        height, width = planting.strip(scene(96, 204), stream(seed)).pixels.shape[:2]
        assert min(height, width) / max(height, width) < 0.27
        assert max(planting.shrunk(scene(), stream(seed)).pixels.shape) <= 14
        assert min(planting.enlarged(scene(), stream(seed)).pixels.shape[:2]) >= 8 * 96


def test_grey_pictures_are_grey_however_they_are_stored():
    shapes = set()
    for seed in SEEDS:
        grey = planting.greyed(scene(), stream(seed)).pixels
        assert is_grey(grey)
        shapes.add(grey.ndim)
    assert shapes == {2, 3}
    assert not is_grey(scene())


@pytest.mark.parametrize("change", COPIES)
def test_a_copy_says_what_was_done_and_is_the_same_for_the_same_seed(change: planting.Change):
    one, two = change(scene(), stream(3)), change(scene(), stream(3))
    assert encode(one) == encode(two)
    assert encode(one) != encode(Picture(scene()))
    assert one.detail
    assert one.pixels.dtype == np.uint8


@pytest.mark.parametrize(
    "change",
    [planting.compressed, planting.relit, planting.recontrasted, planting.captioned, planting.as_png, planting.as_webp],
)
def test_a_copy_that_keeps_its_geometry_still_shows_the_picture(change: planting.Change):
    for seed in SEEDS:
        copy = decode(encode(change(scene(), stream(seed))))
        assert structural_similarity(luminance(copy), luminance(scene()), data_range=1) > 0.5


def test_geometry_of_copies():
    height, width = scene().shape[:2]
    for seed in SEEDS:
        cropped = planting.cropped(scene(), stream(seed)).pixels
        assert 0.84 < cropped.shape[0] / height < 0.96
        assert cropped.tobytes() in _windows(scene(), *cropped.shape[:2])
        assert 0.49 < planting.resized(scene(), stream(seed)).pixels.shape[1] / width < 0.81
        framed = planting.framed(scene(), stream(seed)).pixels
        border = (framed.shape[0] - height) // 2
        assert (framed[border:-border, border:-border] == scene()).all()
        assert len(np.unique(framed[:border])) == 1
    assert (planting.mirrored(scene(), stream(0)).pixels[:, ::-1] == scene()).all()


def test_fitting_cuts_the_ends_of_long_pictures_and_scales_the_shorter_side():
    assert fitted(scene(30, 300), 60).shape == (60, 90, 3)
    assert fitted(scene(300, 30), 60).shape == (90, 60, 3)
    assert fitted(scene(60, 60), 60).tobytes() == scene(60, 60).tobytes()


def _windows(pixels: np.ndarray, height: int, width: int) -> set[bytes]:
    down, across = pixels.shape[0] - height + 1, pixels.shape[1] - width + 1
    return {pixels[y : y + height, x : x + width].tobytes() for y in range(down) for x in range(across)}
