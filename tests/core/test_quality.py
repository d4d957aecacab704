from __future__ import annotations

import cv2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from skimage import data

from stages.contracts.params.measure import Params
from stages.contracts.vocabulary import QualityIssue
from stages.core.quality import averaged, brightness, entropy, information, judge, measure, score, shrunk, size_score

PHOTOS = (data.astronaut, data.chelsea, data.coffee, data.rocket)
NAMES = {"brightness", "contrast", "highlights", "shadows", "overexposed", "chroma", "sharpness", "entropy"}
HASHES = {"phash", "phash_mirrored"}


def jpeg(pixels: np.ndarray, quality: int = 85) -> np.ndarray:
    data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)


def levels(values: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)


def flat(color: tuple[int, int, int], noise: float = 0, shape: tuple[int, int] = (300, 400)) -> np.ndarray:
    rng = np.random.default_rng(0)
    return levels(np.array(color, float) + rng.normal(0, noise, (*shape, 1)))


def issues(*pictures: np.ndarray) -> list[set[str]]:
    """Which issues each picture of a dataset has, at the default thresholds."""
    frame = pd.DataFrame([measure(picture) for picture in pictures])
    frame["height"], frame["width"] = zip(*(picture.shape[:2] for picture in pictures), strict=True)
    frame["aspect_ratio"] = frame[["width", "height"]].min(axis=1) / frame[["width", "height"]].max(axis=1)
    judged = judge(score(frame), Params().model_dump())
    return [{name.removeprefix("is_") for name in judged.columns[row]} for row in judged.to_numpy()]


@pytest.mark.parametrize("photo", PHOTOS)
def test_a_good_photograph_has_no_issue(photo: object) -> None:
    assert issues(jpeg(photo())) == [set()]


@pytest.mark.parametrize("photo", PHOTOS)
@pytest.mark.parametrize("gain", [0.05, 0.1, 0.25])
def test_darkness(photo: object, gain: float) -> None:
    assert "dark" in issues(jpeg(levels(photo() * gain)))[0]


def test_saturated_colour_is_not_darkness() -> None:
    assert "dark" not in issues(flat((255, 0, 0)))[0]


def test_a_night_with_lights_is_not_dark() -> None:
    night = flat((10, 10, 14), 3)
    night[100:120, 100:190] = (255, 240, 200)
    assert "dark" not in issues(night)[0]


@pytest.mark.parametrize("photo", PHOTOS)
def test_over_exposure_and_lifted_blacks_are_brightness(photo: object) -> None:
    pixels = photo().astype(float)
    washed_out = 255 - (255 - pixels) * 0.2
    over_exposed = (pixels + 26) * 240 / (np.percentile(pixels, 5) + 26)
    assert ["bright" in found for found in issues(jpeg(levels(washed_out)), jpeg(levels(over_exposed)))] == [True, True]


@pytest.mark.parametrize("photo", [data.astronaut, data.coffee])
@pytest.mark.parametrize("gain", [2.5, 3.5])
def test_light_that_was_too_much_is_brightness_though_the_shadows_are_no_whiter_than_grey(
    photo: object, gain: float
) -> None:
    by_day = 40 + 0.7 * photo()
    picture = levels(by_day * gain)
    assert np.percentile(brightness(picture.astype(np.float32) / 255), 5) < 0.7
    assert ["bright" in issues(jpeg(levels(pixels)))[0] for pixels in (by_day, picture)] == [False, True]


@pytest.mark.parametrize("photo", PHOTOS)
def test_a_product_on_white_is_not_too_bright(photo: object) -> None:
    picture = flat((255, 255, 255))
    picture[100:200, 150:250] = cv2.resize(photo(), (100, 100), interpolation=cv2.INTER_AREA)
    assert "bright" not in issues(picture)[0]


def test_a_saturated_colour_on_white_is_not_too_bright() -> None:
    picture = flat((255, 255, 255))
    picture[60:240, 80:320] = (255, 40, 30)
    assert "bright" not in issues(picture)[0]


@pytest.mark.parametrize("slope", [20, 60])
def test_a_wall_that_is_lit_from_one_side_holds_little_information(slope: float) -> None:
    rows, columns = np.mgrid[:300, :400]
    wall = levels(flat((120, 130, 110), 1.5) + (slope * (rows / 300 + columns / 800 - 0.75))[..., None])
    assert entropy(cv2.cvtColor(wall, cv2.COLOR_RGB2GRAY)) > 3
    assert "low_information" in issues(wall)[0]


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2)])
def test_information_of_the_smallest_pictures_is_told(shape: tuple[int, int]) -> None:
    assert 0 <= information(np.arange(np.prod(shape), dtype=np.uint8).reshape(shape) * 20) <= 4


def test_a_slope_hides_nothing_that_lies_on_it() -> None:
    photo = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)
    assert information(photo) > 7


@pytest.mark.parametrize("noise", [0, 1, 3])
@pytest.mark.parametrize("color", [(120, 120, 120), (200, 90, 140)])
@pytest.mark.parametrize("shape", [(300, 400), (2000, 1500), (48, 48)])
def test_a_flat_colour_with_noise_holds_little_information(noise: float, color: tuple, shape: tuple) -> None:
    found = issues(flat(color, noise, shape))[0]
    assert "low_information" in found
    assert "blurry" not in found


@pytest.mark.parametrize("photo", PHOTOS)
@pytest.mark.parametrize("quality", [30, 95])
def test_grey_is_grey_saved_as_anything(photo: object, quality: int) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(photo(), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    noisy = levels(grey + np.random.default_rng(0).normal(0, 3, grey.shape))
    assert all("grayscale" in found for found in issues(jpeg(grey, quality), jpeg(noisy, quality)))


@pytest.mark.parametrize("photo", PHOTOS)
def test_dark_and_pale_colour_is_colour(photo: object) -> None:
    dark, pale = levels(photo() * 0.12), levels(255 - (255 - photo().astype(float)) * 0.15)
    assert all("grayscale" not in found for found in issues(dark, pale))


def test_a_grey_thing_photographed_in_colour_is_not_grey() -> None:
    wall = cv2.cvtColor(data.brick(), cv2.COLOR_GRAY2RGB) * np.array([1.0, 0.96, 0.9])
    assert "grayscale" not in issues(jpeg(levels(wall)))[0]


@pytest.mark.parametrize(
    ("width", "odd"), [(100, True), (139, True), (141, False), (400, False), (1142, False), (1150, True)]
)
def test_aspect_under_0_35_is_odd_either_way(width: int, odd: bool) -> None:
    picture = cv2.resize(data.coffee(), (width, 400))
    turned = np.ascontiguousarray(picture.transpose(1, 0, 2))
    assert [("odd_aspect" in issues(one)[0]) for one in (picture, turned)] == [odd, odd]


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (2, 2), (20, 32)])
def test_any_shape_is_measured(shape: tuple[int, int]) -> None:
    found = measure(flat((10, 200, 30), 20, shape))
    assert set(found) == NAMES | HASHES
    assert np.isnan(found["sharpness"])
    assert "blurry" not in issues(flat((10, 200, 30), 20, shape))[0]


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 90), st.integers(1, 90), st.just(3))))
@settings(max_examples=40, deadline=None)
def test_whatever_the_pixels_the_measures_are_in_their_ranges(pixels: np.ndarray) -> None:
    found = measure(pixels)
    for name in ("brightness", "contrast", "highlights", "shadows", "overexposed"):
        assert 0 <= found[name] <= 1
    assert 0 <= found["entropy"] <= 8
    assert found["chroma"] >= 0
    assert np.isnan(found["sharpness"]) or 0 < found["sharpness"] <= 1


def test_white_is_as_bright_as_can_be_and_no_more() -> None:
    ends = brightness(np.array([[0, 0, 0], [1, 1, 1]], np.float32))
    assert ends.tolist() == [0, 1]


def test_entropy_of_known_histograms() -> None:
    assert entropy(np.full((5, 5), 7, np.uint8)) == 0
    assert entropy(np.arange(256, dtype=np.uint8).reshape(16, 16)) == pytest.approx(8)
    assert entropy(np.array([[0, 255]], np.uint8)) == pytest.approx(1)


def test_small_pictures_are_not_made_larger() -> None:
    small = np.zeros((30, 40, 3), np.uint8)
    assert averaged(small, 160).shape == small.shape
    assert shrunk(small[..., 0], 640).shape == (30, 40)


@pytest.mark.parametrize("shape", [(4000, 3000), (10, 9000), (1, 5000), (481, 641)])
def test_large_pictures_come_down_to_the_diagonal(shape: tuple[int, int]) -> None:
    large = np.zeros(shape, np.uint8)
    assert np.hypot(*shrunk(large, 640).shape) == pytest.approx(640, abs=1)
    assert np.hypot(*averaged(large, 160).shape) <= 162


def sizes(*sides: int) -> pd.Series:
    return size_score(pd.Series(sides, dtype=float), pd.Series(sides, dtype=float))


def test_sizes_of_one_kind_are_all_usual() -> None:
    assert sizes().tolist() == []
    assert sizes(5).tolist() == [1]
    assert sizes(5, 5000).min() > 0.5
    assert sizes(*[400] * 9).tolist() == [1] * 9


@pytest.mark.parametrize(("side", "odd"), [(400 // 8, True), (400 * 8, True), (200, False), (1200, False)])
def test_an_icon_or_a_poster_among_photographs_is_odd(side: int, odd: bool) -> None:
    found = sizes(*[400] * 30, side) < 0.5
    assert found.tolist() == [False] * 30 + [odd]


def test_a_dataset_of_all_sizes_has_room_for_large_ones() -> None:
    assert not (sizes(*(2**step for step in range(5, 13))) < 0.5).any()


def test_the_odd_size_of_one_picture_depends_on_no_order() -> None:
    sides = [50, *[400] * 20, 500, 390]
    assert sizes(*sides).tolist() == sizes(*sides[::-1]).tolist()[::-1]


def scores(value: float) -> pd.DataFrame:
    return pd.DataFrame({f"{issue}_score": [value] for issue in QualityIssue}, index=[7])


def test_judging_is_under_the_threshold_and_null_is_never() -> None:
    at_half: dict[str, float | None] = dict.fromkeys(QualityIssue, 0.5)
    assert judge(scores(0.49), at_half).all(axis=None)
    assert not judge(scores(0.5), at_half).any(axis=None)
    off = judge(scores(0.0), at_half | {"blurry": None})
    assert [name for name in off if not off[name].item()] == ["is_blurry"]
    assert off.index.tolist() == [7]


def test_one_pictures_score_does_not_depend_on_the_others_but_for_its_size() -> None:
    frame = pd.DataFrame([measure(photo()) for photo in PHOTOS]).assign(width=400.0, height=300.0, aspect_ratio=0.75)
    together, alone = score(frame), score(frame.iloc[[2]])
    pd.testing.assert_frame_equal(together.iloc[[2]], alone)
