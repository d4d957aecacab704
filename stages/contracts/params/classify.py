"""`classify`: the labels to tell apart, how they are asked for, and what clusters may be called."""

from typing import Annotated

from pydantic import AfterValidator, Discriminator, Field, Tag

from stages.contracts.params.base import Section


def _named(value: str) -> str:
    if not value.strip():
        raise ValueError("a name that is not empty")
    return value.strip()


def _each_once(values: list[str]) -> list[str]:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"each name once ({twice[0]} is there twice)")
    return values


def _with_a_place(template: str) -> str:
    if "{}" not in template:
        raise ValueError("a template with {} in it, where the name goes")
    return template


def _of_one_label(names: dict[str, list[str]]) -> dict[str, list[str]]:
    known: dict[str, str] = {}
    for label, each in names.items():
        for name in each:
            if known.setdefault(name, label) != label:
                raise ValueError(f"a name for one label only ({name} is one for {known[name]} and for {label})")
    return names


Name = Annotated[str, AfterValidator(_named)]


def _kind(value: object) -> str:
    """Which of the three ways of naming labels is meant; in brackets, as no key of params.yaml is."""
    return f"({type(value).__name__})" if isinstance(value, list | dict) else "(other)"


Names = Annotated[list[Name], Field(min_length=1), AfterValidator(_each_once)]
Template = Annotated[str, AfterValidator(_with_a_place)]


class Params(Section):
    labels: (
        Annotated[Names, Tag("(list)")]
        | Annotated[dict[Name, Names], Field(min_length=1), AfterValidator(_of_one_label), Tag("(dict)")]
        | Annotated[Name | None, Tag("(other)")]
    ) = Field(default=None, discriminator=Discriminator(_kind))
    """names; names with synonyms; the path of a file of them; or null for the labels that the data set has"""
    templates: Annotated[tuple[Template, ...], Field(min_length=1, strict=False)] = ("{}", "a photo of a {}.")
    none_of_these: Annotated[float, Field(gt=0, lt=1)] | None = 0.1
    """chance with which as many names of anything else would fit a picture as well"""
    propagation: Annotated[float, Field(ge=0, le=0.95)] = 0.8
    """share of what its neighbours say in a picture's zero-shot label"""
    top_k: int = Field(default=3, ge=1, le=100)
    neighbors: int = Field(default=10, ge=1, le=30)
    vocabulary: Name | None = None
    """path of a file of further names for clusters"""
    margin: float = Field(default=6.0, ge=0, le=40)
    """standard deviations; the best of 1,400 names without relation to a cluster stands out by some 3.8"""
