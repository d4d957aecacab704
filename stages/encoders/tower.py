"""An image tower as one torch module, bytes in and unit rows out, so that every runtime runs the same thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch


class ImageTower(torch.nn.Module):
    """Normalises pixels, computes features, scales them to length 1.

    Parameters
    ----------
    network : holds the weights.
    features : pixels (n, 3, h, w) float -> features (n, d).
    shift, scale : pixels enter as (x - shift) * scale, x in 0..255; one number a channel.
    """

    def __init__(
        self,
        network: torch.nn.Module,
        features: Callable[[torch.Tensor], torch.Tensor],
        shift: Sequence[float],
        scale: Sequence[float],
    ) -> None:
        super().__init__()
        self.network = network
        self.features = features
        self.register_buffer("shift", torch.tensor(shift, dtype=torch.float32).view(1, -1, 1, 1))
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float32).view(1, -1, 1, 1))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Pictures (n, h, w, 3) uint8 -> (n, d) float32, unit rows."""
        centred = (pixels.permute(0, 3, 1, 2).float() - self.shift) * self.scale
        return torch.nn.functional.normalize(self.features(centred).float(), dim=1)
