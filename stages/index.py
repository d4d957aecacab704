"""Index the vectors, so that `winnow search` finds the images that a text or another image describes.

Reads `embeddings`. Writes `data/index.lance`: vectors and ids, and nothing else; filters are evaluated on the tables.
The index is kept from run to run (`persist` in dvc.yaml) and brought up to date in place, so that a few new images
cost little. It is the one out whose bytes may differ: what it finds does not.
"""

from __future__ import annotations

from pathlib import Path

from stages.contracts import tables
from stages.contracts.errors import exit_on_error
from stages.contracts.params.base import load
from stages.contracts.params.index import Params
from stages.contracts.schemas.embeddings import Embeddings, embeddings_table, read_embeddings
from stages.core.numerals import plural
from stages.engines.index_update import Change, update
from stages.engines.vector_index import FOLDER

WEIGHTS = ("kind", "model", "revision", "weights_sha256")
"""What an encoder's record says of the vectors; the rest is who asked for it, and why."""


def run(params: Params, embeddings: Embeddings, made_from: dict, folder: Path) -> Change:
    """Make the index in `folder` hold exactly these vectors.

    Parameters
    ----------
    made_from : whatever makes a content's vector.
    """
    return update(folder, embeddings, made_from, params.exact_below, params.recall)


def main(root: Path = Path()) -> None:
    params = load(Params, "index", root)
    change = run(params, read_embeddings(root), made_from(root), root / FOLDER)
    print(f"index: {told(change)}")


def made_from(root: Path = Path()) -> dict:
    """Whatever makes a content's vector in `embeddings`: the encoder, and how it was run."""
    told = tables.metadata(embeddings_table(1), root)
    encoder = told.get("encoder", {})
    return {"encoder": {name: encoder.get(name) for name in WEIGHTS}, "cache": told.get("cache")}


def told(change: Change) -> str:
    """One line."""
    record = change.record
    how = "every one is compared"
    if record.cells:
        how = f"{record.probes} of {record.cells} cells are searched, {record.recall:.1%} of the ten nearest found"
    done = "made anew" if change.is_new else f"{change.added:,} added, {change.deleted:,} deleted"
    return f"{plural(record.rows, 'vector')} ({done}); {how}"


if __name__ == "__main__":
    exit_on_error(main)
