"""What is sent of an image's file."""

from __future__ import annotations

import io
from types import SimpleNamespace

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from stages.contracts.errors import ImageError
from stages.review.originals import for_browser
from stages.sources.frame_store import FOLDER, keep
from tests.review.app import SOURCE, App

ROWS, COLUMNS = np.mgrid[:40, :60]
PIXELS = np.stack([4 * COLUMNS, 6 * ROWS, 80 + 0 * ROWS], -1).astype(np.uint8)
MOST = 1_000_000


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def shown(data: bytes) -> tuple[str, np.ndarray]:
    found = for_browser(data, MOST)
    with Image.open(io.BytesIO(found.data)) as image:
        return found.kind, np.asarray(image.convert("RGB"))


@pytest.mark.parametrize(
    ("kind", "options"), [("JPEG", {}), ("PNG", {}), ("WEBP", {}), ("GIF", {}), ("JPEG", {"exif": turned()})]
)
def test_what_browsers_show_is_sent_as_it_is(kind: str, options: dict) -> None:
    data = saved(Image.fromarray(PIXELS), kind, **options)
    found = for_browser(data, MOST)
    assert (found.data, found.kind) == (data, f"image/{kind.lower()}")


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("TIFF", "RGB", {}),
        ("BMP", "RGB", {}),
        ("JPEG2000", "RGB", {"irreversible": False}),
        ("JPEG", "CMYK", {"quality": 95}),
        ("TIFF", "CMYK", {}),
        ("PPM", "RGB", {}),
    ],
)
def test_other_formats_are_made_anew(kind: str, mode: str, options: dict) -> None:
    told, pixels = shown(saved(Image.fromarray(PIXELS).convert(mode), kind, **options))
    assert told == "image/png"
    assert np.abs(pixels.astype(int) - PIXELS).mean() < 4


def test_a_phones_heic_is_made_anew() -> None:
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(PIXELS)).save(file, quality=90)
    told, pixels = shown(file.getvalue())
    assert told == "image/png"
    assert pixels.shape == PIXELS.shape


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    deep = Image.fromarray((np.linspace(0, 65_535, 2400).reshape(40, 60)).astype(np.uint16))
    _, pixels = shown(saved(deep, "PNG"))
    assert pixels[0, 0, 0] == 0
    assert pixels[-1, -1, 0] == 255
    assert 120 < pixels[20, 0, 0] < 136


def test_a_png_that_its_exif_turns_is_upright_in_every_browser() -> None:
    told, pixels = shown(saved(Image.fromarray(PIXELS), "PNG", exif=turned()))
    assert told == "image/png"
    assert pixels.shape == (60, 40, 3)


def test_a_large_one_becomes_a_jpeg() -> None:
    large = Image.fromarray(np.zeros((1500, 1500, 3), np.uint8))
    assert for_browser(saved(large, "BMP"), 10_000_000).kind == "image/jpeg"


def test_what_is_no_image_is_an_error() -> None:
    for data in (b"", b"<script>alert(1)</script>", b"GIF89a"):
        with pytest.raises(ImageError):
            for_browser(data, MOST)


def test_an_original_is_the_file_itself(app: App, ids: dict[str, str]) -> None:
    path = "train/cat/stray stripes.jpg"
    answer = app.ask(f"/api/original/{ids[path]}")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.body == (app.project.root / SOURCE / path).read_bytes()


def test_an_original_that_cannot_be_shown_says_why(app: App, ids: dict[str, str]) -> None:
    answer = app.ask(f"/api/original/{ids['train/cat/broken.jpg']}")
    assert answer.status == 415
    assert "holds is no image" in answer.json["error"]
    assert app.ask(f"/api/original/{'0' * 32}").status == 404


def test_a_file_that_is_not_what_was_curated_is_not_shown(app: App, ids: dict[str, str]) -> None:
    path = app.project.root / SOURCE / "train/cat/01.jpg"
    before = path.read_bytes()
    secret = app.project.root / "params.yaml"
    try:
        path.unlink()
        path.symlink_to(secret)
        answer = app.ask(f"/api/original/{ids['train/cat/01.jpg']}")
        assert answer.status == 409
        assert "dvc repro" in answer.json["error"]
        assert b"report:" not in answer.body
    finally:
        path.unlink()
        path.write_bytes(before)


def test_a_frame_of_a_video_is_shown_as_it_was_kept(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    content_id = keep(app.project.root / FOLDER, PIXELS)
    row = {"path": "clips/a.mp4", "content_id": content_id, "status": "ok", "reason": None}
    monkeypatch.setattr(app.project.shelf, "catalog", lambda: SimpleNamespace(image=lambda _: row))
    found = app.project.original("1" * 32)
    assert found.kind == "image/jpeg"
    with Image.open(io.BytesIO(found.data)) as image:
        assert np.abs(np.asarray(image).astype(int) - PIXELS).mean() < 3


def test_nothing_in_the_source_is_written(app: App, ids: dict[str, str]) -> None:
    def state() -> dict:
        return {path: path.stat().st_mtime_ns for path in (app.project.root / SOURCE).rglob("*")}

    before = state()
    for path in ("train/cat/02.jpg", "train/coffee/smaller.png"):
        app.ask(f"/api/original/{ids[path]}")
        app.ask(f"/api/thumbnail/{ids[path]}")
        app.decide({"item_id": ids[path], "decision": "drop"})
    assert state() == before
