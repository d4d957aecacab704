"""Findings as JUnit XML, which GitHub, GitLab, Jenkins and the like show as tests.

One test suite, a test case per rule. Written to hold against the strictest schema in use, that of Ant's reports
(Windy Road's JUnit.xsd): all its attributes, `properties` first, `system-out` and `system-err` last.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree

from stages.contracts.errors import WinnowError
from stages.core.policy import Finding
from stages.exports.plain_text import visible

SUITE = "winnow.check"


def junit(findings: Sequence[Finding], when: datetime, seconds: float) -> bytes:
    """The file's content; a broken rule is a failure.

    Parameters
    ----------
    when : of the check.  seconds : that it took.
    """
    broken = sum(not finding.holds for finding in findings)
    suite = _suite(len(findings), broken, 0, when, seconds)
    for finding in findings:
        case = _case(suite, finding.rule)
        if not finding.holds:
            failure = ElementTree.SubElement(case, "failure", type="policy", message=visible(message(finding)))
            failure.text = "\n".join(map(visible, offenders(finding)))
    return _content(suite)


def junit_of_error(error: WinnowError, when: datetime, seconds: float) -> bytes:
    """The same for a check that could not be made."""
    suite = _suite(1, 0, 1, when, seconds)
    told = ElementTree.SubElement(
        _case(suite, "tables"), "error", type=type(error).__name__, message=visible(error.what)
    )
    told.text = "\n".join(map(visible, str(error).splitlines()))
    return _content(suite)


def message(finding: Finding) -> str:
    """What is wrong, in one sentence."""
    beyond = f", beyond it by {finding.told_beyond}" if finding.told_beyond else ""
    return f"{finding.what}: {finding.told_found}; the limit is {finding.told_limit}{beyond}"


def offenders(finding: Finding) -> list[str]:
    """The first ones, and where the others are."""
    more = finding.count - len(finding.first)
    rest = f"and {more:,} more: {finding.see}" if more else f"see {finding.see}"
    return [*finding.first, rest]


def _suite(tests: int, failures: int, errors: int, when: datetime, seconds: float) -> ElementTree.Element:
    suite = ElementTree.Element(
        "testsuite",
        name=SUITE,
        timestamp=when.strftime("%Y-%m-%dT%H:%M:%S"),
        hostname="localhost",
        tests=str(tests),
        failures=str(failures),
        errors=str(errors),
        time=f"{seconds:.3f}",
    )
    ElementTree.SubElement(suite, "properties")
    return suite


def _case(suite: ElementTree.Element, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", name=name, classname=SUITE, time="0")


def _content(suite: ElementTree.Element) -> bytes:
    ElementTree.SubElement(suite, "system-out")
    ElementTree.SubElement(suite, "system-err")
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True) + b"\n"
