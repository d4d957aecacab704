"""From a record to an encoder."""

import shutil

import numpy as np
import pytest

from stages.contracts.errors import EncoderError, EncoderUnreachable
from stages.contracts.params import machine
from stages.contracts.params.encoder import Params
from stages.encoders.choosing import choose
from stages.encoders.opening import open_encoder

CPU = machine.Params(device="cpu")


def test_the_packaged_encoder_opens(project):
    record, _ = choose(Params(model="packaged"), None, project)
    encoder = open_encoder(record, project, "float32", CPU)
    assert (encoder.dim, encoder.input_size) == (record.dim, record.input_size)
    assert "cpu, float32" in encoder.engine


@pytest.fixture
def own(clip_folder, tmp_path):
    """A project whose params name a folder inside it."""
    shutil.copytree(clip_folder, tmp_path / "own")
    (tmp_path / "params.yaml").write_text("encoder: {model: ./own}\n")
    return choose(Params(model="./own"), None, tmp_path)[0], tmp_path


def test_a_folder_opens(own):
    record, root = own
    encoder = open_encoder(record, root, "float32", machine.Params(device="cpu", runtime="torch"))
    picture = encoder.preprocess(np.zeros((80, 90, 3), np.uint8))
    assert encoder.image_features(picture[None]).shape == (1, record.dim)
    assert encoder.text_features(["a cat"]).shape == (1, record.dim)
    assert encoder.logit_scale == pytest.approx(np.exp(2.6592), rel=1e-3)


def test_other_weights_than_fetch_saw_are_refused(own):
    record, root = own
    path = root / "own" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(EncoderError, match="not those that fetch saw"):
        open_encoder(record, root, "float32", CPU)


def test_a_checkpoint_that_left_this_machine_is_told(own):
    record, root = own
    shutil.rmtree(root / "own")
    with pytest.raises(EncoderUnreachable, match="not on this machine") as caught:
        open_encoder(record, root, "float32", CPU)
    assert caught.value.do == "dvc repro fetch"
