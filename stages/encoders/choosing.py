"""Which encoder: the one asked for, or the fallback where it cannot be had."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from stages.contracts.encoder_record import EncoderRecord, asked_for
from stages.contracts.errors import EncoderError, EncoderUnreachable
from stages.contracts.identity import digest_of
from stages.contracts.json_records import write_text
from stages.contracts.params import encoder
from stages.encoders import packaged_network
from stages.encoders.checkpoint import folder_sum, licence_of, sha256_of, weights_of, weights_sum
from stages.encoders.hub import obtain

if TYPE_CHECKING:
    from stages.encoders.clip_loading import Facts

FACTS = ".winnow/encoders/facts"
PATH_STARTS = ("./", "../", "/", "~", ".\\", "..\\")


def choose(
    params: encoder.Params, present: EncoderRecord | None, root: Path
) -> tuple[EncoderRecord, EncoderUnreachable | None]:
    """The encoder to use, and, where it is the fallback, what kept the one asked for away.

    Parameters
    ----------
    present : the encoder of the vectors that are already there; its commit is kept while the same model is asked for.

    Raises
    ------
    EncoderUnreachable : it cannot be had, and there is no fallback.
    EncoderError : it is there, but cannot be used.
    """
    try:
        return _asked_for(params, present, root), None
    except EncoderUnreachable as error:
        if params.fallback is None:
            raise
        why = f"{params.model} could not be had, so the packaged encoder stands in"
        return _packaged(params, root, is_fallback=True, why=why), error


def requested(params: encoder.Params) -> str:
    """What params.yaml asks for, without any path of this machine."""
    return asked_for(params.model, params.revision)


def is_folder(model: str, root: Path) -> bool:
    """Whether encoder.model names a folder of this machine rather than a model of the hub."""
    return model.startswith(PATH_STARTS) or (root / model).is_dir()


def _asked_for(params: encoder.Params, present: EncoderRecord | None, root: Path) -> EncoderRecord:
    if params.model == "packaged":
        return _packaged(params, root, is_fallback=False, why="params.yaml asks for it")
    if is_folder(params.model, root):
        folder = _local(params, root)
        return _clip(params, root, folder, source="folder", revision=folder_sum(folder, root))
    folder = obtain(params.model, params.revision or _kept_commit(params, present))
    return _clip(params, root, folder, source="hub", revision=folder.name)


def _kept_commit(params: encoder.Params, present: EncoderRecord | None) -> str | None:
    is_same = present is not None and present.source == "hub" and present.requested == requested(params)
    return present.revision if is_same else None


def _local(params: encoder.Params, root: Path) -> Path:
    folder = (root / Path(params.model).expanduser()).resolve()
    if not (folder / "config.json").is_file():
        raise EncoderError(
            "encoder.model names a folder that holds no checkpoint",
            where="params.yaml, encoder.model",
            expected="a folder with config.json, as save_pretrained writes it",
            got=f"{folder}, which " + ("has no config.json" if folder.is_dir() else "is not there"),
            do="mend encoder.model in params.yaml",
        )
    return folder


def _clip(params: encoder.Params, root: Path, folder: Path, *, source: str, revision: str) -> EncoderRecord:
    weights_format, _ = weights_of(folder)
    facts = facts_of(folder, root)
    return EncoderRecord(
        kind="clip",
        source=source,
        model=params.model if source == "hub" else requested(params),
        requested=requested(params),
        revision=revision,
        weights_sha256=weights_sum(folder, root),
        weights_format=weights_format,
        dim=facts.dim,
        input_size=min(facts.height, facts.width),
        licence=licence_of(folder),
        is_fallback=False,
        why="params.yaml asks for it",
    )


def _packaged(params: encoder.Params, root: Path, *, is_fallback: bool, why: str) -> EncoderRecord:
    weights = packaged_network.weights_file()
    return EncoderRecord(
        kind="packaged",
        source="package",
        model=packaged_network.NAME,
        requested=requested(params),
        revision=version(packaged_network.PACKAGE),
        weights_sha256=sha256_of(weights, root),
        weights_format="bin",
        dim=packaged_network.DIM,
        input_size=packaged_network.INPUT_SIZE,
        licence=packaged_network.LICENCE,
        is_fallback=is_fallback,
        why=why,
    )


def facts_of(folder: Path, root: Path) -> Facts:
    """What only loading a checkpoint tells; kept, so that it is loaded once and not at every run.

    Raises
    ------
    EncoderError : it cannot be loaded.
    """
    from stages.encoders.clip_loading import Facts, inspect

    told = [folder_sum(folder, root), version("transformers"), version("torch")]
    path = root / FACTS / f"{digest_of(told)}.json"
    if path.exists():
        return Facts(**json.loads(path.read_text()))
    facts = inspect(folder)
    write_text(path, json.dumps(asdict(facts)))
    return facts
