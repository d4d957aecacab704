"""What runs a forward pass: device, runtime and precision, by rule and never by a race.

On a CPU, OpenVINO runs the same network several times as fast as eager torch. A way of running it
is taken when its vectors agree with those of torch in float32 on fixed pictures (cosine >= 0.999);
of several, the first in this order: OpenVINO before torch, bfloat16 before float32. The last needs no
agreement: torch in float32 is the reference.
"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from stages.contracts.errors import SetupError
from stages.contracts.params import machine
from stages.contracts.vocabulary import Engine

AGREEMENT = 0.999
"""least cosine between a probe picture's vector and its reference, for the two to count as the same"""
PROBES = 8
BF16_FLAGS = ("avx512_bf16", "amx_bf16")


@dataclass(frozen=True)
class Plan:
    """One way of running a forward pass."""

    device: str
    runtime: str
    precision: str

    def __str__(self) -> str:
        return f"{self.runtime} on {self.device}, {self.precision}"


def plans(wish: machine.Params, precision: str) -> list[Plan]:
    """The ways to try, best first; the last one is taken unseen.

    Raises
    ------
    SetupError : the device or the runtime that params.yaml names is not here.
    """
    device = choose_device(wish.device)
    runtimes = _runtimes(wish.runtime, device)
    precisions = [precision] if precision != "auto" else _precisions(device)
    found = [Plan(device, runtime, each) for runtime in runtimes for each in precisions]
    # bfloat16 in eager torch on a CPU is tried only where there is no OpenVINO: float32 in OpenVINO beats it.
    if device == "cpu" and len(runtimes) > 1 and precision == "auto":
        found = [plan for plan in found if (plan.runtime, plan.precision) != (Engine.TORCH, "bfloat16")]
    return found


def choose_device(asked: str) -> str:
    """`machine.device`, or the best there is.

    Raises
    ------
    SetupError : the device asked for is not here.
    """
    if asked == "cpu" or (asked == "auto" and not _may_have_gpu()):
        return "cpu"
    import torch

    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if asked == "auto":
        return next(device for device, is_here in here.items() if is_here)
    if not here[asked]:
        raise SetupError(
            f"there is no {asked} device here",
            where="params.yaml, machine.device",
            expected=", ".join(device for device, is_here in here.items() if is_here),
            got=asked,
            do="set machine.device: auto in params.yaml",
        )
    return asked


def first_that_agrees(
    candidates: list[Plan], vectors_of: Callable[[Plan], np.ndarray], reference: Callable[[], np.ndarray]
) -> tuple[Plan, str]:
    """The first plan whose vectors are those of the reference, and why it was taken.

    Parameters
    ----------
    vectors_of : a plan's vectors of the probe pictures, (n, d) unit rows; any exception means that it cannot.
    reference : the vectors they are held against.
    """
    told = []
    for plan in candidates[:-1]:
        # A network that a runtime cannot convert fails in that runtime's own ways.
        try:
            cosine = float((vectors_of(plan) * reference()).sum(axis=1).min())
        except Exception as error:
            told.append(f"{plan}: {type(error).__name__}")
            continue
        told.append(f"{plan}: cosine to float32 torch {cosine:.5f} on {PROBES} probe pictures")
        if cosine >= AGREEMENT:
            return plan, "; ".join(told)
    return candidates[-1], "; ".join([*told, f"{candidates[-1]}: taken"])


def probe_pictures(height: int, width: int) -> np.ndarray:
    """Fixed pictures (PROBES, height, width, 3) uint8: half with the spectrum of photographs (amplitude 1/f,
    Field 1987), half with such a patch on a flat ground, as shops photograph: there rounding errors add up
    instead of averaging out.
    """
    rng = np.random.default_rng(0)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    noise = np.fft.rfft2(rng.standard_normal((PROBES, 3, height, width)))
    waves = np.fft.irfft2(noise / np.maximum(frequency, 1 / max(height, width)), s=(height, width))
    waves /= waves.std(axis=(1, 2, 3), keepdims=True)
    pictures = np.clip(128 + 50 * waves, 0, 255).astype(np.uint8).transpose(0, 2, 3, 1).copy()
    inside = np.zeros((height, width), bool)
    inside[height // 4 : -(height // 4), width // 4 : -(width // 4)] = True
    for picture, ground in zip(pictures[::2], (245, 200, 90, 20), strict=True):
        picture[~inside] = ground
    return pictures


def _runtimes(asked: str, device: str) -> list[str]:
    if asked == Engine.OPENVINO and device != "cpu":
        raise SetupError(
            "OpenVINO runs on the CPU here",
            where="params.yaml, machine.runtime",
            expected="torch, or machine.device: cpu",
            got=f"openvino with {device}",
            do="set machine.runtime: auto in params.yaml",
        )
    if asked == Engine.OPENVINO and not find_spec("openvino"):
        raise SetupError(
            "OpenVINO is not installed",
            where="params.yaml, machine.runtime",
            do="pip install openvino, or set it to auto",
        )
    if asked == Engine.AUTO:
        return [Engine.OPENVINO.value] * bool(device == "cpu" and find_spec("openvino")) + [Engine.TORCH.value]
    return [asked]


def _precisions(device: str) -> list[str]:
    return ["bfloat16"] * _is_faster_in_bf16(device) + ["float32"]


def _is_faster_in_bf16(device: str) -> bool:
    if device == "cuda":
        import torch

        return torch.cuda.is_bf16_supported()
    return device == "cpu" and bool(set(BF16_FLAGS) & processor_flags())


def processor_flags() -> set[str]:
    """Instruction sets of this processor, as Linux names them; empty elsewhere."""
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    return next((set(line.split()) for line in text.splitlines() if line.startswith("flags")), set())


def _may_have_gpu() -> bool:
    """Whether asking torch, which takes seconds to load, is worth it."""
    is_apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    drivers = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")
    return is_apple or bool(shutil.which("nvidia-smi")) or any(Path(driver).exists() for driver in drivers)
