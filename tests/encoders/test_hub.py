"""The hub, played by functions and by a server that never answers; no test needs the network."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import huggingface_hub
import pytest
from huggingface_hub import constants

from stages.contracts.errors import EncoderUnreachable
from stages.encoders import hub
from stages.encoders.hub import cached, obtain, within

MODEL = "somebody/clip"
COMMIT, NEWER = "a" * 40, "b" * 40


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache of the hub, where the hub's own functions look."""
    folder = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    for module in (huggingface_hub.file_download, huggingface_hub.constants):
        monkeypatch.setattr(module, "HF_HUB_CACHE", str(folder), raising=False)
    return folder


def put(cache: Path, commit: str, branch: str | None = None) -> Path:
    repository = cache / "models--somebody--clip"
    snapshot = repository / "snapshots" / commit
    snapshot.mkdir(parents=True)
    for name in ("config.json", "preprocessor_config.json", "model.safetensors"):
        (snapshot / name).write_text("{}")
    if branch:
        (repository / "refs").mkdir(exist_ok=True)
        (repository / "refs" / branch).write_text(commit)
    return snapshot


def no_network(*args):
    raise OSError("Name or service not known")


def must_not_be_asked(*args):
    raise AssertionError("the hub was asked")


def test_a_pinned_commit_in_the_cache_asks_nobody(cache, monkeypatch):
    snapshot = put(cache, COMMIT)
    monkeypatch.setattr(hub, "_ask", must_not_be_asked)
    assert obtain(MODEL, COMMIT) == snapshot


def test_without_network_the_cache_will_do(cache, monkeypatch):
    snapshot = put(cache, COMMIT, branch="main")
    monkeypatch.setattr(hub, "_ask", no_network)
    assert obtain(MODEL, None) == snapshot


def test_a_newer_commit_is_downloaded(cache, monkeypatch):
    put(cache, COMMIT, branch="main")
    monkeypatch.setattr(hub, "_ask", lambda model, revision: (NEWER, ["config.json", "model.safetensors"]))
    monkeypatch.setattr(hub, "_download", lambda model, commit, names: put(cache, commit))
    assert obtain(MODEL, None).name == NEWER


def test_only_what_is_used_is_downloaded(monkeypatch, tmp_path):
    asked = {}

    def snapshot_download(model, **options):
        asked.update(options)
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    names = ["config.json", "own.py", "model.safetensors", "pytorch_model.bin", "flax_model.msgpack", "README.md"]
    hub._download(MODEL, COMMIT, names)
    assert asked["revision"] == COMMIT
    assert asked["allow_patterns"] == ["README.md", "config.json", "model.safetensors"]


def test_half_a_download_does_not_count(cache, monkeypatch):
    (put(cache, COMMIT, branch="main") / "model.safetensors").unlink()
    monkeypatch.setattr(hub, "_ask", no_network)
    assert cached(MODEL, "main") is None
    with pytest.raises(EncoderUnreachable):
        obtain(MODEL, None)


def test_what_cannot_be_had_says_why_and_what_to_do(monkeypatch):
    monkeypatch.setattr(hub, "_ask", no_network)
    with pytest.raises(EncoderUnreachable) as caught:
        obtain(MODEL, "v2")
    for words in (MODEL, "v2", "Name or service not known", "encoder.model in params.yaml"):
        assert words in str(caught.value)


def test_a_name_that_no_hub_would_take_cannot_be_had():
    with pytest.raises(EncoderUnreachable):
        obtain("no such/name at/all", None)


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=8) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_hub_that_never_answers_is_given_up_within_seconds(silent_server, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", silent_server)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    started = time.monotonic()
    with pytest.raises(EncoderUnreachable):
        obtain(MODEL, None)
    assert time.monotonic() - started < hub.ANSWER_WITHIN_S + 1.5


def test_within_gives_answers_errors_and_up():
    assert within(5, lambda: 3) == 3
    with pytest.raises(KeyError):
        within(5, lambda: {}["x"])
    with pytest.raises(TimeoutError, match="no answer"):
        within(0.05, lambda: time.sleep(0.5))


FILES = {"config.json": b"{}", "preprocessor_config.json": b"{}", "model.safetensors": b"weights", "own.py": b"1 / 0"}


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as one model takes: its description, its tree and its files."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        path = self.path.split("?")[0]
        if path.startswith(f"/api/models/{MODEL}/tree/"):
            tree = [{"type": "file", "path": name, "size": len(data), "oid": name} for name, data in FILES.items()]
            self.answer(json.dumps(tree).encode())
        elif path.startswith(f"/api/models/{MODEL}"):
            names = [{"rfilename": name} for name in FILES]
            self.answer(json.dumps({"id": MODEL, "sha": COMMIT, "siblings": names}).encode())
        elif (name := path.rsplit("/", 1)[-1]) in FILES and path.startswith(f"/{MODEL}/resolve/"):
            self.answer(FILES[name], ETag=f'"{name}"', **{"X-Repo-Commit": COMMIT})
        else:
            self.send_error(404)

    do_HEAD = do_GET

    def answer(self, data: bytes, **headers: str) -> None:
        self.send_response(200)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def small_hub(monkeypatch) -> Iterator[list[str]]:
    """A hub on this machine, spoken to by huggingface_hub itself; the list says what it was asked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    Hub.asked.clear()
    yield Hub.asked
    server.shutdown()
    server.server_close()


def test_a_model_is_downloaded_once_and_pinned_to_its_commit(small_hub, cache):
    folder = obtain(MODEL, None)
    assert folder.name == COMMIT
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json",
        "model.safetensors",
        "preprocessor_config.json",
    ]
    assert (folder / "model.safetensors").read_bytes() == b"weights"
    small_hub.clear()
    assert obtain(MODEL, COMMIT) == folder
    assert small_hub == []


def test_a_model_that_the_hub_does_not_have_cannot_be_had(small_hub):
    with pytest.raises(EncoderUnreachable, match="nobody/nothing"):
        obtain("nobody/nothing", None)
