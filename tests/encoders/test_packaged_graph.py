"""The network built without torch is the one that torch has."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from stages.encoders import packaged_graph, packaged_network, packaged_weights, planning, runtimes
from stages.encoders.planning import Plan

SIDE = packaged_network.INPUT_SIZE


@pytest.fixture(scope="module")
def weights() -> packaged_weights.Weights:
    return packaged_weights.read_weights(packaged_network.weights_file())


@pytest.fixture(scope="module")
def network(weights: packaged_weights.Weights) -> packaged_weights.Network:
    return packaged_weights.network(weights)


@pytest.fixture(scope="module")
def expected() -> np.ndarray:
    run = runtimes.torch_runner(packaged_network.image_tower().eval(), Plan("cpu", "torch", "float32"), 1)
    return run(planning.probe_pictures(SIDE, SIDE))


def test_weights_are_those_that_torch_reads(weights: packaged_weights.Weights) -> None:
    theirs = torch.load(packaged_network.weights_file(), map_location="cpu", weights_only=True)
    assert list(weights) == list(theirs)
    for name, tensor in theirs.items():
        np.testing.assert_array_equal(weights[name], tensor.numpy(), err_msg=name)


def vectors(graphs: list, precisions: list[str], folder: Path) -> np.ndarray:
    """Of the probe pictures, by graphs one behind the other."""
    parts = [runtimes.Part(folder / f"{number}.xml", each) for number, each in enumerate(precisions)]
    for graph, part in zip(graphs, parts, strict=True):
        runtimes.save_graph(graph, part.graph)
    return runtimes.openvino_runner(parts, 1)(planning.probe_pictures(SIDE, SIDE))


def test_vectors_are_those_of_torch(network: packaged_weights.Network, expected: np.ndarray, tmp_path: Path) -> None:
    found = vectors([packaged_graph.graph(network, 1)], ["float32"], tmp_path)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("cut", [1, 3, 16])
def test_a_network_cut_in_two_is_the_same(
    cut: int, network: packaged_weights.Network, expected: np.ndarray, tmp_path: Path
) -> None:
    graphs = [packaged_graph.graph(network, 1, stop=cut), packaged_graph.graph(network, 1, start=cut)]
    np.testing.assert_allclose(vectors(graphs, ["float32"] * 2, tmp_path), expected, atol=1e-5)


def test_the_kept_reference_is_what_torch_finds(expected: np.ndarray) -> None:
    np.testing.assert_allclose(packaged_graph.reference(), expected, atol=1e-5)


@pytest.mark.parametrize("content", [pickle.dumps(1), pickle.dumps(packaged_weights.MAGIC) + pickle.dumps(Path())])
def test_what_holds_no_tensors_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "weights.pth"
    file.write_bytes(content)
    with pytest.raises((pickle.UnpicklingError, EOFError)):
        packaged_weights.read_weights(file)


def test_a_first_run_takes_no_torch(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; import numpy as np; from stages.contracts.params import machine;"
        "from stages.encoders.packaged import PackagedEncoder;"
        "made = PackagedEncoder('any', precision='auto', wish=machine.Params(device='cpu'), root=Path(sys.argv[1]));"
        "assert made.image_features(np.zeros((1, 224, 224, 3), np.uint8)).shape == (1, 1280);"
        "assert made.forward.plan.runtime == 'openvino', made.forward.why; assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
