"""What a shell makes of *.jpg."""

import pytest

from stages.commands.arguments import spread


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a b --images x y --json", "a b --images x --images y --json"),
        ("--images x -- a b", "--images x -- a b"),
        ("--images x y --template t a", "--images x --images y --template t a"),
        ("--images=x a", "--images=x a"),
        ("a --images", "a"),
        ("a", "a"),
        ("", ""),
    ],
)
def test_an_option_takes_all_that_follows_it(line: str, expected: str) -> None:
    assert spread(line.split(), "--images") == expected.split()
