"""`cluster`: which algorithm, and how fine."""

from typing import Literal

from pydantic import Field

from stages.contracts.params.base import Section


class Params(Section):
    method: Literal["hdbscan", "kmeans"] = "hdbscan"
    min_cluster_size: int | None = Field(default=None, ge=2)
    min_samples: int = Field(default=2, ge=1, le=30)
    k: int | None = Field(default=None, ge=1)
    seed: int = Field(default=0, ge=0, le=2**32 - 1)
    stability_resamples: int = Field(default=20, ge=0, le=200)
    """draws of the images, clustered anew, that say how surely each cluster is found again; 0 measures nothing"""
