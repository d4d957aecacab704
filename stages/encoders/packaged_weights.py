"""The packaged encoder's layers as arrays, read without torch, which takes seconds to load."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

STAGES = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))
"""How often a kind of block comes, and the stride of the first of them: EfficientNet-B0's, which Lite0 shares."""
EPSILON = 1e-3
"""Of batch normalisation."""
MAGIC = 0x1950A86A20F9469CFC6C
"""What files of torch begin with that are no archives."""

Weights = dict[str, np.ndarray]


class Layer(NamedTuple):
    """A convolution with its batch normalisation folded into it.

    kernel : (outputs, inputs, h, w) float32; with one input, each output looks at the input of the same number.
    bias : (outputs,) float32.
    """

    kernel: np.ndarray
    bias: np.ndarray


class Block(NamedTuple):
    """Widen by 1 x 1 (the first block does not), filter each plane by itself, narrow by 1 x 1.

    is_residual : whether what was given is added to what comes out.
    """

    expand: Layer | None
    depthwise: Layer
    project: Layer
    stride: int
    is_residual: bool


class Network(NamedTuple):
    """EfficientNet-Lite0 without its classifier."""

    stem: Layer
    blocks: list[Block]
    head: Layer


def network(weights: Weights) -> Network:
    """The layers, each with its normalisation folded into it."""
    strides = [stride if turn == 0 else 1 for repeats, stride in STAGES for turn in range(repeats)]
    blocks = [_block(weights, f"_blocks.{number}.", stride) for number, stride in enumerate(strides)]
    return Network(_layer(weights, "_conv_stem", "_bn0"), blocks, _layer(weights, "_conv_head", "_bn1"))


def _block(weights: Weights, name: str, stride: int) -> Block:
    is_wider = f"{name}_expand_conv.weight" in weights
    expand = _layer(weights, f"{name}_expand_conv", f"{name}_bn0") if is_wider else None
    depthwise = _layer(weights, f"{name}_depthwise_conv", f"{name}_bn1")
    project = _layer(weights, f"{name}_project_conv", f"{name}_bn2")
    given = expand.kernel.shape[1] if expand else len(depthwise.kernel)
    return Block(expand, depthwise, project, stride, stride == 1 and given == len(project.kernel))


def _layer(weights: Weights, conv: str, norm: str) -> Layer:
    scale = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + np.float32(EPSILON))
    shift = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
    return Layer(weights[f"{conv}.weight"] * scale[:, None, None, None], shift)


def read_weights(path: Path) -> Weights:
    """Tensors by name, from a file that torch wrote before it wrote archives.

    Raises
    ------
    pickle.UnpicklingError : the file is no such, or holds anything but tensors.
    """
    with path.open("rb") as file:
        if _Tensors(file).load() != MAGIC:
            raise pickle.UnpicklingError("not a file of torch's")
        _Tensors(file).load(), _Tensors(file).load()  # the format's version, and of the machine that wrote it
        reader = _Tensors(file)
        tensors = reader.load()
        for key in _Tensors(file).load():
            reader.fill(key, file)
    return dict(tensors)


class _Tensors(pickle.Unpickler):
    """Unpickles tensors as arrays, and refuses everything else. Storages are filled once their bytes come."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.storages: dict[str, np.ndarray] = {}

    def find_class(self, module: str, name: str) -> object:
        known = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("torch", "FloatStorage"): np.dtype(np.float32),
            ("torch", "LongStorage"): np.dtype(np.int64),
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} is no tensor")
        return known[module, name]

    def persistent_load(self, told: tuple) -> np.ndarray:
        _, kind, key, _, count, _ = told
        return self.storages.setdefault(key, np.empty(count, kind))

    def fill(self, key: str, file: BinaryIO) -> None:
        storage = self.storages[key]
        file.seek(8, 1)  # their number, which is known
        storage[:] = np.fromfile(file, storage.dtype, len(storage))


def _tensor(storage: np.ndarray, offset: int, shape: tuple, strides: tuple, *_: object) -> np.ndarray:
    steps = [step * storage.itemsize for step in strides]
    return np.ndarray(shape, storage.dtype, storage, offset * storage.itemsize, steps)
