"""Which files of a checkpoint count, and what they hash to."""

import json
from pathlib import Path

import pytest

from stages.contracts.errors import EncoderError
from stages.encoders import checkpoint
from stages.encoders.checkpoint import (
    folder_sum,
    is_complete,
    licence_of,
    sha256_of,
    support_among,
    weights_among,
    weights_of,
    weights_sum,
)

HUB = [
    "README.md", "config.json", "flax_model.msgpack", "merges.txt", "model.safetensors", "modeling_own.py",
    "onnx/model.onnx", "preprocessor_config.json", "pytorch_model.bin", "tf_model.h5", "tokenizer.json", "vocab.json",
]  # fmt: skip


def folder_of(path: Path, **files: str) -> Path:
    path.mkdir(exist_ok=True)
    names = {"config": "config.json", "pre": "preprocessor_config.json"}
    names |= {"safe": "model.safetensors", "card": "README.md"}
    for key, text in files.items():
        (path / names.get(key, key)).write_text(text)
    return path


def test_safetensors_come_first():
    assert weights_among(HUB) == ("safetensors", ["model.safetensors"])


def test_pickled_weights_are_taken_where_there_is_nothing_else():
    names = [name for name in HUB if "safetensors" not in name]
    assert weights_among(names) == ("bin", ["pytorch_model.bin"])


def test_shards_and_their_index_are_weights_and_variants_are_not():
    names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"]
    assert weights_among([*names, "model.fp16.safetensors"]) == ("safetensors", names)


def test_code_and_other_frameworks_are_not_downloaded():
    assert support_among(HUB) == [
        "README.md", "config.json", "merges.txt", "preprocessor_config.json", "tokenizer.json", "vocab.json",
    ]  # fmt: skip


def test_a_folder_without_weights_is_told(tmp_path):
    with pytest.raises(EncoderError, match="holds no weights") as caught:
        weights_of(folder_of(tmp_path / "a", config="{}"))
    assert "config.json" in str(caught.value)


def test_a_folder_is_complete_with_all_its_shards(tmp_path):
    folder = folder_of(tmp_path / "a", config="{}", pre="{}")
    assert not is_complete(folder)
    index = {"weight_map": {"x": "model-00001-of-00002.safetensors", "y": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    (folder / "model-00001-of-00002.safetensors").write_text("x")
    assert not is_complete(folder)
    (folder / "model-00002-of-00002.safetensors").write_text("y")
    assert is_complete(folder)


def test_a_broken_link_in_the_cache_is_not_a_weight(tmp_path):
    folder = folder_of(tmp_path / "a", config="{}", pre="{}")
    (folder / "model.safetensors").symlink_to(tmp_path / "gone")
    assert not is_complete(folder)


def test_sums_change_with_what_counts_only(tmp_path):
    folder = folder_of(tmp_path / "a", config="{}", pre="{}", safe="weights")
    before = folder_sum(folder, tmp_path), weights_sum(folder, tmp_path)
    (folder / "notes.md").write_text("anything")
    assert (folder_sum(folder, tmp_path), weights_sum(folder, tmp_path)) == before
    (folder / "preprocessor_config.json").write_text('{"size": 2}')
    assert folder_sum(folder, tmp_path) != before[0]
    assert weights_sum(folder, tmp_path) == before[1]
    (folder / "model.safetensors").write_text("others!")
    assert weights_sum(folder, tmp_path) != before[1]


def test_a_file_is_hashed_once(tmp_path, monkeypatch):
    path = tmp_path / "weights"
    path.write_bytes(b"abc")
    first = sha256_of(path, tmp_path)
    assert first == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    def read_again(*args):
        raise AssertionError("hashed again")

    monkeypatch.setattr(checkpoint.hashlib, "file_digest", read_again)
    assert sha256_of(path, tmp_path) == first


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: apache-2.0\ntags: [x]\n---\ntext", "apache-2.0"),
        ("license: mit", "not stated"),
        ("---\n---\n", "not stated"),
    ],
)
def test_the_licence_is_that_of_the_model_card(card, licence, tmp_path):
    assert licence_of(folder_of(tmp_path / "a", card=card)) == licence
    assert licence_of(folder_of(tmp_path / "b")) == "not stated"
