"""The theme's colours: readable in light and dark, and apart for colour-blind readers."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest

from stages.pages.bundle import styles

PAIR = re.compile(r"(--[\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
THEMES = {
    theme: {name: pair[at] for name, *pair in PAIR.findall(styles())} for at, theme in enumerate(("light", "dark"))
}
SEVERE = {
    # Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, two: str) -> float:
    """WCAG 2 contrast ratio."""
    low, high = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, two))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of linear RGB."""
    matrix = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    x, y, z = np.cbrt(np.clip(np.array(matrix) @ rgb / [0.95047, 1.0, 1.08883], 1e-6, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("theme", THEMES)
def test_text_has_contrast_aa_on_every_ground_it_stands_on(theme: str) -> None:
    colours = THEMES[theme]
    for text in ("--text", "--muted", "--accent"):
        for ground in ("--page", "--surface"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for text, ground in [
        ("--text", "--sunken"),
        ("--text", "--accent-soft"),
        ("--text", "--alert-soft"),
        ("--text", "--note-soft"),
        ("--page", "--text"),
        ("--on-accent", "--accent"),
        ("--page", "--alert"),
        ("--muted", "--sunken"),
        ("--muted", "--accent-soft"),
    ]:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


@pytest.mark.parametrize("theme", THEMES)
def test_marks_stand_out_from_their_ground(theme: str) -> None:
    colours = THEMES[theme]
    marks = [f"--cat-{number}" for number in range(1, 8)] + ["--neutral", "--bar-flagged", "--line-strong"]
    for mark in marks:
        assert contrast(colours[mark], colours["--surface"]) >= 3, mark


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", [None, *SEVERE])
def test_categories_are_apart_for_every_eye(theme: str, sight: str | None) -> None:
    matrix = np.array(SEVERE[sight]) if sight else np.eye(3)
    seen = {n: lab(np.clip(matrix @ linear(THEMES[theme][f"--cat-{n}"]), 0, 1)) for n in range(1, 8)}
    distances = {pair: np.linalg.norm(seen[pair[0]] - seen[pair[1]]) for pair in combinations(seen, 2)}
    closest = min(distances, key=distances.get)
    # About eight just-noticeable differences (2.3 each): shapes and names tell groups apart as well.
    assert distances[closest] >= 18, (closest, distances[closest])
