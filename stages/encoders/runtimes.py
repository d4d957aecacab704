"""The two runtimes: torch, which is the reference and drives GPUs, and OpenVINO, which is faster on CPUs.

Both take pictures (n, h, w, 3) uint8 and give unit rows (n, d) float32. Pictures are run in groups of a fixed
size, the last one filled up, because kernels round differently at different sizes: so a picture's vector does
not depend on what else is in its batch.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stages.encoders.planning import Plan
from stages.engines.local import in_parallel
from stages.engines.processors import allowed, available

if TYPE_CHECKING:
    import openvino
    import torch

Runner = Callable[[np.ndarray], np.ndarray]


class Part(NamedTuple):
    """Of a network: a saved graph, and the precision that it is run in."""

    graph: Path
    precision: str


def torch_runner(tower: torch.nn.Module, plan: Plan, group: int) -> Runner:
    """Run `tower` in torch, `group` pictures at a time."""
    import torch

    tower = tower.to(plan.device)
    is_bf16 = plan.precision == "bfloat16"

    def run(pixels: np.ndarray) -> np.ndarray:
        with torch.inference_mode(), torch.autocast(plan.device, torch.bfloat16, enabled=is_bf16):
            parts = [
                tower(torch.from_numpy(part).to(plan.device)).float().cpu().numpy() for part in _groups(pixels, group)
            ]
        return np.concatenate(parts)[: len(pixels)]

    return run


def openvino_runner(parts: Sequence[Part], group: int) -> Runner:
    """Run saved graphs in OpenVINO, each on what the one before it gives; several groups at a time, one for each stream
    of each graph: so no processor waits for another. (With one for each processor they meet in the same graph, and an
    eighth of the time nothing is done.)
    """
    core = import_openvino().Core()
    models = [core.compile_model(str(part.graph), "CPU", _settings(part.precision)) for part in parts]
    dim = models[-1].output(0).shape[1]
    count = sum(model.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS") for model in models)
    idle: SimpleQueue[list[openvino.InferRequest]] = SimpleQueue()
    for _ in range(count):
        idle.put(_chained(models))

    def vectors_of(pixels: np.ndarray) -> np.ndarray:
        requests = idle.get()
        try:
            requests[0].infer({0: pixels}, share_inputs=True)
            for request in requests[1:]:
                request.infer()
            return requests[-1].get_output_tensor().data.copy()
        finally:
            idle.put(requests)

    # Once by itself: of two threads that are the first to call it, OpenVINO's binding may let each wait for the other.
    vectors_of(np.zeros(models[0].input(0).shape, np.uint8))

    def run(pixels: np.ndarray) -> np.ndarray:
        found = [vectors for _, vectors in in_parallel(vectors_of, _groups(pixels, group), count)]
        return np.concatenate(found).reshape(-1, dim)[: len(pixels)]

    return run


def _settings(precision: str) -> dict[str, str | int]:
    """Of a graph on this machine's processors."""
    hint = {"bfloat16": "bf16", "float32": "f32"}[precision]
    settings = {"INFERENCE_PRECISION_HINT": hint, "PERFORMANCE_HINT": "THROUGHPUT"}
    if available() < allowed():
        settings["INFERENCE_NUM_THREADS"] = available()
    return settings


def _chained(models: Sequence[openvino.CompiledModel]) -> list[openvino.InferRequest]:
    """A request of each model, which takes the very memory that the one before it wrote."""
    requests = [model.create_infer_request() for model in models]
    for before, after in pairwise(requests):
        after.set_input_tensor(before.get_output_tensor())
    return requests


def converted(tower: torch.nn.Module, shape: tuple[int, int, int, int]) -> openvino.Model:
    """`tower` for pictures of `shape` (group, h, w, 3) as an OpenVINO graph."""
    import torch

    ov = import_openvino()
    example, tower = torch.zeros(shape, dtype=torch.uint8), tower.eval().requires_grad_(False)
    # A function, not the module: TorchScript classes for each of its parts would take most of the time. The warnings
    # are that shapes become constants, which is what is wanted, and that tracing will be superseded.
    with torch.inference_mode(), one_torch_thread(), warnings.catch_warnings(action="ignore"):
        traced = torch.jit.trace(lambda pixels: tower(pixels), example, check_trace=False)
    return ov.convert_model(traced, example_input=example, input=[ov.PartialShape(list(shape))])


def save_graph(graph: openvino.Model, path: Path) -> None:
    """Keep a graph for later runs; weights stay float32."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.stem}.partial.xml")
    import_openvino().save_model(graph, partial, compress_to_fp16=False)
    # The weights first: the .xml is what others look for.
    os.replace(partial.with_suffix(".bin"), path.with_suffix(".bin"))
    os.replace(partial, path)


@contextlib.contextmanager
def one_torch_thread() -> Iterator[None]:
    """For a few pictures: torch's threads wait for each other by spinning, at the cost of whoever else works here."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def import_openvino() -> openvino:
    """OpenVINO, kept from reporting each use to its makers: nothing of Winnow uploads anything."""
    # openvino falls back on a stub of its own where this package cannot be imported.
    sys.modules.setdefault("openvino_telemetry", None)
    import openvino

    return openvino


def _groups(pixels: np.ndarray, group: int) -> list[np.ndarray]:
    """Pictures in groups of a fixed size; the last is filled up with its last picture."""
    pixels = np.ascontiguousarray(pixels)
    parts = [pixels[start : start + group] for start in range(0, len(pixels), group)]
    if parts and len(parts[-1]) < group:
        missing = group - len(parts[-1])
        parts[-1] = np.concatenate([parts[-1], np.repeat(parts[-1][-1:], missing, axis=0)])
    return parts
