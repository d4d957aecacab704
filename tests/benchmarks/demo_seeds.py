"""What Winnow finds of what the demo plants, on the demo rebuilt with several seeds.

make bench-demo                    seeds 0 to 5
make bench-demo SEEDS="6 7"        others
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import pandas as pd
from ruamel.yaml import YAML

from stages import calibrate, cluster, connect, deduplicate, demo, embed, fetch, ingest, measure, score
from stages.contracts import tables
from stages.contracts.decisions import PATH as DECISIONS
from stages.contracts.schemas.images import IMAGES
from stages.contracts.schemas.outliers import OUTLIERS
from stages.contracts.schemas.pairs import PAIRS
from stages.contracts.schemas.quality import QUALITY
from stages.core.truth import found

ROOT = Path(__file__).resolve().parents[2]
STAGES = (demo, ingest, measure, fetch, embed, connect, cluster, calibrate, deduplicate, score)
SEEDS = range(6)


def measured(seed: int, root: Path) -> pd.DataFrame:
    """Build the demo with a seed, run the stages that judge, and hold their tables against its truth."""
    params = YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["data"]["source"] = "data/demo"
    params["demo"]["seed"] = seed
    with (root / "params.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(params, file)
    (root / DECISIONS).parent.mkdir()
    shutil.copy(ROOT / DECISIONS, root / DECISIONS)
    for stage in STAGES:
        stage.main(root)
    truth = pd.read_csv(root / "data/demo_truth.csv", keep_default_na=False, dtype=str)
    rows = found(truth, *(tables.read(table, root) for table in (IMAGES, QUALITY, PAIRS, OUTLIERS)))
    return rows.assign(seed=seed)


def table(rows: pd.DataFrame) -> str:
    """A line per kind: found / planted per seed, then pooled recall and precision."""
    lines = []
    for kind, group in rows.groupby("kind", sort=False):
        each = "  ".join(f"{row.found}/{row.planted}" for row in group.itertuples())
        recall = group["found"].sum() / group["planted"].sum()
        right = (group["precision"].fillna(1.0) * group["flagged"]).sum()
        precision = right / max(group["flagged"].sum(), 1)
        lines.append(f"{kind:<16} recall {recall:6.1%}  precision {precision:6.1%}   {each}")
    return "\n".join(lines)


def main() -> None:
    seeds = [int(word) for word in sys.argv[1:]] or SEEDS
    rows = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measured(seed, Path(folder)))
    print(table(pd.concat(rows)))


if __name__ == "__main__":
    main()
