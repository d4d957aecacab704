"""What Git says of a repository's revisions. Nothing is written, and nothing checked out."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from stages.contracts.errors import SetupError


def commit(root: Path, name: str) -> str | None:
    """The full id of the commit that a revision, or an experiment of DVC, means; None when nothing is called so."""
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found is None and re.fullmatch(r"[\w.-]+", name):
        found = _git(root, "for-each-ref", "--count=1", "--format=%(objectname)", f"refs/exps/*/*/{name}")
    return found.strip() or None if found else None


def content(root: Path, commit: str, path: str) -> str | None:
    """A file's text in a commit, by its path below `root`; None when it has no such file."""
    return _git(root, "show", f"{commit}:./{path}")


def note(root: Path, commit: str) -> str:
    """A commit's day and subject."""
    return (_git(root, "show", "--no-patch", "--format=%cs %s", commit) or "").strip()


def is_repository(root: Path) -> bool:
    return _git(root, "rev-parse", "--is-inside-work-tree") is not None


def is_shallow(root: Path) -> bool:
    return (_git(root, "rev-parse", "--is-shallow-repository") or "").strip() == "true"


def _git(root: Path, *arguments: str) -> str | None:
    """What Git says, or None when it fails: no repository, no such thing.

    Raises
    ------
    SetupError : Git is not installed, or refuses to read this repository.
    """
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise SetupError("git is not installed", do="install git, or name two folders") from None
    complaint = done.stderr.decode(errors="replace").strip()
    if "dubious ownership" in complaint:
        raise SetupError("git refuses to read this repository", where=root.resolve(), got=complaint.splitlines()[0])
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None
