"""`winnow use FOLDER`: write `data.source` into params.yaml, comments kept."""

from __future__ import annotations

import os
from pathlib import Path

from ruamel.yaml import YAML

from stages.contracts.errors import SourceError
from stages.contracts.params.base import FILE, load, read_file
from stages.contracts.params.data import Params
from stages.sources.folder import folder_of, holds_images

NULL = "tag:yaml.org,2002:null"


def current(root: Path = Path()) -> str:
    """The source that params.yaml names."""
    return load(Params, "data", root).source


def use(folder: str, root: Path = Path()) -> str:
    """Point params.yaml at `folder`; returns what was written.

    A folder inside the project is written relative to it, any other as an absolute path.

    Raises
    ------
    SourceError : there is no such folder, it holds no image, or it holds what this project writes.
    ParamsError : params.yaml is not there, or not YAML.
    """
    if not folder.strip():
        raise SourceError("no folder is named", expected="a folder of images", do="winnow use /path/to/your/images")
    path = folder_of(str(Path(folder).expanduser().absolute()), root)
    if not holds_images(path):
        raise SourceError(
            "the folder holds no image", where=path, expected="files named .jpg, .png, .webp, .mp4, ...", got="none"
        )
    read_file(root)  # what cannot be read is told, and is not written over
    source = _named(path.resolve(), root.resolve())
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.representer.add_representer(type(None), lambda writer, _: writer.represent_scalar(NULL, "null"))
    file = root / FILE
    content = yaml.load(file.read_text(encoding="utf-8")) or {}
    content.setdefault("data", {})["source"] = source
    partial = file.with_suffix(".yaml.partial")
    with partial.open("w", encoding="utf-8") as out:
        yaml.dump(content, out)
    os.replace(partial, file)
    return source


def _named(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) and path != root else str(path)
