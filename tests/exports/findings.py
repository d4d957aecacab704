"""Findings for tests, with names that try to break whatever shows them."""

from __future__ import annotations

from stages.core.policy import Finding

HOSTILE = (
    "train/quote \" and ' & <b>.jpg",
    "train/<script>window.broken=1</script>.jpg",
    "train/new\nline | pipe.jpg",
    "train/`tick` \\| back.jpg",
    "train/\x1b[31m\x00\u202egpj.exe",
    "train/half \udcff.jpg",
    "train/]]> &amp; &#10; [link](javascript:x) @team *bold* ~~gone~~.jpg",
    " ",
)


def finding(*first: str, rule: str = "max_leaks", holds: bool = False, count: int | None = None, **more) -> Finding:
    return Finding(
        rule=rule,
        holds=holds,
        count=len(first) if count is None else count,
        first=first,
        **{
            "what": "images that leak",
            "limit": 0,
            "found": 7,
            "told_limit": "at most 0",
            "told_found": "7",
            "told_beyond": "" if holds else "7",
            "see": "reports/duplicates.html",
            **more,
        },
    )
