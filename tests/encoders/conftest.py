"""Small checkpoints with random weights, as transformers saves them, and photographs that scikit-image ships."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    PreTrainedTokenizerFast,
    SiglipConfig,
    SiglipImageProcessorPil,
    SiglipModel,
)

WORDS = [
    "[PAD]",
    "[BOS]",
    "[EOS]",
    "[UNK]",
    "a",
    "photo",
    "of",
    "the",
    "cat",
    "red",
    "dress",
    "blue",
    "shoe",
    "on",
    "carpet",
]
SIZE = 64
TOWER = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 3, "num_attention_heads": 4}


def tokenizer(length: int) -> PreTrainedTokenizerFast:
    words = {word: number for number, word in enumerate(WORDS)}
    made = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="[BOS] $A [EOS]", special_tokens=[("[BOS]", words["[BOS]"]), ("[EOS]", words["[EOS]"])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="[PAD]",
        bos_token="[BOS]",
        eos_token="[EOS]",
        unk_token="[UNK]",
        model_max_length=length,
    )


def save_clip(folder: Path, seed: int = 0) -> Path:
    torch.manual_seed(seed)
    text = {**TOWER, "vocab_size": len(WORDS), "max_position_embeddings": 16}
    text |= {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    vision = {**TOWER, "image_size": SIZE, "patch_size": 16}
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=32)
    CLIPModel(config).eval().save_pretrained(folder)
    square = {"height": SIZE, "width": SIZE}
    CLIPImageProcessorPil(size={"shortest_edge": SIZE}, crop_size=square).save_pretrained(folder)
    tokenizer(16).save_pretrained(folder)
    return folder


def save_siglip(folder: Path) -> Path:
    torch.manual_seed(0)
    text = {**TOWER, "vocab_size": len(WORDS), "max_position_embeddings": 16, "projection_size": 64}
    text |= {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    config = SiglipConfig(text_config=text, vision_config={**TOWER, "image_size": SIZE, "patch_size": 16})
    SiglipModel(config).eval().save_pretrained(folder)
    SiglipImageProcessorPil(size={"height": SIZE, "width": SIZE}).save_pretrained(folder)
    tokenizer(16).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_clip(tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="session")
def siglip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_siglip(tmp_path_factory.mktemp("siglip"))


@pytest.fixture(scope="session")
def pickled_folder(tmp_path_factory: pytest.TempPathFactory, clip_folder: Path) -> Path:
    """The same checkpoint, but all its weights are in pytorch_model.bin."""
    folder = tmp_path_factory.mktemp("pickled")
    for path in clip_folder.iterdir():
        if path.suffix != ".safetensors":
            (folder / path.name).write_bytes(path.read_bytes())
    torch.save(CLIPModel.from_pretrained(clip_folder).state_dict(), folder / "pytorch_model.bin")
    return folder


@pytest.fixture(scope="session")
def photos() -> list[np.ndarray]:
    """Real photographs (h, w, 3) uint8 of several shapes."""
    from skimage import data
    from sklearn.datasets import load_sample_images

    return [data.astronaut(), data.coffee(), data.chelsea(), data.rocket(), *load_sample_images().images]


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project's root, whose caches the tests of a session share."""
    return tmp_path_factory.mktemp("project")
