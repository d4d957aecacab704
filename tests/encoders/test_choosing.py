"""Which encoder is chosen; the hub is played by a function."""

import shutil
from pathlib import Path

import pytest

from stages.contracts.errors import EncoderError, EncoderUnreachable
from stages.contracts.params.encoder import Params
from stages.encoders import choosing
from stages.encoders.choosing import choose, facts_of, requested

HUB_ID = "somebody/clip"


@pytest.fixture
def offline(monkeypatch):
    def obtain(model, revision):
        raise EncoderUnreachable(f"the encoder {model} cannot be had", got="no network")

    monkeypatch.setattr(choosing, "obtain", obtain)


@pytest.fixture
def online(monkeypatch, clip_folder, tmp_path) -> list:
    """A hub that has one commit of one model; the list says which revisions it was asked for."""
    asked, snapshot = [], tmp_path / ("c" * 40)
    shutil.copytree(clip_folder, snapshot)

    def obtain(model, revision):
        asked.append(revision)
        return snapshot

    monkeypatch.setattr(choosing, "obtain", obtain)
    return asked


def test_what_is_asked_for_is_taken_and_pinned(online, project):
    record, trouble = choose(Params(model=HUB_ID), None, project)
    assert trouble is None
    assert (record.kind, record.source, record.model, record.revision) == ("clip", "hub", HUB_ID, "c" * 40)
    assert (record.dim, record.input_size, record.weights_format, record.is_fallback) == (32, 64, "safetensors", False)
    assert record.encoder_id == "clip:somebody/clip@cccccccccccc"


def test_the_commit_of_the_present_vectors_is_kept(online, project):
    record, _ = choose(Params(model=HUB_ID), None, project)
    choose(Params(model=HUB_ID), record, project)
    choose(Params(model=HUB_ID, revision="main"), record, project)
    choose(Params(model="another/clip"), record, project)
    assert online == [None, "c" * 40, "main", None]


def test_the_fallback_stands_in_and_says_for_what(offline, project):
    record, trouble = choose(Params(model=HUB_ID), None, project)
    assert (record.kind, record.is_fallback, record.requested) == ("packaged", True, HUB_ID)
    assert HUB_ID in record.why
    assert trouble.got == "no network"


def test_the_record_does_not_tell_how_the_hub_failed(offline, project, monkeypatch):
    """Else a time-out today and a refusal tomorrow would be two encoders."""
    first, _ = choose(Params(model=HUB_ID), None, project)

    def other(model, revision):
        raise EncoderUnreachable("something else", got="time-out")

    monkeypatch.setattr(choosing, "obtain", other)
    assert choose(Params(model=HUB_ID), first, project)[0] == first


def test_without_fallback_it_fails(offline, project):
    with pytest.raises(EncoderUnreachable):
        choose(Params(model=HUB_ID, fallback=None), None, project)


def test_packaged_by_name_is_no_fallback(project):
    record, trouble = choose(Params(model="packaged"), None, project)
    assert (record.kind, record.is_fallback, trouble) == ("packaged", False, None)
    assert len(record.weights_sha256) == 64
    assert record.revision == "0.1.0"


def test_a_folder_is_taken_and_its_path_is_not_told(clip_folder, project):
    record, _ = choose(Params(model=str(clip_folder)), None, project)
    assert (record.source, record.model, len(record.revision)) == ("folder", clip_folder.name, 40)
    assert str(clip_folder.parent) not in record.model_dump_json()


def test_a_folder_inside_the_project_is_named_as_written(clip_folder, tmp_path):
    shutil.copytree(clip_folder, tmp_path / "models" / "own")
    record, _ = choose(Params(model="./models/own"), None, tmp_path)
    assert record.model == "./models/own"
    assert choose(Params(model="models/own"), None, tmp_path)[0].source == "folder"


def test_pickled_weights_are_said_to_be_so(pickled_folder, project):
    assert choose(Params(model=str(pickled_folder)), None, project)[0].weights_format == "bin"


@pytest.mark.parametrize("model", ["./not/there", "/not/there", "~/not-there"])
def test_a_folder_that_is_not_there_is_a_mistake_and_not_a_fallback(model, project):
    with pytest.raises(EncoderError, match="holds no checkpoint") as caught:
        choose(Params(model=model), None, project)
    assert not isinstance(caught.value, EncoderUnreachable)
    assert "encoder.model" in str(caught.value)


def test_a_checkpoint_that_cannot_be_loaded_is_an_error_and_not_a_fallback(clip_folder, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(clip_folder, broken)
    (broken / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(EncoderError) as caught:
        choose(Params(model=str(broken)), None, tmp_path)
    assert not isinstance(caught.value, EncoderUnreachable)


def test_a_checkpoint_is_loaded_once(clip_folder, project, monkeypatch):
    facts = facts_of(clip_folder, project)

    def loaded_again(folder: Path):
        raise AssertionError("loaded again")

    monkeypatch.setattr("stages.encoders.clip_loading.inspect", loaded_again)
    assert facts_of(clip_folder, project) == facts


def test_what_is_asked_for_names_no_place_of_this_machine():
    assert requested(Params(model="a/b", revision="v1")) == "a/b@v1"
    assert requested(Params(model="/home/somebody/own-clip")) == "own-clip"
    assert requested(Params(model="~/own-clip")) == "own-clip"
