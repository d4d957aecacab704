"""The Hugging Face hub: a checkpoint's folder in its cache, or within seconds the news that it cannot be had.

Nothing is asked of the hub when the wanted commit is already in the cache.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from stages.contracts.errors import EncoderUnreachable
from stages.encoders.checkpoint import is_complete, support_among, weights_among

ANSWER_WITHIN_S = 3.0
COMMIT = re.compile(r"[0-9a-f]{40}")
Answer = TypeVar("Answer")


def obtain(model: str, revision: str | None) -> Path:
    """The folder of a checkpoint, downloaded if need be; its name is the commit.

    Parameters
    ----------
    model : hub id, ``owner/name``.
    revision : commit, tag or branch; None for the newest.

    Raises
    ------
    EncoderUnreachable : the hub does not answer, does not have it, or does not give it.
    """
    wanted = revision or "main"
    if COMMIT.fullmatch(wanted) and (folder := cached(model, wanted)):
        return folder
    try:
        commit, names = within(ANSWER_WITHIN_S, lambda: _ask(model, wanted))
        return cached(model, commit) or _download(model, commit, names)
    # The transport's own exceptions are unrelated classes that differ from version to version;
    # whatever went wrong on the way to the hub, the checkpoint cannot be had.
    except Exception as error:
        if folder := cached(model, wanted):
            return folder
        raise _unreachable(model, revision, error) from error


def cached(model: str, revision: str) -> Path | None:
    """The folder of a checkpoint in the hub's cache, if all of it is there."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        config = try_to_load_from_cache(model, "config.json", revision=revision)
    except HFValidationError:
        return None
    folder = Path(config).parent if isinstance(config, str) else None
    return folder if folder and is_complete(folder) else None


def within(seconds: float, ask: Callable[[], Answer]) -> Answer:
    """What `ask` answers, waiting no longer than `seconds`: name look-ups know no time limit of their own.

    Raises
    ------
    TimeoutError : no answer in time. Whatever `ask` raises, otherwise.
    """
    answers: list[Answer] = []
    errors: list[Exception] = []

    def work() -> None:
        try:
            answers.append(ask())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return answers[0]


def _ask(model: str, revision: str) -> tuple[str, list[str]]:
    """Commit and file names of a checkpoint."""
    from huggingface_hub import HfApi

    info = HfApi().model_info(model, revision=revision, timeout=ANSWER_WITHIN_S)
    return info.sha, [file.rfilename for file in info.siblings]


def _download(model: str, commit: str, names: list[str]) -> Path:
    from huggingface_hub import snapshot_download

    _, weights = weights_among(names)
    wanted = [*support_among(names), *weights]
    return Path(snapshot_download(model, revision=commit, allow_patterns=wanted, etag_timeout=ANSWER_WITHIN_S))


def _unreachable(model: str, revision: str | None, error: Exception) -> EncoderUnreachable:
    reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return EncoderUnreachable(
        f"the encoder {model} cannot be had",
        where=f"the Hugging Face hub, {model}" + (f" at {revision}" if revision else ""),
        got=reason,
        do="connect to the network, or set encoder.model in params.yaml to a local folder or to `packaged`",
    )
