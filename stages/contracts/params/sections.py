"""Every section there is, for those who check the whole of params.yaml."""

from __future__ import annotations

from pathlib import Path

from stages.contracts.errors import ParamsError
from stages.contracts.params import (
    calibrate,
    check,
    classify,
    cluster,
    connect,
    data,
    demo,
    duplicates,
    embed,
    encoder,
    export,
    index,
    machine,
    measure,
    outliers,
    projection,
    report,
)
from stages.contracts.params.base import FILE, Section, closest, parse, read_file

SECTIONS: dict[str, type[Section]] = {
    "data": data.Params,
    "measure": measure.Params,
    "encoder": encoder.Params,
    "embed": embed.Params,
    "connect": connect.Params,
    "cluster": cluster.Params,
    "calibrate": calibrate.Params,
    "duplicates": duplicates.Params,
    "outliers": outliers.Params,
    "classify": classify.Params,
    "map": projection.Params,
    "index": index.Params,
    "export": export.Params,
    "report": report.Params,
    "check": check.Params,
    "demo": demo.Params,
    "machine": machine.Params,
}


def load_all(root: Path = Path()) -> dict[str, Section]:
    """Every section of params.yaml, checked.

    Raises
    ------
    ParamsError : an unknown section, or the first wrong key of a known one.
    """
    content = read_file(root)
    for name in content:
        if name not in SECTIONS:
            raise ParamsError(
                f"unknown section {name} in {FILE}",
                where=f"{FILE}, {name}",
                expected=closest(str(name), list(SECTIONS)),
                got=name,
                do=f"mend or delete {name} in {FILE}",
            )
    return {name: parse(model, name, content.get(name)) for name, model in SECTIONS.items()}
