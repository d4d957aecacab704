"""The network of the packaged encoder as an OpenVINO graph, built without torch: what a first run on a CPU needs.

Loading torch, building the network in it, tracing and converting take seconds; weights that are numbers in a file and
a network of one kind of block take none of that. Same layers, same weights: see `packaged_network`.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stages.encoders.packaged_network import INPUT_SIZE, SCALE, SHIFT
from stages.encoders.packaged_weights import Block, Layer, Network
from stages.encoders.runtimes import import_openvino

if TYPE_CHECKING:
    import openvino

VERSION = "2"
"""Of how the graph is built, since it decides the last bits of a vector."""
REFERENCE = Path(__file__).with_name("data") / "packaged_probes.npy"
"""Unit rows (8, 1280) float32 of `planning.probe_pictures`, by torch in float32."""
EXACT_BLOCKS = 3
"""How many of the first blocks stay in float32 where the others need not. On the flat grounds that shops photograph on,
each pixel has the same rounding error, and nothing averages it out: with all blocks in bfloat16 such pictures' vectors
turn to a cosine of 0.996 to 0.998; with the first three, which have the largest planes, exact, to 0.9995."""


def graph(network: Network, group: int, start: int = 0, stop: int | None = None) -> openvino.Model:
    """Pictures (group, 224, 224, 3) uint8 -> pooled features (group, 1280), unit rows.

    Parameters
    ----------
    start, stop : of the blocks, for a part of the network; it then takes the planes (group, channels, h, w) of the
        block before it, and gives those of its last one.
    """
    ov = import_openvino()
    from openvino import opset13 as ops

    given = _planes(network, group, start) if start else ops.parameter([group, INPUT_SIZE, INPUT_SIZE, 3], np.uint8)
    found = given if start else _clamped(_convolved(_scaled(given), network.stem, stride=2))
    for block in network.blocks[start:stop]:
        found = _through(found, block)
    if stop is None:
        pooled = ops.reduce_mean(_clamped(_convolved(found, network.head)), [2, 3])
        found = ops.normalize_l2(pooled, [1], 1e-12, "max")
    return ov.Model([found], [given])


def _planes(network: Network, group: int, count: int) -> openvino.Node:
    """What enters the block after so many."""
    from openvino import opset13 as ops

    before = network.blocks[:count]
    side = INPUT_SIZE // 2 // math.prod(block.stride for block in before)
    return ops.parameter([group, len(before[-1].project.kernel), side, side], np.float32)


def _scaled(pictures: openvino.Node) -> openvino.Node:
    from openvino import opset13 as ops

    planes = ops.transpose(ops.convert(pictures, "f32"), [0, 3, 1, 2])
    return ops.multiply(ops.subtract(planes, np.float32(SHIFT)), np.float32(SCALE))


def _through(given: openvino.Node, block: Block) -> openvino.Node:
    from openvino import opset13 as ops

    found = _clamped(_convolved(given, block.expand)) if block.expand else given
    found = _clamped(_convolved(found, block.depthwise, block.stride))
    found = _convolved(found, block.project)
    return ops.add(found, given) if block.is_residual else found


def _convolved(given: openvino.Node, layer: Layer, stride: int = 1) -> openvino.Node:
    """Padded as TensorFlow does."""
    from openvino import opset13 as ops

    kernel = layer.kernel
    how = {"strides": [stride, stride], "pads_begin": [0, 0], "pads_end": [0, 0], "dilations": [1, 1]}
    if kernel.shape[1] == 1:
        found = ops.group_convolution(given, kernel[:, None], **how, auto_pad="same_upper")
    else:
        found = ops.convolution(given, kernel, **how, auto_pad="same_upper")
    return ops.add(found, layer.bias.reshape(1, -1, 1, 1))


def _clamped(found: openvino.Node) -> openvino.Node:
    """ReLU6."""
    from openvino import opset13 as ops

    return ops.clamp(found, 0.0, 6.0)


def reference() -> np.ndarray:
    """What torch makes of the probe pictures, so that it need not be asked on each machine."""
    return np.load(REFERENCE, allow_pickle=False)
