"""Both runtimes on a tiny tower: same numbers, whatever the batch; chosen once, kept, told."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from stages.contracts.params import machine
from stages.encoders import forward as forward_module
from stages.encoders.forward import Forward
from stages.encoders.tower import ImageTower

SIZE = (24, 32)


class Network(torch.nn.Module):
    """One convolution, and its mean over the picture."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Conv2d(3, 8, 5)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.layer(pixels).relu().mean((2, 3))


def build() -> ImageTower:
    network = Network()
    return ImageTower(network, network, [127.0] * 3, [1 / 128] * 3)


def make(root: Path, build=build, precision="float32", group=4, **wish) -> Forward:
    return Forward(
        build, {"of": "test"}, SIZE, group, 8, precision=precision, wish=machine.Params(device="cpu", **wish), root=root
    )


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *SIZE, 3), dtype=np.uint8)


@pytest.mark.parametrize("runtime", ["torch", "openvino"])
@pytest.mark.parametrize("count", [1, 3, 4, 9])
def test_vectors_are_those_of_the_tower(runtime, count, tmp_path):
    found = make(tmp_path, runtime=runtime)(pictures(count))
    with torch.inference_mode():
        expected = build().eval()(torch.from_numpy(pictures(count))).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("runtime", ["torch", "openvino"])
def test_a_vector_does_not_depend_on_its_batch(runtime, tmp_path):
    forward, given = make(tmp_path, runtime=runtime), pictures(9)
    together = forward(given)
    np.testing.assert_array_equal(together, np.concatenate([forward(picture[None]) for picture in given]))
    np.testing.assert_array_equal(together[::-1], forward(given[::-1]))


@pytest.mark.parametrize("runtime", ["torch", "openvino"])
def test_no_pictures_are_no_vectors(runtime, tmp_path):
    assert make(tmp_path, runtime=runtime)(pictures(0)).shape == (0, 8)


def test_a_saved_graph_is_enough_the_second_time(tmp_path):
    first = make(tmp_path, precision="auto")(pictures(2))

    def no_tower():
        raise AssertionError("the tower was built again")

    second = make(tmp_path, build=no_tower, precision="auto")
    np.testing.assert_array_equal(second(pictures(2)), first)


def test_a_network_that_openvino_cannot_convert_runs_in_torch(tmp_path, monkeypatch):
    def refuse(*args):
        raise RuntimeError("unknown operation")

    monkeypatch.setattr(forward_module.runtimes, "save_graph", refuse)
    forward = make(tmp_path, precision="auto")
    assert forward.plan.runtime == "torch"
    assert "RuntimeError" in forward.why
    assert forward(pictures(3)).shape == (3, 8)


def test_the_choice_is_kept(tmp_path):
    forward = make(tmp_path, precision="auto")
    plan = forward.plan
    (kept,) = (tmp_path / forward_module.CACHE).glob("*.json")
    assert json.loads(kept.read_text()) == [forward.candidates.index(plan), forward.why]
    assert make(tmp_path, precision="auto").plan == plan


def test_the_fingerprint_covers_what_changes_a_vector(tmp_path):
    def fingerprint(identity, **wish):
        precision = wish.pop("precision", "float32")
        return Forward(
            build, identity, SIZE, 4, 8, precision=precision, wish=machine.Params(device="cpu", **wish), root=tmp_path
        ).fingerprint

    base = fingerprint({"weights": "a"}, runtime="torch")
    assert base == fingerprint({"weights": "a"}, runtime="torch", workers=7)
    others = [
        fingerprint({"weights": "b"}, runtime="torch"),
        fingerprint({"weights": "a"}, runtime="openvino"),
        fingerprint({"weights": "a"}, runtime="torch", precision="bfloat16"),
    ]
    assert len({base, *others}) == 4


def test_openvino_reports_to_nobody():
    """Its converter would, by default, tell its makers of each use; ours runs with its own stub instead."""
    script = (
        "import sys; from stages.encoders.runtimes import import_openvino; ov = import_openvino();"
        "from openvino.tools import ovc; assert 'telemetry_stub' in type(ovc.telemetry).__module__;"
        "assert sys.modules['openvino_telemetry'] is None"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_first_pictures_of_several_threads_do_not_wait_for_each_other(tmp_path):
    """OpenVINO's binding may, where nobody called it before: nine times of ten, if threads take turns so fast."""
    script = (
        "import sys; from pathlib import Path; sys.setswitchinterval(1e-6); from tests.encoders import test_forward;"
        "made = test_forward.make(Path(sys.argv[1]), group=1, runtime='openvino');"
        "assert made(test_forward.pictures(16)).shape == (16, 8)"
    )
    for _ in range(3):
        subprocess.run([sys.executable, "-c", script, tmp_path], timeout=60, check=True)


def test_a_network_is_converted_once_whatever_it_is_run_in(tmp_path):
    first = make(tmp_path, precision="float32", runtime="openvino")
    first(pictures(1))

    def no_tower():
        raise AssertionError("the tower was built again")

    make(tmp_path, build=no_tower, precision="bfloat16", runtime="openvino")(pictures(1))
