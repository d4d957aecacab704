import itertools

import numpy as np
import pytest

from stages.core.drawings import DRAWINGS, contact_sheet
from stages.core.tiling import luminance, stream


@pytest.mark.parametrize("name", DRAWINGS)
@pytest.mark.parametrize("side", [48, 128])
def test_a_drawing_fills_its_square_with_something(name: str, side: int):
    pixels = DRAWINGS[name](side, stream(0, name))
    assert (pixels.shape, pixels.dtype) == ((side, side, 3), np.uint8)
    assert luminance(pixels).std() > 0.05
    assert (pixels == DRAWINGS[name](side, stream(0, name))).all()


def test_drawings_do_not_resemble_each_other():
    drawn = {name: luminance(draw(64, stream(0, name))).ravel() for name, draw in DRAWINGS.items()}
    for (_, one), (_, two) in itertools.combinations(drawn.items(), 2):
        assert abs(np.corrcoef(one, two)[0, 1]) < 0.5


def test_a_contact_sheet_reads_row_by_row():
    cells = np.array([0, 80, 160, 240], np.uint8)[:, None, None].repeat(4, axis=1).repeat(4, axis=2)
    sheet = contact_sheet(cells, 8)
    assert sheet.shape == (8, 8, 3)
    assert sheet[[0, 0, 7, 7], [0, 7, 0, 7], 0].tolist() == [0, 80, 160, 240]
