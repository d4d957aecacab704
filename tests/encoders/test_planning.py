"""Which way of running is taken: by rule, on fixed pictures."""

import numpy as np
import pytest

from stages.contracts.errors import SetupError
from stages.contracts.params import machine
from stages.encoders import planning
from stages.encoders.planning import Plan, first_that_agrees, plans, probe_pictures

FAST, SLOW, LAST = (
    Plan("cpu", "openvino", "bfloat16"),
    Plan("cpu", "openvino", "float32"),
    Plan("cpu", "torch", "float32"),
)
REFERENCE = np.eye(4, dtype=np.float32)


@pytest.fixture
def bf16_processor(monkeypatch):
    monkeypatch.setattr(planning, "processor_flags", lambda: {"avx2", "avx512_bf16"})


@pytest.fixture
def old_processor(monkeypatch):
    monkeypatch.setattr(planning, "processor_flags", lambda: {"avx2"})


def found(device="cpu", runtime="auto", precision="auto"):
    return plans(machine.Params(device=device, runtime=runtime), precision)


def test_on_a_processor_with_bfloat16_it_is_tried_first(bf16_processor):
    assert found() == [FAST, SLOW, LAST]


def test_on_an_older_processor_it_is_not(old_processor):
    assert found() == [SLOW, LAST]


def test_without_openvino_torch_does_it(bf16_processor, monkeypatch):
    monkeypatch.setattr(planning, "find_spec", lambda name: None)
    assert found() == [Plan("cpu", "torch", "bfloat16"), LAST]
    with pytest.raises(SetupError, match="not installed"):
        found(runtime="openvino")


def test_what_is_asked_for_leaves_no_choice(bf16_processor):
    assert found(runtime="torch", precision="float32") == [LAST]
    assert found(runtime="openvino", precision="bfloat16") == [FAST]


def test_a_device_that_is_not_here_is_told():
    with pytest.raises(SetupError, match="there is no mps device here") as caught:
        found(device="mps")
    assert "machine.device" in str(caught.value)


def test_the_first_that_agrees_is_taken():
    assert first_that_agrees([FAST, SLOW, LAST], lambda plan: REFERENCE, lambda: REFERENCE)[0] == FAST


def test_one_picture_that_disagrees_is_enough_to_pass_on():
    turned = REFERENCE.copy()
    turned[3] = [0, 0, 0.06, 0.998]
    vectors = {FAST: turned, SLOW: REFERENCE}
    plan, why = first_that_agrees([FAST, SLOW, LAST], vectors.__getitem__, lambda: REFERENCE)
    assert plan == SLOW
    assert "0.99800" in why


def test_a_way_that_fails_is_passed_over():
    def vectors_of(plan: Plan) -> np.ndarray:
        raise RuntimeError("no such operation")

    plan, why = first_that_agrees([FAST, SLOW, LAST], vectors_of, lambda: REFERENCE)
    assert plan == LAST
    assert "RuntimeError" in why


def test_probe_pictures_are_always_the_same_and_differ_from_each_other():
    pictures = probe_pictures(64, 48)
    assert pictures.shape == (planning.PROBES, 64, 48, 3)
    np.testing.assert_array_equal(pictures, probe_pictures(64, 48))
    assert len({picture.tobytes() for picture in pictures}) == planning.PROBES
    assert (pictures[0, :16] == 245).all()
    assert pictures[1].std() > 20
