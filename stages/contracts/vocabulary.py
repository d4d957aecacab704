"""The words that tables hold. A word is written here once; schemas and code both take it from here."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What became of a file when it was opened."""

    OK = "ok"
    UNREADABLE = "unreadable"
    UNSUPPORTED = "unsupported"
    EMPTY = "empty"
    TOO_LARGE = "too_large"


class QualityIssue(StrEnum):
    """What can be wrong with one image's pixels; `is_<issue>` in `quality`."""

    DARK = "dark"
    BRIGHT = "bright"
    BLURRY = "blurry"
    LOW_INFORMATION = "low_information"
    ODD_ASPECT = "odd_aspect"
    ODD_SIZE = "odd_size"
    GRAYSCALE = "grayscale"


class DuplicateKind(StrEnum):
    """How two items are copies: the same bytes, or the same picture."""

    EXACT = "exact"
    NEAR = "near"


class Verdict(StrEnum):
    KEEP = "keep"
    REMOVE = "remove"


class Rule(StrEnum):
    """Why an item has its verdict. The removing rules come first, in the order in which they are tried."""

    DECISION = "decision"
    UNREADABLE = "unreadable"
    EXACT_DUPLICATE = "exact_duplicate"
    LEAK = "leak"
    NEAR_DUPLICATE = "near_duplicate"
    OUTLIER = "outlier"
    LABEL_ISSUE = "label_issue"
    DARK = "dark"
    BRIGHT = "bright"
    BLURRY = "blurry"
    LOW_INFORMATION = "low_information"
    ODD_ASPECT = "odd_aspect"
    ODD_SIZE = "odd_size"
    GRAYSCALE = "grayscale"


class Decision(StrEnum):
    """What a person said of an item; `undecided` takes an earlier word back."""

    KEEP = "keep"
    DROP = "drop"
    RELABEL = "relabel"
    UNDECIDED = "undecided"


class Change(StrEnum):
    """What became of an item between two versions; an item can have several."""

    ADDED = "added"
    GONE = "gone"
    REMOVED = "removed"
    RESTORED = "restored"
    RELABELLED = "relabelled"
    SPLIT = "split_changed"
    CONTENT = "content_changed"
    RENAMED = "renamed"
    FLAG = "flag_changed"


class Engine(StrEnum):
    """What runs the encoder's forward pass."""

    AUTO = "auto"
    TORCH = "torch"
    OPENVINO = "openvino"


TAG_SEPARATOR = ";"
"""What stands between the tags of one image in a manifest; so no tag may hold it."""

NOISE = -1
"""`cluster` of an item that belongs to no cluster (scikit-learn's convention)."""

SPLITS = {"train": "train", "val": "val", "validation": "val", "test": "test"}
"""Folder names that mean a split, and the split they mean."""
SPLITS_AMONG_OTHERS = {"valid": "val", "training": "train", "testing": "test"}
"""Names that mean one where there is another split, too: `valid` beside `invalid` is a class."""
