"""`check`: the policy that `winnow check` holds the tables against. A rule that is null is not checked."""

from typing import Annotated, Literal

from pydantic import Field

from stages.contracts.params.base import Section

Count = Annotated[int, Field(ge=0)] | None
Rate = Annotated[float, Field(ge=0, le=1)] | None


class Params(Section):
    scope: Literal["all", "open"] = "all"
    """all: every image of the source, as metrics.json counts; open: what no rule removed and nobody decided on"""
    max_leaks: Count = 0
    max_label_conflicts: Count = 0
    max_unreadable: Count = 0
    undecided: Count = 0
    """flagged images that stay and that no row of decisions.csv speaks of"""
    max_exact_duplicate_rate: Rate = 0.0
    max_near_duplicate_rate: Rate = 0.01
    max_outlier_rate: Rate = 0.02
    max_quality_issue_rate: Rate = None
    max_label_issue_rate: Rate = None
    """of the images that have a label"""
    max_noise_fraction: Rate = None
    min_images_per_class: Count = 1
    """readable images that stay, by their label after decisions"""
    max_drift: Annotated[float, Field(ge=0)] | None = None
    """squared MMD between the vectors of `baseline` and the present ones; what chance explains does not count"""
    baseline: str | None = None
    """Git revision whose vectors `max_drift` is measured from"""
    require_encoder: Annotated[str, Field(min_length=1)] | None = None
    """`requested`: the one that encoder.model names, not its fallback; or the beginning of an encoder's id or model"""
