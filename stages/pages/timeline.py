"""What a video shows and when: confidences over time, and the segments of each label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, Range1d, Span
from bokeh.plotting import figure

from stages.contracts.encoder_record import EncoderRecord
from stages.core.timeline import Segment
from stages.pages import bundle
from stages.pages.scatter import renumbered, scripts
from stages.pages.skeleton import render_alone, script
from stages.pages.words import clock

COLOURS = 7
"""Labels drawn, each in a colour of its own; the table has them all."""


@dataclass(frozen=True, eq=False)
class Footage:
    """What was seen.

    name : of the video file.
    times_s : (n,) seconds.  confidences : (n, k), summing to 1 in each row.  labels : k of them.
    stills : n small JPEG pictures, of the frames.
    end_s : until when the last frame is shown.
    broke : why the rest of the video could not be read.
    """

    name: str
    times_s: np.ndarray
    confidences: np.ndarray
    labels: list[str]
    stills: list[bytes]
    end_s: float
    broke: str | None = None


def build(
    footage: Footage, found: list[Segment], at_least: float, encoder: EncoderRecord, notes: Sequence[str] = ()
) -> Iterator[tuple[str, str | bytes]]:
    """The files of the page, below a folder of its own: `timeline.html` and `assets/`.

    Parameters
    ----------
    found : the segments.  at_least : the confidence from which a label holds.
    notes : what else a reader should know.
    """
    yield "assets/winnow.css", bundle.styles("timeline.css")
    yield "assets/theme.js", bundle.bundle("theme")
    yield "assets/winnow.js", bundle.bundle("timeline")
    yield from ((f"assets/{name}", content) for name, content in scripts().items())
    yield from ((f"assets/{_still(at)}", content) for at, content in enumerate(footage.stills))
    yield "assets/data/timeline.js", script("timeline", _data(footage, found, at_least))
    yield (
        "timeline.html",
        render_alone(
            "timeline",
            footage.name,
            footage=footage,
            rows=rows(found),
            at_least=at_least,
            encoder=encoder,
            notes=notes,
        ),
    )


def rows(found: list[Segment]) -> list[dict]:
    """The table of segments, times as a player writes them."""
    return [
        {
            "label": one.label,
            "start": clock(one.start_s),
            "end": clock(one.end_s),
            "duration": f"{one.duration_s:.1f} s",
            "peak": f"{100 * one.peak:.0f}\u00a0%",
            "peak_at": clock(one.peak_s),
        }
        for one in found
    ]


def chart(footage: Footage, at_least: float) -> dict:
    """Lines of confidence over time, as Bokeh takes them; the page gives them the theme's colours."""
    lasting = np.concatenate([footage.confidences, footage.confidences[-1:]])  # the last frame is shown until the end
    columns = {f"y{at}": lasting[:, at].round(4) for at in range(len(footage.labels))}
    source = ColumnDataSource({"t": np.append(footage.times_s, footage.end_s).round(3), **columns})
    plot = figure(
        name="timeline",
        x_range=Range1d(0, round(footage.end_s, 3), bounds="auto"),
        y_range=Range1d(0, 1.02),
        tools="xpan,xwheel_zoom,reset",
        active_scroll="xwheel_zoom",
        active_drag="xpan",
        toolbar_location=None,
        sizing_mode="stretch_both",
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        min_border=4,
        x_axis_label="seconds",
        y_axis_label="confidence",
    )
    for at in range(min(len(footage.labels), COLOURS)):
        plot.step("t", f"y{at}", source=source, name=f"line{at}", line_width=2.5, mode="after")
    plot.add_layout(Span(location=at_least, dimension="width", line_dash="dashed", name="limit"))
    return renumbered(json_item(plot, "chart"))


def _data(footage: Footage, found: list[Segment], at_least: float) -> dict:
    return {
        "item": chart(footage, at_least),
        "labels": footage.labels,
        "frames": [
            {"time": round(float(time), 3), "at": clock(float(time)), "file": _still(at), "best": int(row.argmax()),
             "confidence": round(float(row.max()), 4)}
            for at, (time, row) in enumerate(zip(footage.times_s, footage.confidences, strict=True))
        ],
        "segments": [
            {"label": footage.labels.index(one.label), "start": round(one.start_s, 3), "end": round(one.end_s, 3)}
            for one in found
        ],
    }  # fmt: skip


def _still(at: int) -> str:
    return f"frames/{at:05d}.jpg"
