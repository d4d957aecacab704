"""Two nodes of a Ray cluster, both on this machine, do what one machine does; in the end one of them is killed.

The cluster is started once for all tests here, since that takes seconds. What runs on its nodes is pickled, with the
code of the tests, so that the nodes need not find it.
"""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from stages import connect, deduplicate, embed, ingest, measure
from stages.contracts import tables
from stages.contracts.encoder_record import write_record
from stages.contracts.errors import SetupError, SourceError
from stages.contracts.params import machine
from stages.contracts.schemas.pairs import PAIRS
from stages.core.cells import RECALL, graph
from stages.core.knn import nearest
from stages.engines import ray_cluster, ray_work
from stages.engines.ray_cluster import Workers, import_ray
from tests import colours
from tests.benchmarks.mixture import mixture
from tests.colours import ENCODER, Colours
from tests.encoded import encoded, picture

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:ray")

RAY = machine.Params(engine="ray")
PICTURES = 60
MEMORY = 100 * 2**20


@pytest.fixture(scope="module")
def cluster() -> Iterator:
    """A node that the tests run on, and one that may go; a processor each."""
    ray = import_ray()
    from ray.cluster_utils import Cluster

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    ray.cloudpickle.register_pickle_by_value(colours)
    scratch = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # names of sockets may not be long
    head = {"num_cpus": 1, "object_store_memory": MEMORY, "include_dashboard": False, "temp_dir": scratch}
    nodes = Cluster(initialize_head=True, head_node_args=head)
    nodes.add_node(num_cpus=1, object_store_memory=MEMORY)
    ray.init(address=nodes.address, log_to_driver=False, logging_level=logging.CRITICAL)
    with ray_cluster.connected(RAY):
        yield nodes
    ray.shutdown()
    nodes.shutdown()
    shutil.rmtree(scratch, ignore_errors=True)


class Doomed(Colours):
    """On one node it does a piece, and hangs in its second until it is killed; on others it waits for that."""

    def __init__(self, node: str, hangs: Path, *_: object) -> None:
        super().__init__()
        self.node, self.hangs, self.pieces = node, hangs, 0

    def image_features(self, pixels: np.ndarray) -> np.ndarray:
        self.pieces += len(pixels) > 1  # a single picture is not a piece: it is asked what the encoder is
        if import_ray().get_runtime_context().get_node_id() != self.node:
            until(lambda: self.hangs.exists() or not self.pieces)
        elif self.pieces == 2:
            self.hangs.touch()
            time.sleep(60)
        return super().image_features(pixels)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures, a copy of one, and a broken file."""
    folder = tmp_path_factory.mktemp("photos")
    for number in range(PICTURES):
        (folder / f"{number}.jpg").write_bytes(encoded(picture(160, 120, number)))
    (folder / "copy.jpg").write_bytes((folder / "7.jpg").read_bytes())
    (folder / "broken.jpg").write_bytes(b"no picture")
    return folder


def project(root: Path, photos: Path, engine: str) -> Path:
    root.mkdir()
    (root / "params.yaml").write_text(f"data: {{source: {photos}}}\nmachine: {{engine: {engine}}}\n")
    (root / "data").mkdir()
    write_record(ENCODER, root)
    return root


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> Path:
    """What this machine makes of the pictures."""
    root = project(tmp_path_factory.mktemp("here") / "project", photos, "local")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embed, "open_encoder", lambda *_: Colours())
        for stage in (ingest, measure, embed):
            stage.main(root)
    return root


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory, photos: Path, cluster: object) -> Path:
    return project(tmp_path_factory.mktemp("there") / "project", photos, "ray")


def written(root: Path) -> dict[str, bytes]:
    """Every file below `data`."""
    paths = sorted(path for path in (root / "data").rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def test_each_worker_has_a_node_with_all_its_processors(cluster: object) -> None:
    assert ray_cluster.divided(RAY) == Workers(count=2, cpus=1)
    assert ray_cluster.processors() == 2


@pytest.mark.parametrize(
    ("nodes", "asked", "is_gpu_work", "expected"),
    [
        ([{"CPU": 8}, {"CPU": 64}, {}], None, False, Workers(9, 8)),
        ([{"CPU": 8}, {"CPU": 64}], 16, False, Workers(4, 16)),
        ([{"CPU": 4}], 16, False, Workers(1, 4)),
        ([{"CPU": 16, "GPU": 4}, {"CPU": 8}], None, True, Workers(4, 4, 1)),
        ([{"CPU": 16, "GPU": 4}, {"CPU": 8}], None, False, Workers(3, 8)),
        ([{"CPU": 8}], None, True, Workers(1, 8)),
    ],
)
def test_a_cluster_is_divided_into_workers_that_are_all_the_same(
    monkeypatch: pytest.MonkeyPatch, nodes: list[dict], asked: int | None, is_gpu_work: bool, expected: Workers
) -> None:
    listed = [{"Alive": True, "Resources": node} for node in nodes] + [{"Alive": False, "Resources": {"CPU": 2}}]
    monkeypatch.setattr(import_ray(), "nodes", lambda: listed)
    assert ray_cluster.divided(machine.Params(engine="ray", workers=asked), is_gpu_work) == expected


def test_results_come_with_their_items_in_order_and_a_failure_in_its_turn(cluster: object) -> None:
    def inverse(item: int) -> float:
        return 1 / item

    assert list(ray_work.in_parallel(inverse, range(1, 8), 2, ahead=2, chunk=3)) == [(n, 1 / n) for n in range(1, 8)]
    results = ray_work.in_parallel(inverse, [1, 2, 0], 2, chunk=1)
    assert next(results) == (1, 1.0)
    assert next(results) == (2, 0.5)
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_what_a_worker_says_is_said_here_as_it_was(cluster: object) -> None:
    def open_work(workers: int) -> ray_work.Work:
        def work(piece: pa.Table) -> pa.Table:
            raise SourceError("a file is gone", where=piece["path"][0], do="dvc repro")

        return work

    with pytest.raises(SourceError) as caught:
        list(ray_work.spread(pa.table({"path": ["a.jpg"]}), open_work, RAY))
    assert (caught.value.what, str(caught.value.where), caught.value.do) == ("a file is gone", "a.jpg", "dvc repro")


def test_a_cluster_that_loses_worker_after_worker_is_given_up(capsys: pytest.CaptureFixture) -> None:
    gone = import_ray().exceptions.WorkerCrashedError()
    for failures in range(1, ray_work.LOSSES + 1):
        ray_work._raise_unless_lost(gone, failures)
    assert capsys.readouterr().err.count("a worker was lost") == ray_work.LOSSES
    with pytest.raises(SetupError, match="nothing gets done"):
        ray_work._raise_unless_lost(gone, ray_work.LOSSES + 1)


def test_nodes_with_other_versions_are_refused(cluster: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_work, "installed", lambda: ray_cluster.installed() | {"pillow": "1.0"})
    with pytest.raises(SetupError, match="other versions") as caught:
        ray_work.on_a_worker(lambda: 1, RAY)
    assert caught.value.expected == "pillow 1.0"


def test_files_and_pixels_give_the_same_tables(here: Path, there: Path) -> None:
    for stage in (ingest, measure):
        stage.main(there)
    expected = {name: data for name, data in written(here).items() if "embeddings" not in name}
    assert len(expected) >= 4
    assert written(there) == expected


def test_connect_and_deduplicate_give_the_same_tables(
    here: Path, cluster: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "graph", partial(graph, exact_up_to=0))
    found = {}
    for engine in ("local", "ray"):
        root = tmp_path / engine
        shutil.copytree(here, root)
        with (root / "params.yaml").open("a") as params:
            params.write("connect: {neighbors: 5}\nduplicates: {threshold: 0.6}\n")
        (root / "params.yaml").write_text(
            (root / "params.yaml").read_text().replace("engine: local", f"engine: {engine}")
        )
        for stage in (connect, deduplicate):
            stage.main(root)
        found[engine] = written(root)
    assert tables.metadata(PAIRS, tmp_path / "ray")["looked"]["looked_at"] > 50
    assert found["ray"] == found["local"]


def test_no_pair_across_a_border_of_cells_is_lost(cluster: object) -> None:
    rows = mixture(4_000, 48, np.arange(40)).vectors
    there = graph(rows, 10, exact_up_to=0, spread=ray_work.mapped)
    here = graph(rows, 10, exact_up_to=0)
    assert there.told == here.told
    assert there.told["search"] == "cells"
    np.testing.assert_array_equal(there.indices, here.indices)
    np.testing.assert_array_equal(there.similarities, here.similarities)
    _, truth = nearest(rows, 10)
    assert (there.similarities >= truth[:, 9, None] - 1e-6).mean() >= RECALL - 0.002
    copies = np.column_stack([np.arange(40), np.arange(3_960, 4_000)])
    assert all(copy in there.indices[original] for original, copy in copies)


def test_a_node_is_killed_in_the_middle_of_embed_and_nothing_is_lost(
    here: Path, there: Path, cluster: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    node, hangs = next(iter(cluster.worker_nodes)), there / "hangs"
    monkeypatch.setattr(embed, "open_encoder", partial(Doomed, node.node_id, hangs))
    monkeypatch.setattr(ray_work, "PIECES_EACH", 10)

    def kill() -> None:
        until(hangs.exists)
        cluster.remove_node(node, allow_graceful=False)

    killer = threading.Thread(target=kill)
    killer.start()
    embed.main(there)
    killer.join()
    assert hangs.exists()
    assert "a worker was lost" in capsys.readouterr().err
    assert len(list((there / ".winnow" / "cache").glob("embed-*/*.parquet"))) == 20
    assert written(there) == written(here)


def until(is_so: Callable[[], bool]) -> None:
    for _ in range(2000):
        if is_so():
            return
        time.sleep(0.02)
    raise TimeoutError


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray.data", None)
    with pytest.raises(SetupError) as caught:
        ray_cluster.import_ray()
    assert '".[ray]"' in caught.value.do


def test_a_cluster_that_is_not_there_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_ray(), "is_initialized", lambda: False)

    def refuse(**_: object) -> None:
        raise ConnectionError("ray.init() cannot connect\nmore")

    monkeypatch.setattr(import_ray(), "init", refuse)
    with (
        pytest.raises(SetupError, match="does not answer"),
        ray_cluster.connected(machine.Params(engine="ray", ray_address="10.0.0.1:6379")),
    ):
        pass
