"""Pictures drawn for the demo, (side, side, 3) uint8: different in kind from any photograph, and from each other."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont


def bar_chart(side: int, rng: np.random.Generator) -> np.ndarray:
    image = Image.new("RGB", (side, side), (250, 250, 245))
    draw = ImageDraw.Draw(image)
    bars, edge = 6, side // 10
    step = (side - 2 * edge) / bars
    draw.text((edge, 2), "Sales", fill=(40, 40, 40), font=ImageFont.load_default(max(side // 11, 6)))
    for bar, height in enumerate(rng.uniform(0.15, 0.8, bars)):
        left, top = edge + bar * step, side - edge - height * (side - 2 * edge)
        draw.rectangle(
            (left + 2, top, left + step - 2, side - edge), fill=(56, 108, 176) if bar % 2 else (240, 120, 40)
        )
    draw.line((edge, edge, edge, side - edge, side - edge, side - edge), fill=(60, 60, 60), width=2)
    return np.asarray(image)


def fractal(side: int, rng: np.random.Generator) -> np.ndarray:
    """A Julia set of z^2 + c, for a c near the edge of the Mandelbrot set, coloured by escape time."""
    constant = complex(-0.8, 0.156) * np.exp(1j * rng.uniform(-0.02, 0.02))
    axis = np.linspace(-1.5, 1.5, side)
    z = axis[None, :] + 1j * axis[:, None]
    steps = np.zeros(z.shape)
    for _ in range(60):
        inside = np.abs(z) < 2
        z[inside] = z[inside] ** 2 + constant
        steps += inside
    phase = steps[..., None] / 60 * 6 + np.array([0.0, 1.0, 3.0])
    return np.rint(127.5 * (1 - np.cos(phase))).astype(np.uint8)


def barcode(side: int, rng: np.random.Generator) -> np.ndarray:
    pixels = np.full((side, side, 3), 255, np.uint8)
    edge = side // 10
    widths = rng.integers(1, 5, side)
    bars = np.repeat(np.arange(side) % 2, widths)[: side - 2 * edge]
    pixels[2 * edge : -3 * edge, edge : edge + len(bars)][:, bars == 0] = 0
    image = Image.fromarray(pixels)
    digits = " ".join(map(str, rng.integers(0, 10, 8)))
    font = ImageFont.load_default(max(side // 10, 6))
    ImageDraw.Draw(image).text((2 * edge, side - 3 * edge), digits, fill="black", font=font)
    return np.asarray(image)


def stained_glass(side: int, rng: np.random.Generator) -> np.ndarray:
    """Voronoi cells in saturated colours, leaded in black."""
    seeds = rng.uniform(0, side, (24, 2))
    y, x = np.mgrid[:side, :side]
    distances = np.hypot(y[..., None] - seeds[:, 0], x[..., None] - seeds[:, 1])
    nearest = distances.argmin(axis=-1)
    hsv = np.stack([rng.uniform(0, 360, 24), np.full(24, 0.85), rng.uniform(0.5, 1, 24)], axis=1).astype(np.float32)
    colours = np.rint(cv2.cvtColor(hsv[None], cv2.COLOR_HSV2RGB)[0] * 255).astype(np.uint8)
    pixels = colours[nearest]
    first = distances.min(axis=-1)
    np.put_along_axis(distances, nearest[..., None], np.inf, axis=-1)
    pixels[distances.min(axis=-1) - first < side / 40] = 0
    return pixels


def screenshot(side: int, rng: np.random.Generator) -> np.ndarray:
    """A program's window: title bar, side bar, lines of text, a button."""
    image = Image.new("RGB", (side, side), (33, 37, 43))
    draw = ImageDraw.Draw(image)
    bar = side // 9
    draw.rectangle((0, 0, side, bar), fill=(60, 66, 77))
    for place, colour in enumerate(((237, 106, 94), (245, 191, 79), (98, 197, 84))):
        left = 4 + place * bar * 0.8
        draw.ellipse((left, bar * 0.25, left + bar * 0.5, bar * 0.75), fill=colour)
    draw.rectangle((0, bar, side // 4, side), fill=(40, 44, 52))
    colours = ((97, 175, 239), (152, 195, 121), (224, 108, 117), (171, 178, 191))
    for line in range(9):
        top = bar * 1.5 + line * side / 12
        left = side * 0.3 + rng.integers(0, 3) * side / 15
        right = left + rng.uniform(0.15, 0.45) * side
        draw.rectangle((left, top, right, top + side / 40), fill=colours[rng.integers(4)])
    draw.rounded_rectangle((side * 0.7, side * 0.88, side * 0.96, side * 0.97), 3, fill=(82, 139, 255))
    return np.asarray(image)


def maze(side: int, rng: np.random.Generator) -> np.ndarray:
    """A maze by the binary-tree rule: every cell opens up or left."""
    cells = 12
    walls = np.ones((2 * cells + 1, 2 * cells + 1), bool)
    walls[1::2, 1::2] = False
    for row in range(cells):
        for column in range(cells):
            up = row > 0 and (column == 0 or rng.random() < 0.5)
            if up:
                walls[2 * row, 2 * column + 1] = False
            elif column > 0:
                walls[2 * row + 1, 2 * column] = False
    colours = np.where(walls[..., None], (20, 90, 60), (236, 228, 180)).astype(np.uint8)
    return cv2.resize(colours, (side, side), interpolation=cv2.INTER_NEAREST)


def road_sign(side: int, _: np.random.Generator) -> np.ndarray:
    """A red-rimmed triangle with an exclamation mark, on sky blue."""
    image = Image.new("RGB", (side, side), (140, 190, 230))
    draw = ImageDraw.Draw(image)
    for inset, colour in ((0.06, (200, 20, 30)), (0.19, (255, 255, 255))):
        draw.polygon(
            [
                (side / 2, side * inset),
                (side * (1 - inset), side * (0.97 - inset / 2)),
                (side * inset, side * (0.97 - inset / 2)),
            ],
            fill=colour,
        )
    draw.rectangle((side * 0.46, side * 0.42, side * 0.54, side * 0.68), fill="black")
    draw.ellipse((side * 0.45, side * 0.73, side * 0.55, side * 0.83), fill="black")
    return np.asarray(image)


def contact_sheet(cells: np.ndarray, side: int) -> np.ndarray:
    """Small pictures in a square of rows.

    Parameters
    ----------
    cells : (n * n, h, w) or (n * n, h, w, 3) uint8.
    """
    across = int(len(cells) ** 0.5)
    rows = [np.concatenate(list(cells[row * across : (row + 1) * across]), axis=1) for row in range(across)]
    sheet = Image.fromarray(np.concatenate(rows, axis=0)).convert("RGB")
    return np.asarray(sheet.resize((side, side), Image.Resampling.LANCZOS))


DRAWINGS = {
    "bar chart": bar_chart,
    "fractal": fractal,
    "barcode": barcode,
    "stained glass": stained_glass,
    "screenshot": screenshot,
    "maze": maze,
    "road sign": road_sign,
}
