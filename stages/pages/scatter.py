"""The Bokeh figure behind the map, as JSON that is the same for the same points."""

from __future__ import annotations

from pathlib import Path

import bokeh
import numpy as np
from bokeh.core.properties import value
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, HoverTool, LassoSelectTool, PanTool, Range1d, TapTool, WheelZoomTool
from bokeh.plotting import figure

SCRIPTS = ("bokeh.min.js",)
MARGIN = 0.06
"""Empty border of the map, as a share of its width."""
HIT = 10
"""Pixels: how wide a point is to the pointer."""


def map_item(x: np.ndarray, y: np.ndarray) -> dict:
    """What `Bokeh.embed.embed_item` takes: the map of points at x, y (n,), still without points.

    The page puts in as many points as it can draw, and those names that find room; its own painter draws the points,
    in colours and shapes that follow the theme and what the reader asks for.
    """
    columns = {"x": np.float32, "y": np.float32, "index": np.int32, "look": np.uint16}
    points = ColumnDataSource({name: np.zeros(0, kind) for name, kind in columns.items()}, name="points")
    texts = ColumnDataSource({name: [] for name in ("x", "y", "text", "dx", "dy")}, name="names")
    plot = figure(
        name="map",
        x_range=_range(x, "x_range"),
        y_range=_range(y, "y_range"),
        tools=[
            PanTool(name="pan"),
            WheelZoomTool(name="wheel"),
            # It only tells the line that was drawn: what lies within is found among all points, not those drawn.
            LassoSelectTool(name="lasso", renderers=[], continuous=False),
            TapTool(),
            HoverTool(tooltips=None),
        ],
        active_drag="auto",
        toolbar_location=None,
        sizing_mode="stretch_both",
        # Without a graphics card WebGL takes 20 times as long a frame as the page's own painter does.
        output_backend="canvas",
        # Bokeh would thin the points out anew while the map moves, and draw them grey.
        lod_threshold=None,
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        min_border=0,
    )
    plot.axis.visible = False
    plot.grid.visible = False
    plot.toolbar.active_scroll = plot.select_one({"name": "wheel"})
    # One size and one colour for all: of each that differs, Bokeh makes several copies whenever other points are drawn.
    dots = plot.scatter("x", "y", source=points, name="dots", size=HIT)
    for tool in plot.select({"type": (TapTool, HoverTool)}):
        tool.renderers = [dots]
    plot.text(
        "x", "y", "text", source=texts, name="labels", text_align="center", text_baseline="bottom", x_offset="dx",
        y_offset="dy", text_font=value("system-ui, sans-serif"), text_font_size="13px", text_font_style="bold",
        padding=4, border_radius=6, background_fill_alpha=0.85,
    )  # fmt: skip
    return renumbered(json_item(plot, "map"))


def scripts() -> dict[str, bytes]:
    """Bokeh's own JavaScript, by file name: only what the map needs."""
    folder = Path(bokeh.__file__).parent / "server" / "static" / "js"
    return {name: (folder / name).read_bytes() for name in SCRIPTS}


def _range(values: np.ndarray, name: str) -> Range1d:
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    margin = (high - low) * MARGIN or 1.0
    return Range1d(low - margin, high + margin, name=name)


def renumbered(item: dict) -> dict:
    """Bokeh counts ids over the life of the process; number them from 1, in order of appearance."""
    ids: dict[str, str] = {}

    def walk(value: object) -> object:
        if isinstance(value, list):
            return [walk(part) for part in value]
        if not isinstance(value, dict):
            return value
        return {
            key: ids.setdefault(part, f"w{len(ids) + 1}")
            if key in ("id", "root_id") and isinstance(part, str)
            else walk(part)
            for key, part in value.items()
        }

    return walk(item)
