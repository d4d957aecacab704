"""Resolve the encoder: which checkpoint, which revision, which weights, and why that one.

Reads params only. Writes `data/encoder.json`; the checkpoint itself stays in the Hugging Face cache, or in
the user's folder. Where the one asked for cannot be had, the fallback stands in, and this says so aloud; but a
table made by the encoder asked for is never swapped against the fallback unasked. Runs at every `dvc repro`:
when nothing changed it writes the same bytes, without loading torch.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow.parquet as pq

from stages.contracts import tables
from stages.contracts.encoder_record import EncoderRecord, write_record
from stages.contracts.errors import EncoderUnreachable, exit_on_error
from stages.contracts.params.base import load
from stages.contracts.params.encoder import Params
from stages.contracts.schemas.embeddings import PATH as EMBEDDINGS
from stages.contracts.schemas.embeddings import embeddings_table
from stages.encoders.choosing import choose, requested


def run(params: Params, present: EncoderRecord | None, root: Path) -> tuple[EncoderRecord, EncoderUnreachable | None]:
    """The encoder to use, and what kept the one asked for away when it is the fallback.

    Parameters
    ----------
    present : the encoder of the vectors that are already there.

    Raises
    ------
    EncoderUnreachable : it cannot be had and nothing may stand in for it.
    EncoderError : it is there, but cannot be used.
    """
    record, trouble = choose(params, present, root)
    if trouble and present and not present.is_fallback and present.requested == requested(params):
        raise _would_swap(present, record, trouble)
    return record, trouble


def present_encoder(root: Path) -> tuple[EncoderRecord | None, int]:
    """The encoder that made the present vectors, and how many there are; None, 0 when there are none."""
    table = embeddings_table(1)
    made_by = tables.metadata(table, root).get("encoder")
    if not made_by:
        return None, 0
    return EncoderRecord.model_validate(made_by), pq.read_metadata(root / table.path).num_rows


def tell(record: EncoderRecord, trouble: EncoderUnreachable | None, present: EncoderRecord | None, images: int) -> None:
    """One line on the encoder; a loud one where it is the fallback, and one where vectors will be computed anew."""
    if trouble:
        print(f"WARNING: {trouble.what} ({trouble.got}): the FALLBACK {record.encoder_id} stands in.", file=sys.stderr)
    print(f"fetch: {record.encoder_id}, {record.dim} dimensions; {record.why}")
    if present and present.encoder_id != record.encoder_id:
        print(
            f"fetch: the encoder changes from {present.encoder_id} to {record.encoder_id}: the vectors of {images:,} "
            "images are computed anew, but for those that the cache still holds"
        )


def _would_swap(present: EncoderRecord, record: EncoderRecord, trouble: EncoderUnreachable) -> EncoderUnreachable:
    return EncoderUnreachable(
        f"{trouble.what}, and the fallback may not replace the vectors that it made",
        where=EMBEDDINGS,
        expected=present.encoder_id,
        got=f"only {record.encoder_id} is to be had ({trouble.got})",
        do="reach the hub again, or allow the change: dvc exp run -S encoder.model=packaged",
    )


def main(root: Path = Path()) -> None:
    params = load(Params, "encoder", root)
    present, images = present_encoder(root)
    record, trouble = run(params, present, root)
    tell(record, trouble, present, images)
    write_record(record, root)


if __name__ == "__main__":
    exit_on_error(main)
