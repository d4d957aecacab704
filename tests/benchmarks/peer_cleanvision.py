"""cleanvision on a folder, as its own first page says: every issue it knows. Runs in its environment.

python peer_cleanvision.py FOLDER ANSWER.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cleanvision import Imagelab

ISSUES = {
    "dark": "dark",
    "bright": "light",
    "blurry": "blurry",
    "low_information": "low_information",
    "odd_aspect": "odd_aspect_ratio",
    "odd_size": "odd_size",
    "grayscale": "grayscale",
}
"""Ours, and its own names."""


def main(folder: Path, answer: Path) -> None:
    lab = Imagelab(data_path=str(folder))
    lab.find_issues()
    answer.write_text(json.dumps(answered(lab, folder)), encoding="utf-8")


def answered(lab: Imagelab, folder: Path) -> dict:
    def relative(paths) -> list[str]:
        return [Path(path).relative_to(folder).as_posix() for path in paths]

    return {
        "pairs": {
            kind: [relative(group) for group in lab.info[f"{kind}_duplicates"]["sets"]] for kind in ("exact", "near")
        },
        "unreadable": None,
        "outliers": None,
        "issues": {ours: relative(lab.issues.index[lab.issues[f"is_{its}_issue"]]) for ours, its in ISSUES.items()},
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
