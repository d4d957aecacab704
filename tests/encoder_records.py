"""Records of encoders, as `fetch` writes them."""

from __future__ import annotations

from stages.contracts.encoder_record import EncoderRecord

CLIP = EncoderRecord(
    kind="clip",
    source="hub",
    model="openai/clip-vit-base-patch32",
    requested="openai/clip-vit-base-patch32",
    revision="3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268",
    weights_sha256="a" * 64,
    weights_format="bin",
    dim=512,
    input_size=224,
    licence="not stated",
    is_fallback=False,
    why="params.yaml asks for it",
)
FALLBACK = CLIP.model_copy(
    update={
        "kind": "packaged",
        "source": "package",
        "model": "efficientnet-lite0",
        "revision": "0.1.0",
        "weights_sha256": "ab" * 32,
        "dim": 1280,
        "licence": "Apache-2.0",
        "is_fallback": True,
        "why": "the hub could not be reached",
    }
)
"""The packaged encoder in the stead of `CLIP`."""
