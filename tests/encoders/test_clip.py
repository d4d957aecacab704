"""Parity with transformers' own processor and model, on the same pixels."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

from stages.contracts.errors import EncoderError
from stages.contracts.params import machine
from stages.encoders.clip import ClipEncoder
from stages.encoders.clip_loading import inspect

TEXTS = ["a photo of a cat", "red dress", "the blue shoe on the carpet"]


def encoder_of(folder: Path, project: Path, precision: str, runtime: str) -> ClipEncoder:
    wish = machine.Params(runtime=runtime, device="cpu")
    return ClipEncoder(folder, folder.name, inspect(folder), precision=precision, wish=wish, root=project)


def reference(folder: Path, photos: list[np.ndarray]) -> np.ndarray:
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    model = AutoModel.from_pretrained(folder)
    with torch.inference_mode():
        pixels = processor(images=[Image.fromarray(photo) for photo in photos], return_tensors="pt")
        return unit(model.get_image_features(**pixels).pooler_output.numpy())


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def vectors_of(encoder: ClipEncoder, photos: list[np.ndarray]) -> np.ndarray:
    return encoder.image_features(np.stack([encoder.preprocess(photo) for photo in photos]))


@pytest.mark.parametrize("kind", ["clip_folder", "siglip_folder"])
@pytest.mark.parametrize("runtime", ["torch", "openvino"])
@pytest.mark.parametrize(("precision", "least"), [("float32", 0.9995), ("bfloat16", 0.999)])
def test_images_have_the_vectors_of_transformers(kind, runtime, precision, least, photos, project, request):
    folder = request.getfixturevalue(kind)
    found = vectors_of(encoder_of(folder, project, precision, runtime), photos)
    cosines = (found * reference(folder, photos)).sum(axis=1)
    assert cosines.min() >= least
    assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-5


@pytest.mark.parametrize("kind", ["clip_folder", "siglip_folder"])
def test_different_photos_have_different_vectors(kind, photos, project, request):
    """A random network maps all pictures near each other: parity only counts if it is nearer than that."""
    folder = request.getfixturevalue(kind)
    vectors = reference(folder, photos)
    others = (vectors @ vectors.T)[~np.eye(len(photos), dtype=bool)]
    found = vectors_of(encoder_of(folder, project, "float32", "torch"), photos)
    assert 1 - (found * vectors).sum(axis=1).min() < 0.01 * (1 - others.max())


@pytest.mark.parametrize(("kind", "padding"), [("clip_folder", True), ("siglip_folder", "max_length")])
def test_texts_have_the_vectors_of_transformers(kind, padding, project, request):
    folder = request.getfixturevalue(kind)
    tokens = AutoTokenizer.from_pretrained(folder)(TEXTS, padding=padding, max_length=16, return_tensors="pt")
    with torch.inference_mode():
        expected = unit(AutoModel.from_pretrained(folder).get_text_features(**tokens).pooler_output.numpy())
    found = encoder_of(folder, project, "float32", "torch").text_features(TEXTS)
    assert (found * expected).sum(axis=1).min() >= 0.9995


def test_a_text_does_not_depend_on_its_neighbours(clip_folder, project):
    encoder = encoder_of(clip_folder, project, "float32", "torch")
    alone = np.concatenate([encoder.text_features([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.text_features(TEXTS), alone, atol=1e-5)
    assert encoder.text_features([]).shape == (0, encoder.dim)


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 500, 3), (700, 3, 3), (64, 64, 3)])
def test_pictures_of_any_shape_are_preprocessed(shape, clip_folder, project):
    encoder = encoder_of(clip_folder, project, "float32", "torch")
    assert encoder.preprocess(np.full(shape, 200, np.uint8)).shape == (64, 64, 3)


def test_weights_in_a_bin_file_give_the_same_vectors(clip_folder, pickled_folder, photos, project):
    safe = vectors_of(encoder_of(clip_folder, project, "float32", "torch"), photos)
    pickled = vectors_of(encoder_of(pickled_folder, project, "float32", "torch"), photos)
    np.testing.assert_array_equal(safe, pickled)


class Explosive:
    """Runs code when it is unpickled without weights_only."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def test_code_in_a_bin_file_is_not_run(pickled_folder, tmp_path):
    folder, fuse = tmp_path / "hostile", tmp_path / "exploded"
    folder.mkdir()
    for path in pickled_folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    torch.save({"logit_scale": Explosive(fuse)}, folder / "pytorch_model.bin")
    with pytest.raises(EncoderError, match="cannot load the weights"):
        inspect(folder)
    assert not fuse.exists()


def test_code_beside_a_checkpoint_is_not_run(clip_folder, tmp_path):
    folder, fuse = tmp_path / "hostile", tmp_path / "exploded"
    folder.mkdir()
    for path in clip_folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    config = json.loads((folder / "config.json").read_text())
    config |= {
        "model_type": "own",
        "architectures": ["Own"],
        "auto_map": {"AutoModel": "own.Own", "AutoConfig": "own.Own"},
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text(f"import pathlib; pathlib.Path({str(fuse)!r}).touch()\nclass Own: ...\n")
    with pytest.raises(EncoderError):
        inspect(folder)
    assert not fuse.exists()


def test_a_model_without_text_tower_is_told(clip_folder, tmp_path):
    from transformers import ViTConfig, ViTModel

    ViTModel(
        ViTConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    ).save_pretrained(tmp_path)
    (tmp_path / "preprocessor_config.json").write_bytes((clip_folder / "preprocessor_config.json").read_bytes())
    with pytest.raises(EncoderError, match="no image-text dual encoder"):
        inspect(tmp_path)


def test_a_truncated_checkpoint_is_an_error_without_traceback_words(clip_folder, tmp_path):
    for path in clip_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(EncoderError) as caught:
        inspect(tmp_path)
    assert "cannot load the weights of a checkpoint" in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_facts_are_those_of_the_checkpoint(clip_folder, siglip_folder):
    assert (inspect(clip_folder).dim, inspect(clip_folder).height) == (32, 64)
    assert (inspect(siglip_folder).dim, inspect(siglip_folder).width) == (64, 64)
