"""`report`: how the pages are named, and how much they show."""

from pydantic import Field

from stages.contracts.params.base import Section


class Params(Section):
    title: str | None = None
    """name at the head of every page; null takes the name of the source folder"""
    gallery_limit: int = Field(default=400, ge=10, le=5000)
    """cards per gallery, and groups on the duplicates page; raising it makes reports/ larger, not the page slower"""
