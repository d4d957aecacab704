"""The packaged encoder on photographs that scikit-image and scikit-learn ship."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from stages.contracts.params import machine
from stages.core.pixels import decode
from stages.encoders import packaged_network
from stages.encoders.packaged import PackagedEncoder


@pytest.fixture(scope="module")
def encoder(project) -> PackagedEncoder:
    return PackagedEncoder("fixed", precision="float32", wish=machine.Params(device="cpu"), root=project)


def vectors_of(encoder: PackagedEncoder, photos: list[np.ndarray]) -> np.ndarray:
    return encoder.image_features(np.stack([encoder.preprocess(photo) for photo in photos]))


def test_vectors_are_those_of_the_network_in_plain_torch(encoder, photos):
    pictures = np.stack([encoder.preprocess(photo) for photo in photos])
    with torch.inference_mode():
        pixels = torch.from_numpy((pictures.transpose(0, 3, 1, 2).astype(np.float32) - 127) / 128)
        features = packaged_network.network().extract_features(pixels).mean((2, 3)).numpy()
    expected = features / np.linalg.norm(features, axis=1, keepdims=True)
    found = encoder.image_features(pictures)
    assert found.shape == (len(photos), packaged_network.DIM)
    assert found.dtype == np.float32
    assert (found * expected).sum(axis=1).min() >= 0.9995


def test_the_network_knows_a_cat_when_it_sees_one(encoder, photos):
    """Weights, class order and preprocessing fit each other: chelsea, a tabby cat, is one of the five best classes."""
    from stages.encoders.imagenet_words import class_terms

    head = packaged_network.network()._fc
    logits = vectors_of(encoder, photos[2:3]) @ head.weight.detach().numpy().T
    best = [class_terms()[number].name for number in np.argsort(-logits[0])[:5]]
    assert any("cat" in name.split() for name in best), best


@pytest.mark.parametrize(
    ("text", "photo"), [("a cat", 2), ("a cup of coffee", 1), ("space rocket", 3), ("a flower", 5), ("temple", 4)]
)
def test_texts_find_their_photo(encoder, photos, text, photo):
    similarities = vectors_of(encoder, photos) @ encoder.text_features([text])[0]
    assert similarities.argmax() == photo


def test_texts_are_unit_rows_that_do_not_depend_on_their_neighbours(encoder):
    texts = ["dress", "a long sentence about nothing in particular, written to be padded against", "cat"]
    found = encoder.text_features(texts)
    alone = np.concatenate([encoder.text_features([text]) for text in texts])
    assert found.shape == (3, packaged_network.DIM)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(found, alone, atol=1e-4)
    assert encoder.text_features([]).shape == (0, packaged_network.DIM)


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (900, 2), (224, 224), (225, 224)])
def test_a_picture_of_any_shape_becomes_its_centre_square(encoder, shape):
    pixels = np.zeros((*shape, 3), np.uint8)
    pixels[shape[0] // 2 :, :, 0] = 255
    assert encoder.preprocess(pixels).shape == (224, 224, 3)


def test_the_square_is_the_centre(encoder):
    wide = np.zeros((100, 300, 3), np.uint8)
    wide[:, 100:200] = 200
    assert (encoder.preprocess(wide)[:, 8:-8] == 200).all()


def test_shrinking_does_not_alias(encoder):
    """Lines one pixel apart become grey, not stripes."""
    stripes = np.zeros((1344, 1344, 3), np.uint8)
    stripes[:, ::2] = 255
    assert encoder.preprocess(stripes).std() < 5


def test_vectors_do_not_depend_on_the_batch(encoder, photos):
    pictures = np.stack([encoder.preprocess(photo) for photo in photos])
    together = encoder.image_features(pictures)
    alone = np.concatenate([encoder.image_features(picture[None]) for picture in pictures[::-1]])[::-1]
    np.testing.assert_array_equal(together, alone)
    assert encoder.image_features(pictures[:0]).shape == (0, packaged_network.DIM)


def test_decoding_at_reduced_size_keeps_the_vectors(encoder, photos):
    """Sheets of photographs large enough to be decoded at a half and at a quarter."""
    files = [jpeg_of(photos, times, turn) for times in (3, 5) for turn in range(6)]
    side = 2 * packaged_network.INPUT_SIZE
    small = [decode(file, min_side=side) for file in files]
    full = [decode(file) for file in files]
    assert all(a.shape[0] <= b.shape[0] // 2 + 1 for a, b in zip(small, full, strict=True))
    cosines = (vectors_of(encoder, small) * vectors_of(encoder, full)).sum(axis=1)
    assert np.median(cosines) >= 0.999
    assert cosines.min() >= 0.99


def jpeg_of(photos: list[np.ndarray], times: int, turn: int) -> bytes:
    """A sheet of `times` x `times` photographs, as a camera would save it."""
    order = [(row * times + column + turn) % len(photos) for row in range(times) for column in range(times)]
    tiles = [np.asarray(Image.fromarray(photos[number][:300, :450]).resize((450, 300))) for number in order]
    rows = [np.concatenate(tiles[row * times : (row + 1) * times], axis=1) for row in range(times)]
    file = io.BytesIO()
    Image.fromarray(np.concatenate(rows)).save(file, "JPEG", quality=92)
    return file.getvalue()
