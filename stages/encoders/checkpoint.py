"""A checkpoint is a folder of files: which of them count, and their hashes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from stages.contracts.errors import EncoderError
from stages.contracts.json_records import write_text

SAFETENSORS = re.compile(r"model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?")
PICKLED = re.compile(r"pytorch_model(-\d{5}-of-\d{5})?\.bin(\.index\.json)?")
FORMATS = {"safetensors": SAFETENSORS, "bin": PICKLED}
SUPPORT = (".json", ".txt", ".model", "README.md")
SUMS = ".winnow/encoders/sums.json"


def weights_among(names: Iterable[str]) -> tuple[str | None, list[str]]:
    """The weights among the file names of a checkpoint: format and files; safetensors where there are any."""
    names = sorted(names)
    for weights_format, pattern in FORMATS.items():
        found = [name for name in names if pattern.fullmatch(name)]
        if found:
            return weights_format, found
    return None, []


def support_among(names: Iterable[str]) -> list[str]:
    """Configuration, tokenizer and model card among the file names; never code."""
    return sorted(name for name in names if "/" not in name and name.endswith(SUPPORT) and "index.json" not in name)


def is_complete(folder: Path) -> bool:
    """Whether a folder holds a configuration, a preprocessor and all its weights."""
    names = {path.name for path in folder.glob("*") if path.exists()}
    _, weights = weights_among(names)
    indices = [name for name in weights if name.endswith(".index.json")]
    wanted = {shard for name in indices for shard in _shards(folder / name)}
    has_preprocessor = names & {"preprocessor_config.json", "processor_config.json"}
    return "config.json" in names and bool(has_preprocessor) and bool(set(weights) - set(indices)) and wanted <= names


def weights_of(folder: Path) -> tuple[str, list[Path]]:
    """Format and files of a checkpoint's weights.

    Raises
    ------
    EncoderError : the folder holds none.
    """
    weights_format, names = weights_among(path.name for path in folder.glob("*"))
    if weights_format is None:
        raise EncoderError(
            "a checkpoint holds no weights",
            where=folder,
            expected="model.safetensors or pytorch_model.bin",
            got=", ".join(sorted(path.name for path in folder.glob("*"))) or "an empty folder",
            do="save the model there with save_pretrained",
        )
    return weights_format, [folder / name for name in names]


def weights_sum(folder: Path, root: Path) -> str:
    """SHA-256 of a checkpoint's weights; of several files, of their hashes in order of name."""
    _, files = weights_of(folder)
    sums = [sha256_of(path, root) for path in files if not path.name.endswith(".json")]
    return sums[0] if len(sums) == 1 else hashlib.sha256("".join(sums).encode()).hexdigest()


def folder_sum(folder: Path, root: Path) -> str:
    """Hash of all files of a checkpoint that count, 40 hex digits: a local folder's revision."""
    _, weights = weights_of(folder)
    files = [folder / name for name in support_among(path.name for path in folder.glob("*"))]
    told = [f"{path.name} {sha256_of(path, root)}" for path in sorted({*files, *weights})]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:40]


def licence_of(folder: Path) -> str:
    """The licence that a checkpoint's model card names in its front matter."""
    card = folder / "README.md"
    text = card.read_text(encoding="utf-8", errors="replace") if card.exists() else ""
    front = text.split("---")[1] if text.startswith("---") and text.count("---") > 1 else ""
    found = re.search(r"^license:\s*(\S+)", front, re.MULTILINE)
    return found[1].strip("'\"") if found else "not stated"


def sha256_of(path: Path, root: Path) -> str:
    """SHA-256 of a file; read again only when its size or time changed."""
    path = path.resolve()
    stat = path.stat()
    seen = [stat.st_size, stat.st_mtime_ns]
    kept = root / SUMS
    sums = json.loads(kept.read_text()) if kept.exists() else {}
    known = sums.get(str(path))
    if known and known[:2] == seen:
        return known[2]
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    write_text(kept, json.dumps({**sums, str(path): [*seen, found]}, indent=1))
    return found


def _shards(index: Path) -> set[str]:
    try:
        return set(json.loads(index.read_text())["weight_map"].values())
    except (OSError, ValueError, KeyError):
        return {"an index that can be read"}
