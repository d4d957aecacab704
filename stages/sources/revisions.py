"""A version of a data set: the tables of a Git revision, of another folder, or of the working tree.

Nothing is checked out. A revision's `dvc.lock` says which bytes each table had, and DVC's cache still holds them, named
by their MD5; what is no longer there is told with the commands that bring it back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from stages.contracts.errors import SetupError, SourceError, TableError
from stages.sources import git

NOW = "now"
HEAD = "HEAD"
LOCK = "dvc.lock"
IMAGES = "data/images.parquet"
FOLDER = re.compile(r"^(?:[~/\\]|\.{1,2}(?:[/\\]|$)|[A-Za-z]:[/\\])")
"""How a name starts that can only be a folder."""
SHORT = 10


@dataclass(frozen=True)
class Version:
    """Where the files of one version lie. Names are paths below a project's root, such as `data/images.parquet`.

    name : as it was asked for.  commit : of a Git revision, in full.  note : the commit's day and subject.
    find : gives the place of a file of the version, or None when the version has no such file.
    text : gives the content of a file that Git keeps, or None.
    how : what to type when a file belongs to the version and is not here.
    """

    name: str
    find: Callable[[str], Path | None] = field(repr=False)
    text: Callable[[str], str | None] = field(repr=False)
    how: str = field(repr=False)
    commit: str | None = None
    note: str = ""

    def __str__(self) -> str:
        short = self.commit[:SHORT] if self.commit else None
        return f"{self.name} ({short})" if short and not self.commit.startswith(self.name) else short or self.name

    def path(self, name: str) -> Path | None:
        """The file or folder, if this version has it and it can be read here."""
        found = self.find(name)
        return found if found is not None and found.exists() else None

    def need(self, name: str) -> Path:
        """Like `path`, and what is not there is an error.

        Raises
        ------
        TableError : the version never had the file, or its bytes are not here; says how to get them.
        """
        found = self.path(name)
        if found is not None:
            return found
        raise TableError(f"{self} cannot be read: {self.why_not(name)}", where=self.find(name), do=self.how)

    def why_not(self, name: str) -> str:
        """In words, why `path` gives nothing."""
        if self.find(name) is None or self.commit is None:
            return f"it has no {name}"
        return f"its {name} is not in DVC's cache"

    def inside(self, folder: str, name: str) -> Path | None:
        """A file of a folder that the version keeps as one, such as a sheet of `data/thumbnails`."""
        return self.path(f"{folder}/{name}")


def open_version(root: Path, name: str) -> Version:
    """The version that `name` means: `now`, a Git revision or a DVC experiment, or a folder.

    A name that could be both is a revision; write `./name` for the folder.

    Parameters
    ----------
    root : the project's root, where `dvc.lock` lies.
    name : `now` (the working tree); a branch, tag, commit or experiment; or a folder: another checkout of the
        project, or a copy of its `data/`.

    Raises
    ------
    SourceError : there is no such revision or folder.
    SetupError : Git is not installed.
    TableError : the revision has no tables.
    """
    if name == NOW:
        return _of_folder(root, NOW, "dvc repro")
    if not FOLDER.match(name):
        commit = git.commit(root, name)
        if commit:
            return _of_commit(root, name, commit)
    folder = Path(name).expanduser()
    if not name.strip() or not folder.is_dir():
        raise _unknown(root, name)
    root = _project_of(folder)
    version = _of_folder(root, name, f"run dvc repro, or dvc pull, in {folder}")
    version.need(IMAGES)
    return version


def _of_folder(root: Path, name: str, how: str) -> Version:
    def find(path: str) -> Path | None:
        found = root / path
        return found if found.exists() or (root / "data").is_dir() else _flat(root, path)

    def text(path: str) -> str | None:
        found = find(path)
        return found.read_text(encoding="utf-8") if found is not None and found.is_file() else None

    return Version(name, find, text, how, note="the files as they are" if name == NOW else "")


def _flat(folder: Path, path: str) -> Path | None:
    """The place in a copy of `data/` alone; other folders of the project are not in it."""
    return folder / PurePosixPath(path).relative_to("data") if path.startswith("data/") else None


def _project_of(folder: Path) -> Path:
    """`data/` inside a project stands for the project, so that its counts are found."""
    parent = folder.resolve().parent
    return parent if folder.resolve().name == "data" and (parent / "dvc.yaml").exists() else folder


def _of_commit(root: Path, name: str, commit: str) -> Version:
    outs = _outs(root, name, commit)
    cache = _cache(root)
    members: dict[str, dict[str, str]] = {}

    def find(path: str) -> Path | None:
        if path in outs:
            return _object(cache, outs[path])
        for folder in map(str, PurePosixPath(path).parents):
            if outs.get(folder, "").endswith(".dir"):
                listing = members.setdefault(folder, _listing(_object(cache, outs[folder])))
                md5 = listing.get(path.removeprefix(f"{folder}/"))
                return _object(cache, md5) if md5 else None
        return None

    def text(path: str) -> str | None:
        return git.content(root, commit, path)

    return Version(name, find, text, _how(root, commit), commit, git.note(root, commit))


def _outs(root: Path, name: str, commit: str) -> dict[str, str]:
    """MD5 of each out that the revision's dvc.lock names, by path; of folders it ends in `.dir`."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    text = git.content(root, commit, LOCK)
    if text is None:
        raise TableError(
            f"revision {name} has no tables",
            where=f"{LOCK} at {commit[:SHORT]}",
            expected=f"{LOCK}, committed after dvc repro",
            got="no such file in that revision",
        )
    try:
        stages = (YAML(typ="safe").load(text) or {}).get("stages") or {}
        outs = [out for stage in stages.values() for out in stage.get("outs") or []]
        return {out["path"]: out["md5"] for out in outs if "md5" in out}
    except (YAMLError, AttributeError, KeyError, TypeError) as error:
        raise TableError(f"{LOCK} of {name} is not understood", where=commit[:SHORT], got=error) from error


def _object(cache: Path, md5: str) -> Path:
    """Where DVC keeps the bytes with this MD5; caches of DVC 2 lack the two folders."""
    new, old = cache / "files" / "md5" / md5[:2] / md5[2:], cache / md5[:2] / md5[2:]
    return old if old.exists() and not new.exists() else new


def _listing(folder: Path) -> dict[str, str]:
    """MD5 of each file of a folder, by path below it; empty when the listing itself is not cached."""
    if not folder.exists():
        return {}
    return {entry["relpath"]: entry["md5"] for entry in json.loads(folder.read_text(encoding="utf-8"))}


def _cache(root: Path) -> Path:
    """DVC's cache: `.dvc/cache`, or where any level of DVC's configuration says."""
    dvc = _dvc_folder(root)
    return Path(_config(dvc).get("cache", {}).get("dir") or dvc / "cache")


def _dvc_folder(root: Path) -> Path:
    for folder in (root.resolve(), *root.resolve().parents):
        if (folder / ".dvc").is_dir():
            return folder / ".dvc"
    raise SetupError("this is no DVC project, so no revision's tables are kept", where=root.resolve(), do="dvc init")


def _config(dvc: Path) -> dict:
    # Not `dvc.repo`, which takes seconds to import and would open a database of its own.
    from dvc.config import Config, ConfigError

    try:
        return Config(dvc_dir=str(dvc), validate=False)
    except ConfigError as error:
        raise SetupError("DVC's configuration cannot be read", where=dvc / "config", got=error) from error


def _how(root: Path, commit: str) -> str:
    """What brings a revision's tables back: from a remote, or made again beside this project."""
    short, beside = commit[:SHORT], f"../{root.resolve().name}-{commit[:SHORT]}"
    again = f"git worktree add {beside} {short}, run dvc repro in it, then: winnow compare {beside} now"
    return f"dvc fetch --all-commits; or {again}" if _config(_dvc_folder(root)).get("remote") else again


def _unknown(root: Path, name: str) -> SourceError:
    """Why a name means nothing here, and what would help."""
    if not git.is_repository(root):
        got, do = "this is no Git repository, and no such folder", "name two folders, or run this in a Git checkout"
    elif name == HEAD:
        got, do = "no commit yet", "git commit, then compare again"
    elif git.is_shallow(root):
        got, do = "a shallow clone, which lacks older commits", "git fetch --unshallow (in CI: fetch-depth: 0)"
    else:
        got, do = "neither", "git log --oneline, or git tag, lists what there is"
    return SourceError(f"there is no version {name!r}", expected="a Git revision, a folder, or `now`", got=got, do=do)
