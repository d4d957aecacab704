"""`winnow classify --video`, with a small CLIP of random weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from stages import cli
from stages.commands.classify_video import BROKE_OFF, as_json, broken, classify, told
from stages.contracts.errors import QueryError, SourceError
from tests.encoders.conftest import save_clip
from tests.videos import scene, write_video

PROMPTS = ["red dress", "the blue shoe"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    save_clip(root / "clip")
    (root / "params.yaml").write_text(
        "encoder: {model: ./clip}\nembed: {precision: float32}\nmachine: {runtime: torch, device: cpu, batch: 2}\n"
    )
    write_video(root / "blink.avi", scene(1, 1))
    whole = write_video(root / "clip one.mp4", scene(1, 15) + scene(2, 15))
    write_video(root / "long.mkv", [p for seed in range(6) for p in scene(seed, 10)])
    (root / "cut.mkv").write_bytes((root / "long.mkv").read_bytes()[: (root / "long.mkv").stat().st_size // 2])
    (root / "broken.mp4").write_bytes(whole.read_bytes()[:100])
    return root


def test_confidences_add_up_and_the_page_is_there(root: Path) -> None:
    found = classify(PROMPTS, root / "clip one.mp4", [], 1.0, 0.0, root)
    assert found.footage.times_s.tolist() == [0.0, 1.0, 2.0]
    np.testing.assert_allclose(found.footage.confidences.sum(axis=1), 1, atol=1e-6)
    assert found.page == root / "reports/adhoc/timeline-clip-one.mp4/timeline.html"
    assert "red dress" in found.page.read_text()
    assert len(list((found.page.parent / "assets/frames").glob("*.jpg"))) == 3
    assert [one.label for one in found.segments] == PROMPTS  # every label holds from a confidence of 0 on
    assert "duration" in told(found)


def test_json_tells_the_same(root: Path) -> None:
    found = classify(PROMPTS, root / "clip one.mp4", ["a photo of a {}"], 0.5, 0.5, root)
    read = json.loads(as_json(found))
    assert [frame["time_s"] for frame in read["frames"]] == found.footage.times_s.tolist()
    assert len(read["segments"]) == len(found.segments)


def test_a_video_that_breaks_off_tells_what_came_before(root: Path) -> None:
    found = classify(PROMPTS, root / "cut.mkv", [], 1.0, 0.5, root)
    assert 1 <= len(found.footage.times_s) < 6
    assert "breaks off: " in broken(found)
    assert "breaks off: " in found.page.read_text()


def test_a_video_that_breaks_off_exits_as_a_broken_image_does(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    done = CliRunner().invoke(cli.app, ["classify", *PROMPTS, "--video", "cut.mkv", "--json"])
    assert done.exit_code == BROKE_OFF
    assert "breaks off: " in done.stderr
    told = json.loads(done.stdout)
    assert told["frames"][-1]["time_s"] < told["end_s"] < 6


def test_no_segment_outlasts_the_video(root: Path) -> None:
    found = classify(["cat"], root / "blink.avi", [], 1.0, 0.5, root)
    assert [(one.start_s, one.end_s) for one in found.segments] == [(0.0, pytest.approx(0.1, abs=0.02))]
    assert "1 frame; open" in told(found)


def test_one_prompt_is_said_to_be_no_choice(root: Path) -> None:
    for prompts, is_said in ((["cat"], True), (PROMPTS, False)):
        found = classify(prompts, root / "clip one.mp4", [], 1.0, 0.5, root)
        assert ("always 1." in told(found)) == is_said
        page = found.page.read_text()
        assert ("nothing to choose from" in page) == is_said
        assert ("each of 2 labels" in page) != is_said


@pytest.mark.parametrize(("name", "said"), [("broken.mp4", "cannot be read"), ("gone.mp4", "no such video")])
def test_what_is_no_video_is_an_error(root: Path, name: str, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        classify(PROMPTS, root / name, [], 1.0, 0.5, root)


def test_a_picture_is_no_video(root: Path) -> None:
    (root / "still.jpg").write_bytes(b"any")
    with pytest.raises(SourceError, match="picture"):
        classify(PROMPTS, root / "still.jpg", [], 1.0, 0.5, root)


def test_two_videos_of_one_name_have_a_page_each(root: Path) -> None:
    pages = []
    for folder in ("one", "two", "one"):
        (root / folder).mkdir(exist_ok=True)
        (root / folder / "same.mp4").write_bytes((root / "clip one.mp4").read_bytes())
        pages.append(classify(PROMPTS, root / folder / "same.mp4", [], 1.0, 0.5, root).page)
    assert pages[0] == pages[2] != pages[1]
    assert all(page.is_file() for page in pages)


def test_images_beside_a_video_are_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    done = CliRunner().invoke(cli.app, ["classify", "cat", "--video", "clip one.mp4", "--images", "still.jpg"])
    assert isinstance(done.exception, QueryError)


def test_an_empty_prompt_is_an_error(root: Path) -> None:
    with pytest.raises(QueryError):
        classify(["", "cat"], root / "clip one.mp4", [], 1.0, 0.5, root)


def test_the_command(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    done = CliRunner().invoke(cli.app, ["classify", *PROMPTS, "--video", "clip one.mp4", "--every", "1"])
    assert done.exit_code == 0, done.output
    assert "3 frames; open" in done.output
