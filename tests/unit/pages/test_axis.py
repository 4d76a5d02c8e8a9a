"""Round numbers along an axis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.words.axis import axis_ticks


@pytest.mark.parametrize(
    ("least", "most", "about", "expected"),
    [
        (0, 28.1, 6, [0, 5, 10, 15, 20, 25]),
        (2_620_000, 3_540_000, 5, [2_800_000, 3_000_000, 3_200_000, 3_400_000]),
        (0.2, 1.1, 4, [0.25, 0.5, 0.75, 1.0]),
        (7, 7, 4, [7]),
    ],
)
def test_marks_are_at_round_numbers_within_the_axis(
    least: float, most: float, about: int, expected: list[float]
) -> None:
    assert axis_ticks(least, most, about) == pytest.approx(expected)


@given(st.floats(0, 1e7), st.floats(1e-3, 1e7), st.integers(2, 8))
def test_no_axis_is_without_marks_or_crowded(least: float, length: float, about: int) -> None:
    found = axis_ticks(least, least + length, about)
    assert 1 <= len(found) <= about + 1
    assert found == sorted(found)
