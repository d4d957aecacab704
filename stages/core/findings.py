"""What the stages found of one data set."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Findings:
    """The tables of these names, from which verdicts are made, and which are counted."""

    images: pd.DataFrame
    quality: pd.DataFrame
    pairs: pd.DataFrame
    duplicates: pd.DataFrame
    clusters: pd.DataFrame
    outliers: pd.DataFrame
    labels: pd.DataFrame
