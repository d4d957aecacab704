"""`winnow classify`: prompts against images, with a small CLIP of random weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModel, AutoTokenizer
from typer.testing import CliRunner

from stages import cli
from stages.commands import classify as command
from stages.contracts.errors import QueryError
from tests.encoded import encoded, picture
from tests.encoders.conftest import save_clip

PROMPTS = ["a photo of a cat", "red dress", "the blue shoe on the carpet"]
LONG = "the red cat on the carpet " * 40


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that names a checkpoint, and three pictures and a text file."""
    root = tmp_path_factory.mktemp("project")
    save_clip(root / "clip")
    (root / "params.yaml").write_text(
        "encoder: {model: ./clip}\nembed: {precision: float32}\nmachine: {runtime: torch, device: cpu, batch: 2}\n"
    )
    (root / "photos" / "more").mkdir(parents=True)
    for seed, name in enumerate(["a.png", "b.png", "more/c.png"]):
        (root / "photos" / name).write_bytes(encoded(picture(90 + 10 * seed, 80, seed), "PNG"))
    (root / "photos" / "broken.png").write_bytes(b"no picture")
    return root


@pytest.fixture
def inside(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(root)
    return root


def files(root: Path) -> list[Path]:
    return [root / "photos" / name for name in ("a.png", "b.png", "more/c.png")]


def reference(root: Path, prompts: list[str]) -> np.ndarray:
    """What transformers' own model says: logits_per_image.softmax."""
    processor = AutoImageProcessor.from_pretrained(root / "clip", backend="pil")
    tokens = AutoTokenizer.from_pretrained(root / "clip")(
        prompts, padding=True, truncation=True, max_length=16, return_tensors="pt"
    )
    pixels = processor(images=[Image.open(file).convert("RGB") for file in files(root)], return_tensors="pt")
    with torch.inference_mode():
        return AutoModel.from_pretrained(root / "clip")(**tokens, **pixels).logits_per_image.softmax(dim=1).numpy()


@pytest.mark.parametrize("prompts", [PROMPTS, PROMPTS[:1], [*PROMPTS, LONG], ["猫", "Парк", "cat"]])
def test_confidences_are_those_of_transformers(root: Path, prompts: list[str]) -> None:
    seen = command.classify(prompts, files(root), [], root)
    found = np.stack([each.confidences for each in seen])
    np.testing.assert_allclose(found, reference(root, prompts), atol=1e-4)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_different_prompts_have_different_confidences(root: Path) -> None:
    """Parity only counts if the random network tells the prompts apart."""
    assert reference(root, PROMPTS).std(axis=1).min() > 1e-3


def test_a_template_is_the_prompt_it_makes(root: Path) -> None:
    made = command.classify(["cat", "dress"], files(root), ["a photo of a {}"], root)
    typed = command.classify(["a photo of a cat", "a photo of a dress"], files(root), [], root)
    for one, other in zip(made, typed, strict=True):
        np.testing.assert_allclose(one.confidences, other.confidences, atol=1e-6)


def test_templates_are_averaged(root: Path) -> None:
    parts = [
        np.stack([seen.cosines for seen in command.classify(["cat", "dress"], files(root), [template], root)])
        for template in ("{}", "a photo of a {}")
    ]
    both = np.stack(
        [seen.cosines for seen in command.classify(["cat", "dress"], files(root), ["{}", "a photo of a {}"], root)]
    )
    # The mean of two unit vectors, made of unit length, has a cosine at least as large as the mean of the two.
    mean = np.mean(parts, axis=0)
    assert (np.abs(both) >= np.abs(mean) - 1e-6).all()
    assert (np.sign(both) == np.sign(mean)).all()


def test_a_thousand_prompts(root: Path) -> None:
    prompts = [f"cat {number}" for number in range(1_000)]
    (seen,) = command.classify(prompts, files(root)[:1], [], root)
    assert seen.confidences.shape == (1_000,)
    assert seen.confidences.sum() == pytest.approx(1)


def test_folders_are_walked_and_what_cannot_be_read_is_told(root: Path) -> None:
    seen = command.classify(PROMPTS, [root / "photos"], [], root)
    assert [Path(each.path).relative_to(root / "photos").as_posix() for each in seen] == [
        "a.png", "b.png", "broken.png", "more/c.png",
    ]  # fmt: skip
    assert [each.reason is not None for each in seen] == [False, False, True, False]
    alone = command.classify(PROMPTS, files(root)[2:], [], root)
    np.testing.assert_allclose(seen[3].confidences, alone[0].confidences, atol=1e-5)


@pytest.mark.parametrize(
    ("prompts", "templates", "told"),
    [
        ([], [], "no prompt"),
        (["cat", " "], [], "empty"),
        (["cat", "cat"], [], "twice"),
        (["cat"], ["a photo"], "no place"),
    ],
)
def test_prompts_that_make_no_sense_are_told(root: Path, prompts: list[str], templates: list[str], told: str) -> None:
    with pytest.raises(QueryError, match=told):
        command.classify(prompts, files(root), templates, root)


def test_no_image_is_told(root: Path, tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="no image is named"):
        command.classify(["cat"], [], [], root)
    with pytest.raises(QueryError, match="no images in that folder"):
        command.classify(["cat"], [tmp_path], [], root)


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, ["classify", *arguments])
    return result.exit_code, result.stdout


def test_the_command_takes_all_paths_after_images(inside: Path) -> None:
    code, out = invoke(*PROMPTS, "--images", *map(str, files(inside)), "--json")
    assert code == 0
    told = json.loads(out)
    assert [each["image"] for each in told] == [str(file) for file in files(inside)]
    for each, row in zip(told, reference(inside, PROMPTS), strict=True):
        shares = [label["confidence"] for label in each["labels"]]
        assert shares == sorted(shares, reverse=True)
        assert each["labels"][0]["label"] == PROMPTS[row.argmax()]
        assert sum(shares) == pytest.approx(1)


def test_the_table_has_a_column_a_prompt_or_the_best_of_many(inside: Path) -> None:
    _, few = invoke(*PROMPTS, "--images", "photos")
    assert all(prompt in few for prompt in PROMPTS)
    assert "broken.png" in few
    _, many = invoke(*[f"cat {number}" for number in range(9)], "--images", "photos/a.png")
    assert "best" in many
    _, one = invoke("cat", "--images", "photos/a.png")
    assert "always 1" in one


def test_a_prompt_is_shown_as_it_is_written(inside: Path) -> None:
    _, out = invoke("[red]cat[/red]", "\x1b[31mdog", "--images", "photos/a.png")
    assert "[red]cat[/red]" in out
    assert "\x1b" not in out


def test_one_image_that_cannot_be_read_is_counted_and_the_exit_code_says_so(inside: Path) -> None:
    done = CliRunner().invoke(cli.app, ["classify", "cat", "dog", "--images", "photos/a.png", "photos/broken.png"])
    assert done.exit_code == command.UNREAD
    assert "1 of 2 images could not be read" in done.stderr
    whole = CliRunner().invoke(cli.app, ["classify", "cat", "dog", "--images", "photos/a.png"])
    assert whole.stderr.startswith("winnow: clip:./clip@")
    assert whole.stderr.count("\n") == 1


def test_without_any_image_the_encoder_is_not_opened(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "open_encoder", None)
    done = CliRunner().invoke(cli.app, ["classify", "cat", "--images", "gone.png", "photos/gone.png"])
    assert done.exit_code == command.UNREAD
    assert done.stdout.count("No such file") == 2


def test_a_video_among_images_is_pointed_to_its_option(inside: Path) -> None:
    (inside / "photos" / "film.MP4").write_bytes(b"")
    seen = command.classify(["cat"], [inside / "photos" / "film.MP4"], [], inside)
    assert "--video" in seen[0].reason


def test_videos_in_a_folder_of_images_are_told(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "film.mp4").write_bytes(b"any")
    with pytest.raises(QueryError, match="only videos") as raised:
        command.classify(["cat"], [tmp_path], [], root)
    assert raised.value.do.endswith(f"--video {tmp_path / 'film.mp4'}")
    (tmp_path / "a.png").write_bytes(files(root)[0].read_bytes())
    assert len(command.classify(["cat"], [tmp_path], [], root)) == 1
    assert "1 video passed by" in capsys.readouterr().err


def test_a_pattern_that_no_shell_spelled_out(root: Path) -> None:
    seen = command.classify(["cat"], [root / "photos" / "**" / "[ac].png"], [], root)
    assert [Path(each.path).name for each in seen] == ["a.png", "c.png"]
    (none,) = command.classify(["cat"], [root / "photos" / "*.webp"], [], root)
    assert "No such file" in none.reason


def test_long_prompts_are_told_to_be_cut_and_head_narrow_columns(inside: Path) -> None:
    done = CliRunner().invoke(cli.app, ["classify", LONG, "cat", "--images", "photos/a.png"])
    assert done.exit_code == 0
    assert done.stderr.count("only the first 16 tokens") == 1
    assert "1 prompt has more" in done.stderr
    assert "the red cat on the carpet the r…" in done.stdout
    assert command.titles([LONG + "a", LONG + "b"]) == [LONG + "a", LONG + "b"]


def test_where_no_image_can_be_read_the_exit_code_says_so(inside: Path) -> None:
    code, out = invoke("cat", "dog", "--images", "photos/broken.png", "photos/none.png")
    assert code == command.UNREAD
    assert "none.png" in out
