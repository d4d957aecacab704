"""What a user would write without Winnow: a loop over files in batches of 32, one thread, float32, eager torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

from stages.encoders.packaged_network import INPUT_SIZE, network

BATCH = 32

Loop = Callable[[Sequence[Path]], np.ndarray]


def clip(checkpoint: Path) -> Loop:
    """transformers' own model and processor."""
    from transformers import AutoImageProcessor, AutoModel

    processor, model = AutoImageProcessor.from_pretrained(checkpoint), AutoModel.from_pretrained(checkpoint).eval()

    def loop(paths: Sequence[Path]) -> np.ndarray:
        found = []
        for batch in _batches(paths):
            inputs = processor(images=[Image.open(path).convert("RGB") for path in batch], return_tensors="pt")
            with torch.no_grad():
                output = model.get_image_features(**inputs)
            found.append(_unit(getattr(output, "pooler_output", output)))
        return np.concatenate(found)

    return loop


def packaged() -> Loop:
    """EfficientNet as pip installs it, and the preprocessing it was trained with."""
    model, size = network(), (INPUT_SIZE, INPUT_SIZE)

    def loop(paths: Sequence[Path]) -> np.ndarray:
        found = []
        for batch in _batches(paths):
            squares = [ImageOps.fit(Image.open(path).convert("RGB"), size, Image.Resampling.BICUBIC) for path in batch]
            pixels = torch.from_numpy(np.stack([np.asarray(square) for square in squares]))
            with torch.no_grad():
                features = model.extract_features((pixels.permute(0, 3, 1, 2).float() - 127) / 128)
            found.append(_unit(features.mean((2, 3))))
        return np.concatenate(found)

    return loop


def _batches(paths: Sequence[Path]) -> Iterator[Sequence[Path]]:
    return (paths[start : start + BATCH] for start in range(0, len(paths), BATCH))


def _unit(rows: torch.Tensor) -> np.ndarray:
    return torch.nn.functional.normalize(rows, dim=1).numpy()
