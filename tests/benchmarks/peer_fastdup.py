"""fastdup on a folder, as its own first page says: create, run, and ask for what was found. Runs in its environment.

python peer_fastdup.py FOLDER ANSWER.json

Copies are the images of one component, which is what `fastdup.remove_duplicates` would delete from; what is dark,
bright and blurry is what `fd.summary()` counts, by its thresholds, which have no names to import.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import fastdup

BLUR, BRIGHT, DARK = 150.0, 253.0, 4.0


def main(folder: Path, answer: Path) -> None:
    found = fastdup.create(work_dir="work", input_dir=str(folder))
    found.run(overwrite=True, run_sentry=False)
    answer.write_text(json.dumps(answered(found, folder)), encoding="utf-8")


def answered(found, folder: Path) -> dict:
    def paths(frame, column: str = "filename") -> list[str]:
        return [] if frame is None or not len(frame) else [_relative(name, folder) for name in frame[column]]

    components, _ = found.connected_components()
    outliers, measured = found.outliers(), found.img_stats()
    return {
        "pairs": {"near": _pairs(components, folder)},
        "unreadable": paths(found.invalid_instances()),
        "outliers": paths(outliers, "filename_outlier"),
        "issues": {
            "dark": paths(measured[measured["mean"] < DARK]),
            "bright": paths(measured[measured["mean"] > BRIGHT]),
            "blurry": paths(measured[measured["blur"] < BLUR]),
        },
    }


def _pairs(components, folder: Path) -> list[list[str]]:
    """The members of each component."""
    if not len(components):
        return []
    return [[_relative(name, folder) for name in group] for _, group in components.groupby("component_id")["filename"]]


def _relative(name: str, folder: Path) -> str:
    """Of a name as fastdup shortens it: absolute, or relative to the working folder."""
    return Path(name).resolve().relative_to(folder).as_posix()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
