"""From `data/encoder.json` to an encoder that works."""

from __future__ import annotations

from pathlib import Path

from stages.contracts.encoder_record import EncoderRecord
from stages.contracts.errors import EncoderError, EncoderUnreachable
from stages.contracts.params import base, encoder, machine
from stages.encoders.checkpoint import sha256_of, weights_sum
from stages.encoders.hub import cached
from stages.encoders.interface import Encoder


def open_encoder(
    record: EncoderRecord, root: Path = Path(), precision: str = "auto", wish: machine.Params | None = None
) -> Encoder:
    """The encoder of a record. Weights are loaded when they are first needed.

    Parameters
    ----------
    record : as `fetch` wrote it.
    root : the project's.
    precision : `embed.precision`.
    wish : the section `machine`.

    Raises
    ------
    EncoderUnreachable : the checkpoint is not on this machine any more.
    EncoderError : it is not the one that `fetch` saw.
    """
    wish = wish or machine.Params()
    if record.kind == "packaged":
        from stages.encoders.packaged import PackagedEncoder
        from stages.encoders.packaged_network import weights_file

        _must_be_same(record, sha256_of(weights_file(), root))
        return PackagedEncoder(record.weights_sha256, precision=precision, wish=wish, root=root)
    from stages.encoders.choosing import facts_of
    from stages.encoders.clip import ClipEncoder

    folder = locate(record, root)
    _must_be_same(record, weights_sum(folder, root))
    return ClipEncoder(folder, record.weights_sha256, facts_of(folder, root), precision=precision, wish=wish, root=root)


def locate(record: EncoderRecord, root: Path) -> Path:
    """The folder of a record's checkpoint on this machine.

    Raises
    ------
    EncoderUnreachable : it is not here.
    """
    if record.source == "folder":
        folder = (root / Path(base.load(encoder.Params, "encoder", root).model).expanduser()).resolve()
        found = folder if folder.is_dir() else None
    else:
        found = cached(record.model, record.revision)
    if found is None:
        raise EncoderUnreachable(
            "the encoder's checkpoint is not on this machine", where=record.encoder_id, do="dvc repro fetch"
        )
    return found


def _must_be_same(record: EncoderRecord, found: str) -> None:
    if found != record.weights_sha256:
        raise EncoderError(
            "the encoder's weights are not those that fetch saw",
            where=record.encoder_id,
            expected=record.weights_sha256,
            got=found,
            do="dvc repro fetch",
        )
