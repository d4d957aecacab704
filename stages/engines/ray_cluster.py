"""A Ray cluster: reaching it, and how it is divided among workers."""

from __future__ import annotations

import contextlib
import logging
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from stages.contracts.errors import SetupError
from stages.contracts.params import machine

if TYPE_CHECKING:
    import ray

PACKAGES = ("pillow", "pillow-heif", "simplejpeg", "opencv-python-headless", "numpy", "openvino", "torch", "faiss-cpu")
"""Results depend on their versions."""


@dataclass(frozen=True)
class Workers:
    """How a cluster is divided: `count` workers of so many processors, and GPUs, each."""

    count: int
    cpus: int
    gpus: int = 0


@contextlib.contextmanager
def connected(wish: machine.Params) -> Iterator[None]:
    """Within it, this process is a driver of the cluster that `machine.ray_address` names, if there is to be one.

    Raises
    ------
    SetupError : Ray is not installed, or the cluster does not answer.
    """
    if wish.engine != "ray":
        yield
        return
    ray = import_ray()
    own = not ray.is_initialized()
    if own:
        try:
            ray.init(address=wish.ray_address, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, ValueError, RuntimeError) as error:
            asked = wish.ray_address or os.environ.get("RAY_ADDRESS", "this machine")
            raise SetupError(
                "the Ray cluster does not answer",
                where=f"params.yaml, machine.ray_address: {asked}",
                got=str(error).splitlines()[0],
                do="ray status",
            ) from None
    _quiet(ray)
    try:
        yield
    finally:
        if own:
            ray.shutdown()


def import_ray() -> ray:
    """Ray, if it is installed; it reports to its makers only where somebody asks it to."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise SetupError(
            "machine.engine is ray, and Ray is not installed",
            where="params.yaml, machine.engine",
            got=error,
            do='pip install --constraint constraints.txt --editable ".[ray]"',
        ) from None
    return ray


def divided(wish: machine.Params, uses_gpu: bool = False) -> Workers:
    """How the cluster, as it is now, is divided into workers that are all the same.

    Raises
    ------
    SetupError : it has no processor to work with.
    """
    nodes = [node["Resources"] for node in import_ray().nodes() if node["Alive"]]
    nodes = [(int(node.get("CPU", 0)), int(node.get("GPU", 0))) for node in nodes]
    with_gpus = [(cpus // gpus, gpus) for cpus, gpus in nodes if gpus and cpus >= gpus]
    if uses_gpu and with_gpus:
        return Workers(sum(gpus for _, gpus in with_gpus), min(share for share, _ in with_gpus), 1)
    of_each = [cpus for cpus, _ in nodes if cpus]
    if not of_each:
        raise SetupError("the Ray cluster has no processors to work with", got=f"{len(nodes)} nodes", do="ray status")
    cpus = min(wish.workers or min(of_each), max(of_each))
    return Workers(sum(node // cpus for node in of_each), cpus)


def processors() -> int:
    """Of the whole cluster, at least 1."""
    return max(int(import_ray().cluster_resources().get("CPU", 1)), 1)


def installed() -> dict[str, str | None]:
    """Versions of what results depend on."""
    return {name: _version(name) for name in PACKAGES}


def must_match(versions: dict[str, str | None]) -> None:
    """What is kept is shared, and named by the driver's versions."""
    here = installed()
    other = {name: found for name, found in here.items() if found != versions.get(name)}
    if other:
        raise SetupError(
            "a node of the cluster has other versions than the one that started the run",
            where=platform.node(),
            expected=", ".join(f"{name} {versions.get(name)}" for name in other),
            got=", ".join(f"{name} {found}" for name, found in other.items()),
            do="pip install --constraint constraints.txt --editable . on every node",
        )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _quiet(ray: ray) -> None:
    """No bars, banners or tracebacks of Ray's: progress is told by the stage, and errors by ours."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.raise_original_map_exception = True
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
