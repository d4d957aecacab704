from __future__ import annotations

import pytest

from stages.core.numerals import plural


@pytest.mark.parametrize(("value", "told"), [(0, "0 copies"), (1, "1 copy"), (2, "2 copies"), (1234, "1,234 copies")])
def test_numbers_agree_with_what_they_count(value: int, told: str) -> None:
    assert plural(value, "copy", "copies") == told


def test_most_words_take_an_s() -> None:
    assert (plural(1, "image"), plural(3, "image")) == ("1 image", "3 images")
