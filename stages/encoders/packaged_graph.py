"""The network of the packaged encoder as an OpenVINO graph, built without torch: what a first run on a CPU needs.

Loading torch, building the network in it, tracing and converting take seconds; weights that are numbers in a file and
a network of one kind of block take none of that. Same layers, same weights: see `packaged_network`.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from stages.encoders.packaged_network import INPUT_SIZE, SCALE, SHIFT
from stages.encoders.runtimes import import_openvino

if TYPE_CHECKING:
    import openvino

BLOCKS = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))
"""How often a kind of block comes, and the stride of the first of them: EfficientNet-B0's, which Lite0 shares."""
EPSILON = 1e-3
"""Of batch normalisation."""
VERSION = "1"
"""Of how the graph is built, since it decides the last bits of a vector."""
REFERENCE = Path(__file__).with_name("data") / "packaged_probes.npy"
"""Unit rows (8, 1280) float32 of `planning.probe_pictures`, by torch in float32."""
MAGIC = 0x1950A86A20F9469CFC6C
"""What files of torch begin with that are no archives."""

Weights = dict[str, np.ndarray]


def graph(weights: Weights, group: int) -> openvino.Model:
    """Pictures (group, 224, 224, 3) uint8 -> pooled features (group, 1280), unit rows."""
    ov = import_openvino()
    from openvino import opset13 as ops

    pictures = ops.parameter([group, INPUT_SIZE, INPUT_SIZE, 3], np.uint8)
    planes = ops.transpose(ops.convert(pictures, "f32"), [0, 3, 1, 2])
    found = ops.multiply(ops.subtract(planes, np.float32(SHIFT)), np.float32(SCALE))
    found = _layer(found, weights, "_conv_stem", "_bn0", stride=2)
    strides = [stride if turn == 0 else 1 for repeats, stride in BLOCKS for turn in range(repeats)]
    for number, stride in enumerate(strides):
        found = _block(found, weights, f"_blocks.{number}.", stride)
    found = _layer(found, weights, "_conv_head", "_bn1")
    pooled = ops.reduce_mean(found, [2, 3])
    return ov.Model([ops.normalize_l2(pooled, [1], 1e-12, "max")], [pictures])


def _block(given: openvino.Node, weights: Weights, name: str, stride: int) -> openvino.Node:
    """Widen by 1 x 1, filter each plane by itself, narrow by 1 x 1; added to what was given where sizes allow."""
    from openvino import opset13 as ops

    found = given
    if f"{name}_expand_conv.weight" in weights:
        found = _layer(found, weights, f"{name}_expand_conv", f"{name}_bn0")
    found = _layer(found, weights, f"{name}_depthwise_conv", f"{name}_bn1", stride=stride)
    found = _layer(found, weights, f"{name}_project_conv", f"{name}_bn2", is_clamped=False)
    return ops.add(found, given) if stride == 1 and found.shape == given.shape else found


def _layer(
    given: openvino.Node, weights: Weights, conv: str, norm: str, stride: int = 1, is_clamped: bool = True
) -> openvino.Node:
    """A convolution, its batch normalisation folded into it, and ReLU6; padded as TensorFlow does."""
    from openvino import opset13 as ops

    scale = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + np.float32(EPSILON))
    shift = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
    kernel = weights[f"{conv}.weight"] * scale[:, None, None, None]
    how = {"strides": [stride, stride], "pads_begin": [0, 0], "pads_end": [0, 0], "dilations": [1, 1]}
    if kernel.shape[1] == 1 and given.shape[1] > 1:
        found = ops.group_convolution(given, kernel[:, None], **how, auto_pad="same_upper")
    else:
        found = ops.convolution(given, kernel, **how, auto_pad="same_upper")
    found = ops.add(found, shift.reshape(1, -1, 1, 1))
    return ops.clamp(found, 0.0, 6.0) if is_clamped else found


def reference() -> np.ndarray:
    """What torch makes of the probe pictures, so that it need not be asked on each machine."""
    return np.load(REFERENCE, allow_pickle=False)


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
