"""The parts of a dual encoder as transformers loads them, and everything that can be wrong with them.

Code that comes with a checkpoint is never run, and pickled weights are read by `torch.load(weights_only=True)` only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from stages.contracts.errors import EncoderError
from stages.encoders.checkpoint import weights_of
from stages.encoders.quiet import quiet

if TYPE_CHECKING:
    import torch
    import transformers

Made = TypeVar("Made")


@dataclass(frozen=True)
class Facts:
    """What is known of a checkpoint once it has been loaded: size of a picture, pixels, and length of a vector."""

    height: int
    width: int
    dim: int


def inspect(folder: Path) -> Facts:
    """Load a checkpoint as it will be used, and see that it works.

    Raises
    ------
    EncoderError : it cannot be loaded, or is no image-text dual encoder.
    """
    processor = load_processor(folder)
    model = load_model(folder)
    _must_be_dual(model, folder)
    load_tokenizer(folder)
    picture = _attempt(
        "preprocess a picture with", folder, lambda: square_of(processor, np.zeros((48, 64, 3), np.uint8))
    )
    vectors = _attempt("run", folder, lambda: _vector_of(image_tower(model, processor), picture))
    return Facts(picture.shape[0], picture.shape[1], vectors.shape[1])


def load_model(folder: Path) -> transformers.PreTrainedModel:
    """The checkpoint's model, in float32, for inference.

    Raises
    ------
    EncoderError : it cannot be loaded.
    """
    quiet()
    from transformers import AutoModel

    weights_format, _ = weights_of(folder)
    return _attempt(
        "load the weights of",
        folder,
        lambda: AutoModel.from_pretrained(
            folder,
            use_safetensors=weights_format == "safetensors",
            weights_only=True,
            trust_remote_code=False,
            local_files_only=True,
            dtype="float32",
        ).eval(),
    )


def load_processor(folder: Path) -> transformers.BaseImageProcessor:
    """The checkpoint's own preprocessing, by Pillow.

    Raises
    ------
    EncoderError : it cannot be loaded.
    """
    from transformers import AutoImageProcessor

    return _attempt(
        "load the preprocessor of",
        folder,
        lambda: AutoImageProcessor.from_pretrained(
            folder, backend="pil", trust_remote_code=False, local_files_only=True
        ),
    )


def load_tokenizer(folder: Path) -> transformers.PreTrainedTokenizerBase:
    """The checkpoint's tokenizer.

    Raises
    ------
    EncoderError : it cannot be loaded.
    """
    from transformers import AutoTokenizer

    return _attempt(
        "load the tokenizer of",
        folder,
        lambda: AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True),
    )


def square_of(processor: transformers.BaseImageProcessor, pixels: np.ndarray) -> np.ndarray:
    """All of the preprocessing but its last step: (h, w, 3) uint8 -> (height, width, 3) uint8."""
    made = processor(
        images=[pixels], do_convert_rgb=False, do_rescale=False, do_normalize=False, input_data_format="channels_last"
    )
    picture = np.asarray(made["pixel_values"][0])
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[0] != 3:
        raise ValueError(f"expected one picture (3, height, width) of bytes, got {picture.dtype} {picture.shape}")
    return np.ascontiguousarray(picture.transpose(1, 2, 0))


def image_tower(model: transformers.PreTrainedModel, processor: transformers.BaseImageProcessor) -> torch.nn.Module:
    """Pictures (n, height, width, 3) uint8 -> (n, dim), unit rows; normalises as the processor would."""
    from stages.encoders.tower import ImageTower

    rescale = processor.rescale_factor if processor.do_rescale else 1.0
    mean = np.asarray(processor.image_mean if processor.do_normalize else [0.0] * 3)
    std = np.asarray(processor.image_std if processor.do_normalize else [1.0] * 3)
    return ImageTower(
        model, lambda pixels: pooled(model.get_image_features(pixel_values=pixels)), mean / rescale, rescale / std
    )


def pooled(output: object) -> torch.Tensor:
    """The vectors in what `get_image_features` and `get_text_features` give, which differs between versions."""
    return getattr(output, "pooler_output", output)


def _vector_of(tower: torch.nn.Module, picture: np.ndarray) -> np.ndarray:
    import torch

    with torch.inference_mode():
        return tower.eval()(torch.from_numpy(picture[None])).numpy()


def _must_be_dual(model: object, folder: Path) -> None:
    if not all(hasattr(model, name) for name in ("get_image_features", "get_text_features", "logit_scale")):
        raise EncoderError(
            "a checkpoint is no image-text dual encoder",
            where=folder,
            expected="CLIP, SigLIP or another model with an image tower, a text tower and one space",
            got=json.loads((folder / "config.json").read_text()).get("model_type"),
            do="name another encoder.model in params.yaml",
        )


def _attempt(what: str, folder: Path, work: Callable[[], Made]) -> Made:
    """What `work()` gives. transformers raises whatever a broken file happens to cause; all of it means the same."""
    try:
        return work()
    except Exception as error:
        raise EncoderError(
            f"cannot {what} a checkpoint",
            where=folder,
            got=f"{type(error).__name__}: {next(iter(str(error).strip().splitlines()), '')}",
            do="name another encoder.model in params.yaml, or mend the checkpoint",
        ) from error
