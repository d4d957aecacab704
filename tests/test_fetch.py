"""`fetch`: what it writes, what it says, and what it refuses to swap. The hub is played by a function."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from stages import fetch
from stages.contracts.encoder_record import PATH, EncoderRecord, read_record
from stages.contracts.errors import EncoderUnreachable, TableError
from stages.contracts.schemas.embeddings import PATH as EMBEDDINGS
from stages.contracts.schemas.embeddings import Embeddings, write_embeddings
from stages.encoders import choosing
from tests import encoder_records
from tests.vectors import content_ids, unit

ASKED = {"model": "somebody/clip", "requested": "somebody/clip"}
CLIP = encoder_records.CLIP.model_copy(update=ASKED | {"dim": 8})


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that asks for a model of a hub that cannot be reached."""

    def obtain(model: str, revision: str | None) -> Path:
        raise EncoderUnreachable(f"the encoder {model} cannot be had", got="Name or service not known")

    monkeypatch.setattr(choosing, "obtain", obtain)
    (tmp_path / "params.yaml").write_text("encoder: {model: somebody/clip}\n")
    return tmp_path


def embed_with(record: EncoderRecord, root: Path, count: int = 5) -> None:
    vectors = Embeddings(content_ids(count), unit(count, 8))
    write_embeddings(vectors, 8, root, {"encoder": record.model_dump(), "dim": 8})


def test_the_fallback_is_told_in_one_loud_line(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fetch.main(root)
    told = capsys.readouterr()
    assert len(told.err.strip().splitlines()) == 1
    for words in ("WARNING", "somebody/clip", "Name or service not known", "FALLBACK"):
        assert words in told.err
    assert read_record(root).is_fallback


def test_nothing_changed_is_the_same_bytes(root: Path) -> None:
    fetch.main(root)
    first = (root / PATH).read_bytes()
    fetch.main(root)
    assert (root / PATH).read_bytes() == first
    assert str(root) not in first.decode()


def test_without_fallback_nothing_is_written(root: Path) -> None:
    (root / "params.yaml").write_text("encoder: {model: somebody/clip, fallback: null}\n")
    with pytest.raises(EncoderUnreachable):
        fetch.main(root)
    assert not (root / PATH).exists()


def test_vectors_of_the_encoder_asked_for_are_not_swapped_against_the_fallback(root: Path) -> None:
    embed_with(CLIP, root)
    with pytest.raises(EncoderUnreachable, match="may not replace") as caught:
        fetch.main(root)
    assert CLIP.encoder_id in str(caught.value)
    assert "dvc exp run -S encoder.model=packaged" in caught.value.do
    assert not (root / PATH).exists()


def test_vectors_in_a_damaged_file_say_what_to_do(root: Path) -> None:
    """`dvc repro --force embed` would not: DVC runs `fetch` before it."""
    embed_with(CLIP, root)
    (root / EMBEDDINGS).write_bytes((root / EMBEDDINGS).read_bytes()[:-9])
    with pytest.raises(TableError, match=r"embeddings\.parquet cannot be read") as caught:
        fetch.main(root)
    assert caught.value.do == "delete it, then dvc repro embed"


def test_the_command_that_it_names_allows_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    embed_with(CLIP, root)
    (root / "params.yaml").write_text("encoder: {model: packaged}\n")
    fetch.main(root)
    assert not read_record(root).is_fallback
    assert f"changes from {CLIP.encoder_id} to packaged:efficientnet-lite0@0.1.0" in capsys.readouterr().out


def test_vectors_of_another_encoder_may_be_replaced_and_it_says_how_many(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    embed_with(CLIP.model_copy(update={"requested": "earlier/clip"}), root, count=7)
    fetch.main(root)
    assert "the vectors of 7 images" in capsys.readouterr().out


def test_vectors_of_the_fallback_itself_change_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fetch.main(root)
    embed_with(read_record(root), root)
    capsys.readouterr()
    fetch.main(root)
    assert "changes from" not in capsys.readouterr().out


def test_a_fallback_run_takes_seconds_and_loads_no_torch(tmp_path: Path) -> None:
    """As DVC runs it, in an environment that is offline: with no torch, no transformers, no OpenVINO."""
    (tmp_path / "params.yaml").write_text("encoder: {model: somebody/clip}\n")
    script = (
        "import sys; from pathlib import Path; from stages import fetch; fetch.main(Path(sys.argv[1]));"
        "heavy = {'torch', 'transformers', 'openvino'} & set(sys.modules); assert not heavy, heavy"
    )
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path],
        env={"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "FALLBACK" in done.stderr
    assert time.monotonic() - started < 10
