"""Whether what a command reads is of one run: after `winnow use`, or a run that broke off, tables are of two."""

from __future__ import annotations

from pathlib import Path

from stages.contracts import tables
from stages.contracts.errors import TableError
from stages.contracts.identity import digest_file
from stages.contracts.schemas.images import IMAGES
from stages.contracts.tables import Table


def must_be_of_these_images(table: Table, root: Path = Path()) -> None:
    """Refuse a table that was made from another images table than the present one.

    Raises
    ------
    TableError : it was; the two would be put together by what happens to have the same name.
    """
    made_from = tables.metadata(table, root).get("inputs", {}).get(IMAGES.path)
    if made_from is not None and made_from != digest_file(root / IMAGES.path):
        raise TableError(
            "the last run did not come to its end",
            where=root / table.path,
            expected="made from the present images",
            got=f"made from an earlier {IMAGES.path}",
            do="dvc repro",
        )
