"""`export`: who goes, and which splits no rule may touch."""

from typing import Annotated, Literal

from pydantic import Field

from stages.contracts.params.base import Section

Removing = Literal[
    "unreadable", "exact_duplicate", "leak", "near_duplicate", "outlier", "label_issue", "dark", "bright",
    "blurry", "low_information", "odd_aspect", "odd_size", "grayscale",
]  # fmt: skip


class Params(Section):
    remove: Annotated[tuple[Removing, ...], Field(strict=False)] = (
        "unreadable",
        "exact_duplicate",
        "leak",
        "near_duplicate",
    )
    protect: Annotated[tuple[Literal["train", "val", "test"], ...], Field(strict=False)] = ("test", "val")
