"""Findings as Markdown, for a pull request: a headline and one table, broken rules first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from stages.contracts.errors import WinnowError
from stages.core.policy import Finding
from stages.exports.plain_text import visible

SPECIAL = re.compile(r"[|`\\]")
"""What code between backticks in a table cannot hold."""


def markdown(findings: Sequence[Finding]) -> str:
    """A headline, and a row per rule."""
    broken = [finding for finding in findings if not finding.holds]
    lines = [f"### Winnow: {headline(findings)}"]
    if findings:
        lines += ["", "| | rule | limit | found | first of them |", "|---|---|---|---|---|"]
        lines += [_row(finding) for finding in [*broken, *(one for one in findings if one.holds)]]
    return "\n".join(lines) + "\n"


def markdown_of_error(error: WinnowError) -> str:
    """The same for a check that could not be made."""
    told = "\n".join(f"    {visible(line)}" for line in str(error).splitlines())
    return f"### Winnow: the policy could not be checked\n\n{told}\n"


def headline(findings: Sequence[Finding]) -> str:
    """How many rules there are, and how many are broken."""
    total, broken = len(findings), sum(not finding.holds for finding in findings)
    rules = "1 rule" if total == 1 else f"{total} rules"
    if not total:
        return "no rule is set in section check of params.yaml"
    if broken:
        return f"{broken} of {rules} {'is' if broken == 1 else 'are'} broken"
    return "the one rule holds" if total == 1 else f"all {rules} hold"


def code(text: str) -> str:
    """`text` as code in a table cell, whatever it holds."""
    text = visible(text)
    if text.strip() and not SPECIAL.search(text):
        return f"`{text}`"
    entities = re.sub(r"[^\w ./-]", lambda found: f"&#{ord(found[0])};", text, flags=re.ASCII)
    return f"<code>{entities}</code>"


def _row(finding: Finding) -> str:
    mark = "✅" if finding.holds else "❌"
    cells = [
        mark,
        f"`{finding.rule}`<br>{_plain(finding.what)}",
        _plain(finding.told_limit),
        _plain(finding.told_found),
    ]
    return f"| {' | '.join([*cells, _offenders(finding)])} |"


def _offenders(finding: Finding) -> str:
    """Only where the rule is broken: the table stays short."""
    if finding.holds:
        return ""
    more = finding.count - len(finding.first)
    rest = f"and {more:,} more in {code(finding.see)}" if more else f"see {code(finding.see)}"
    return "<br>".join([*map(code, finding.first), rest])


def _plain(text: str) -> str:
    """Texts of ours, in which names of the user's may stand."""
    return re.sub(r"[|*_`\[\]\\#@~]", lambda found: f"&#{ord(found[0])};", escape(visible(text), quote=False))
