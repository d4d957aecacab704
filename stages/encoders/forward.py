"""An image tower on whatever runs it: chosen once, told, and kept for the next run."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stages.contracts.identity import digest_of
from stages.contracts.json_records import write_text
from stages.contracts.params import machine
from stages.contracts.vocabulary import Engine
from stages.encoders import planning, runtimes
from stages.encoders.planning import Plan

if TYPE_CHECKING:
    import openvino
    import torch

CACHE = ".winnow/encoders/openvino"

Parts = Sequence[tuple[str, Callable[[int], "openvino.Model"]]]
"""A network's graphs, one behind the other: the precision that each is run in, and what makes it for groups of so many
pictures."""


class Forward:
    """Pictures (n, h, w, 3) uint8 -> unit rows (n, dim) float32.

    Parameters
    ----------
    build : makes the image tower in torch; not called where a saved graph will do.
    identity : of the weights and the preprocessing, as far as they change a vector.
    size : height and width of a picture, pixels.
    group : pictures that a CPU takes in one go; 1 suits convolutions, 8 suits transformers.
    dim : length of a vector.
    parts : of the network as OpenVINO runs it in a precision; None: the tower, converted, as one.
    reference : the probe pictures' vectors by the tower in float32, where they are known; None: they are computed.
    """

    def __init__(
        self,
        build: Callable[[], torch.nn.Module],
        identity: dict,
        size: tuple[int, int],
        group: int,
        dim: int,
        *,
        precision: str,
        wish: machine.Params,
        root: Path,
        parts: Callable[[str], Parts] | None = None,
        reference: Callable[[], np.ndarray] | None = None,
    ) -> None:
        self.build = build
        self.identity = identity
        self.size = size
        self.dim = dim
        self.precision = precision
        self.wish = wish
        self.parts = parts or self._whole
        self.reference = reference or self._computed
        self.folder = root / CACHE
        self.candidates = planning.plans(wish, precision)
        self.group = group if self.candidates[0].device == "cpu" else wish.batch
        self._made: dict[Plan, runtimes.Runner] = {}

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        if not len(pixels):
            return np.empty((0, self.dim), np.float32)
        return self._runner(pixels)

    @property
    def plan(self) -> Plan:
        return self._chosen[0]

    @property
    def why(self) -> str:
        """Why this plan, in words."""
        return self._chosen[1]

    @property
    def fingerprint(self) -> str:
        """Id of all that changes a vector."""
        packages = ("torch", "openvino") if self.plan.runtime == Engine.OPENVINO else ("torch",)
        return digest_of(
            {
                **self.identity,
                "plan": str(self.plan),
                "group": self.group,
                "versions": {name: _version(name) for name in packages},
            }
        )

    @cached_property
    def _tower(self) -> torch.nn.Module:
        return self.build().eval()

    @cached_property
    def _runner(self) -> runtimes.Runner:
        runner = self._make(self.plan)
        self._made.clear()
        # Where OpenVINO runs it, its own copy of the weights is the only one that is needed.
        if self.plan.runtime == Engine.OPENVINO:
            self.__dict__.pop("_tower", None)
        return runner

    @cached_property
    def _chosen(self) -> tuple[Plan, str]:
        if len(self.candidates) == 1:
            return self.candidates[0], "the only way here"
        kept = self.folder / f"{self._key('plan', [str(plan) for plan in self.candidates])}.json"
        if kept.exists():
            number, why = json.loads(kept.read_text())
            return self.candidates[number], why
        plan, why = planning.first_that_agrees(self.candidates, self._probe, lambda: self._reference)
        write_text(kept, json.dumps([self.candidates.index(plan), why]))
        return plan, why

    def _make(self, plan: Plan) -> runtimes.Runner:
        if plan not in self._made:
            self._made[plan] = self._new_runner(plan)
        return self._made[plan]

    def _new_runner(self, plan: Plan) -> runtimes.Runner:
        if plan.runtime == Engine.TORCH:
            return runtimes.torch_runner(self._tower, plan, self.group)
        parts = self.parts(plan.precision)
        places = (f"{number} of {len(parts)}" for number in range(len(parts)))
        saved = [
            runtimes.Part(self._saved(make, place), precision)
            for place, (precision, make) in zip(places, parts, strict=True)
        ]
        return runtimes.openvino_runner(saved, self.group)

    def _saved(self, make: Callable[[int], openvino.Model], place: str) -> Path:
        """The graph of the part in a place, made where no earlier run did; the same whatever it is run in."""
        path = self.folder / f"{self._key('graph', [self.group, place])}.xml"
        if not path.exists():
            runtimes.save_graph(make(self.group), path)
        return path

    def _probe(self, plan: Plan) -> np.ndarray:
        return self._make(plan)(planning.probe_pictures(*self.size))

    def _whole(self, precision: str) -> Parts:
        return [(precision, lambda group: runtimes.converted(self._tower, (group, *self.size, 3)))]

    @cached_property
    def _reference(self) -> np.ndarray:
        return self.reference()

    def _computed(self) -> np.ndarray:
        plan = Plan(self.candidates[0].device, Engine.TORCH.value, "float32")
        with runtimes.one_torch_thread():
            return runtimes.torch_runner(self._tower, plan, self.group)(planning.probe_pictures(*self.size))

    def _key(self, kind: str, more: object) -> str:
        versions = {name: _version(name) for name in ("torch", "openvino", "transformers")}
        processor = sorted(flag for flag in planning.processor_flags() if flag.startswith(("avx", "amx")))
        return digest_of({**self.identity, "kind": kind, "more": more, "versions": versions, "processor": processor})


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
