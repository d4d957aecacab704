"""`winnow classify`: which of some prompts fits each of some images best, with the encoder of this project."""

from __future__ import annotations

import errno
import glob
import json
import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from stages.commands.answering import doubts, encoder_told, say
from stages.contracts.encoder_record import PATH as RECORD
from stages.contracts.encoder_record import EncoderRecord, read_record
from stages.contracts.errors import ImageError, QueryError
from stages.contracts.params import data, embed, encoder, machine
from stages.contracts.params.base import load
from stages.core.numerals import plural
from stages.core.pixels import decode
from stages.core.zero_shot import confidences, cosines
from stages.encoders.choosing import choose
from stages.encoders.interface import Encoder
from stages.encoders.opening import open_encoder
from stages.exports.plain_text import visible
from stages.sources.folder import is_video_name, walk

OVERSAMPLING = 2
UNREAD = 1
"""exit code where an image could not be read"""
WIDEST = 32
"""letters of a prompt in the table"""
MANY = 6
"""prompts that have a column each; of more, the best are told"""
BEST = 5
ALONE = "With one prompt there is nothing to choose from, so its confidence is always 1."


@dataclass(frozen=True, eq=False)
class Seen:
    """An image and, per prompt, its cosine and its confidence, which sum to 1; or why it could not be read."""

    path: str
    cosines: np.ndarray | None = None
    confidences: np.ndarray | None = None
    reason: str | None = None

    @property
    def order(self) -> np.ndarray:
        """The prompts, best first."""
        return np.argsort(-self.cosines, kind="stable")


def classify(
    prompts: Sequence[str], paths: Sequence[Path], templates: Sequence[str], root: Path = Path()
) -> list[Seen]:
    """Compare images with prompts.

    Parameters
    ----------
    prompts : as they are typed.
    paths : images, or folders of images.
    templates : each with {}, averaged; none leaves the prompts as they are.

    Raises
    ------
    QueryError : a prompt or template that makes no sense, or no image.
    EncoderError : the encoder cannot read a prompt.
    """
    _must_ask(prompts, templates)
    files = list(_files(paths))
    if not any(file.exists() for file in files):  # no need to open the encoder
        return [Seen(str(file), reason=os.strerror(errno.ENOENT)) for file in files]
    _, model, texts, _ = opened(prompts, templates, root)
    most = load(data.Params, "data", root).max_pixels
    batch = load(machine.Params, "machine", root).batch
    parts = [files[at : at + batch] for at in range(0, len(files), batch)]
    return [seen for part in parts for seen in _see(part, model, texts, most)]


def opened(
    prompts: Sequence[str], templates: Sequence[str], root: Path = Path()
) -> tuple[EncoderRecord, Encoder, np.ndarray, list[str]]:
    """The encoder, the prompts as it has them (k, d), and what is to be said of them, which is said.

    Raises
    ------
    QueryError, EncoderError : as `classify`.
    """
    _must_ask(prompts, templates)
    record = _record(root)
    model = open_encoder(
        record, root, load(embed.Params, "embed", root).precision, load(machine.Params, "machine", root)
    )
    groups = [[template.replace("{}", prompt.strip()) for template in templates or ["{}"]] for prompt in prompts]
    notes = [*_too_long(prompts, groups, model), *doubts(prompts, model)]
    say([encoder_told(record)], is_muted=True)
    say(notes)
    return record, model, model.prompt_features(groups), notes


def _too_long(prompts: Sequence[str], groups: Sequence[Sequence[str]], model: Encoder) -> list[str]:
    cut = [
        prompt
        for prompt, group in zip(prompts, groups, strict=True)
        if max(model.count_tokens(group)) > model.longest_text
    ]
    if not cut:
        return []
    told = ", ".join(f'"{visible(short(prompt))}"' for prompt in cut[:BEST])
    many = plural(len(cut), "prompt has", "prompts have")
    return [f"only the first {model.longest_text} tokens of a prompt are read, and {many} more: {told}"]


def short(prompt: str) -> str:
    """At most `WIDEST` letters of it."""
    return prompt if len(prompt) <= WIDEST else prompt[: WIDEST - 1].rstrip() + "…"


def titles(prompts: Sequence[str]) -> list[str]:
    """The prompts as they head columns, short where that tells them apart."""
    found = [short(prompt) for prompt in prompts]
    return found if len(set(found)) == len(found) else list(prompts)


def _see(files: Iterable[Path], model: Encoder, texts: np.ndarray, max_pixels: int) -> Iterator[Seen]:
    read = {file: _opened(file, model, max_pixels) for file in files}
    pictures = [picture for picture in read.values() if isinstance(picture, np.ndarray)]
    similarities = iter(cosines(model.image_features(np.stack(pictures)), texts) if pictures else ())
    for file, picture in read.items():
        if isinstance(picture, str):
            yield Seen(str(file), reason=picture)
        else:
            found = next(similarities)
            yield Seen(str(file), found, confidences(found[None], model.logit_scale)[0])


def _opened(file: Path, model: Encoder, max_pixels: int) -> np.ndarray | str:
    """The preprocessed picture, or why there is none."""
    if is_video_name(file.name):
        return "a video: name it after --video, instead of --images"
    try:
        return model.preprocess(decode(file.read_bytes(), OVERSAMPLING * model.input_size, max_pixels))
    except ImageError as error:
        return error.reason
    except OSError as error:
        return error.strerror or str(error)


def _record(root: Path) -> EncoderRecord:
    """The encoder of the present tables; before any run, the one that a run would take."""
    if (root / RECORD).exists():
        return read_record(root)
    record, trouble = choose(load(encoder.Params, "encoder", root), None, root)
    if trouble:
        print(f"winnow: {trouble.what}; {record.encoder_id} stands in", file=sys.stderr)
    return record


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """Files as they are named or match a pattern, and of folders those that are named like images."""
    if not paths:
        raise QueryError("no image is named", expected="--images and files or folders", do=EXAMPLE)
    found, videos = [], []
    for path in chain.from_iterable(map(_spelled_out, paths)):
        if path.is_dir():
            met = walk(path)
            found += [path / each.path for each in met.files]
            videos += [path / each.path for each in met.videos]
        else:
            found.append(path)
    where = ", ".join(map(str, paths))
    if not found and videos:
        do = f'winnow classify "parking lot" "park" --video {shlex.quote(str(videos[0]))}'
        raise QueryError("there are only videos in that folder", where=where, expected="images", do=do)
    if not found:
        raise QueryError("there are no images in that folder", where=where, do=EXAMPLE)
    if videos:
        say([f"{plural(len(videos), 'video')} passed by, such as {visible(str(videos[0]))}: name one after --video"])
    yield from found


def _spelled_out(path: Path) -> list[Path]:
    """What a pattern such as *.jpg stands for, where no shell did it; a file that is named so is itself."""
    if path.exists() or not glob.has_magic(str(path)):
        return [path]
    return sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor)))) or [path]


EXAMPLE = 'winnow classify "parking lot" "park" --images photo.jpg'


def _must_ask(prompts: Sequence[str], templates: Sequence[str]) -> None:
    if not prompts:
        raise QueryError("there is no prompt", expected="one or more texts", do=EXAMPLE)
    if not all(prompt.strip() for prompt in prompts):
        raise QueryError("a prompt is empty", expected="a few words each", got=list(prompts), do=EXAMPLE)
    twice = [prompt for prompt in dict.fromkeys(prompts) if prompts.count(prompt) > 1]
    if twice:
        raise QueryError("a prompt is there twice", got=twice[0], do="leave one out")
    for template in templates:
        if "{}" not in template:
            raise QueryError("a template has no place for the prompt", expected="{} in it", got=template)


def as_json(seen: Sequence[Seen], prompts: Sequence[str]) -> str:
    """A list with one object an image, prompts best first."""
    return json.dumps([_told(each, prompts) for each in seen], ensure_ascii=False, indent=1)


def _told(seen: Seen, prompts: Sequence[str]) -> dict:
    if seen.reason is not None:
        return {"image": seen.path, "error": seen.reason}
    return {
        "image": seen.path,
        "labels": [
            {
                "label": prompts[place],
                "confidence": float(seen.confidences[place]),
                "cosine": float(seen.cosines[place]),
            }
            for place in seen.order
        ],
    }


def show(seen: Sequence[Seen], prompts: Sequence[str], console: Console) -> None:
    """A table: a row an image, with a column a prompt where there are few."""
    few = len(prompts) <= MANY
    grid = Grid(box=box.SIMPLE, pad_edge=False)
    grid.add_column("image", overflow="fold")
    for title in titles(prompts) if few else ["best", "others"]:
        grid.add_column(Text(visible(title)), justify="right" if few else "left", overflow="fold")
    for each in seen:
        cells = [each.reason] if each.reason else _cells(each, prompts) if few else _best(each, prompts)
        grid.add_row(*(Text(visible(cell)) if isinstance(cell, str) else cell for cell in (each.path, *cells)))
    console.print(grid)
    if len(prompts) == 1:
        console.print(ALONE)


def _cells(seen: Seen, prompts: Sequence[str]) -> list[Text]:
    top = seen.order[0]
    return [Text(f"{share:.3f}", style="bold" if place == top else "") for place, share in enumerate(seen.confidences)]


def _best(seen: Seen, prompts: Sequence[str]) -> list[str]:
    names = titles(prompts)
    first, *others = [f"{names[place]} {seen.confidences[place]:.3f}" for place in seen.order[:BEST]]
    return [first, ", ".join(others)]


def unread(seen: Sequence[Seen]) -> str:
    """How many images could not be read; empty where all were."""
    count = sum(each.reason is not None for each in seen)
    return f"winnow: {count:,} of {plural(len(seen), 'image')} could not be read" if count else ""


def console() -> Console:
    """As wide as it needs to be where no person looks at it."""
    return Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 200, highlight=False)
