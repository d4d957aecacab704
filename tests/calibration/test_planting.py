from __future__ import annotations

import numpy as np
import pytest

from stages.calibration.planting import embedded, encoded
from stages.core.calibration_planting import Copy
from stages.core.verification import NOT_ALIKE
from tests.colours import Colours
from tests.encoded import picture


def copy(number: int, has_view: bool) -> Copy:
    view = Colours().preprocess(picture(seed=number)) if has_view else None
    return Copy(number, 0, NOT_ALIKE, 0, not has_view, view, ())


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_every_view_is_embedded_and_let_go(batch: int) -> None:
    found = list(embedded((copy(number, number % 3 > 0) for number in range(11)), Colours(), batch))
    assert sorted(one.original for one, _ in found) == list(range(11))
    for one, vector in found:
        assert one.view is None
        assert (vector is None) == (one.original % 3 == 0)
        if vector is not None:
            view = Colours().preprocess(picture(seed=one.original))
            assert vector == pytest.approx(Colours().image_features(view[None])[0])


def test_pictures_are_encoded_in_their_order() -> None:
    pictures = [picture(seed=number) for number in range(7)]
    together = encoded(pictures, Colours(), 3, 2)
    alone = [encoded([one], Colours(), 3, 1)[0] for one in pictures]
    assert together == pytest.approx(np.stack(alone))
    assert encoded([], Colours(), 3, 1).shape == (0, Colours.dim)
