"""The cells of a file tell how its numbers and times are written; what may be either is refused."""

from datetime import datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fleet.files.notation import (
    NOTE_LEFT_OUT,
    NOTE_TWICE,
    AmbiguousNumberError,
    DecimalSign,
    NotationMark,
    clock_notes,
    marks_by_column,
    marks_in,
)
from fleet.localtime import LOCAL_ZONE


def read(presumed: str, *cells: str) -> list[str]:
    decimals = DecimalSign(presumed, marks_in(cells))
    return [decimals.plain(cell) for cell in cells]


@pytest.mark.parametrize(
    ("presumed", "cells", "found"),
    [
        (",", ["1.250", "12,5"], ["1250", "12.5"]),
        (",", ["1.250"], ["1250"]),
        (",", ["-1.250", "0.250"], ["-1.250", "0.250"]),
        (",", ["10.000.000", "1.250,5", "1.250"], ["10000000", "1250.5", "1250"]),
        (",", ["12.5", "1.250"], ["12.5", "1.250"]),
        (",", ["1,250"], ["1.250"]),
        (",", ["1,250.5"], ["1250.5"]),
        (".", ["1.250", "7"], ["1.250", "7"]),
        (".", ["1,250", "12.5"], ["1250", "12.5"]),
        (".", ["1,250", "12,5"], ["1.250", "12.5"]),
        (".", ["1,250,000", "1,250.25"], ["1250000", "1250.25"]),
        ("", ["1.250", "12,5"], ["1250", "12.5"]),
        ("", ["1,250", "12.5"], ["1250", "12.5"]),
        ("", ["1e5", "nord", "12.34,5", "1.2.3"], ["1e5", "nord", "12.34,5", "1.2.3"]),
    ],
)
def test_the_cells_of_a_file_tell_its_decimal_sign(
    presumed: str, cells: list[str], found: list[str]
) -> None:
    assert read(presumed, *cells) == found


@pytest.mark.parametrize(
    ("presumed", "cells"),
    [
        (".", ["1,250"]),
        (".", ["1,250", "1.250"]),
        ("", ["1.250"]),
        ("", ["1,250"]),
        (",", ["1,250", "12.5"]),
        (",", ["1.250", "12.5", "12,5"]),
        (".", ["1.250", "12.5", "12,5"]),
    ],
)
def test_a_number_that_may_be_either_is_refused_and_not_guessed(
    presumed: str, cells: list[str]
) -> None:
    with pytest.raises(AmbiguousNumberError, match=r"is 1250 or 1\.250, and nothing else"):
        read(presumed, *cells)


numbers = st.tuples(st.integers(0, 10**12), st.integers(0, 6)).map(
    lambda made: (made[0], made[1], f"{made[0] / 10 ** made[1]:,.{made[1]}f}")
)
SWAPPED = str.maketrans(",.", ".,")


@given(st.lists(numbers, min_size=1), st.sampled_from([",", "."]), st.sampled_from(["", ",", "."]))
def test_what_is_read_is_what_was_written_or_it_is_refused(
    written: list[tuple[int, int, str]], sign: str, presumed: str
) -> None:
    """Whoever writes a file keeps to one sign; a file that is parted for the other shows it."""
    texts = [text if sign == "." else text.translate(SWAPPED) for _, _, text in written]
    decimals = DecimalSign(presumed, marks_in(texts))
    mark = NotationMark.DECIMAL_POINT if sign == "." else NotationMark.DECIMAL_COMMA
    assume(presumed in ("", sign) or mark in decimals.shown)
    for text, (_, _, plain) in zip(texts, written, strict=True):
        try:
            assert float(decimals.plain(text)) == float(plain.replace(",", ""))
        except AmbiguousNumberError:
            assert decimals.shown & {NotationMark.POINT_OF_THREE, NotationMark.COMMA_OF_THREE}
            assert mark not in decimals.shown or (sign, presumed) == (".", ",")


@given(st.text("0123456789.,+- km", max_size=12), st.sampled_from(["", ",", "."]))
def test_whatever_a_cell_holds_it_is_read_left_or_refused(text: str, presumed: str) -> None:
    try:
        plain = DecimalSign(presumed, marks_in([text])).plain(text)
    except AmbiguousNumberError:
        return
    assert plain == text or float(plain) is not None


@pytest.mark.parametrize(
    ("cell", "notes"),
    [
        ("29-03-2026 02:30", [NOTE_LEFT_OUT]),
        ("2026-03-29T02:00:00", [NOTE_LEFT_OUT]),
        ("29.03.2026 kl. 2.59", [NOTE_LEFT_OUT]),
        ("25-10-2026 02:30", [NOTE_TWICE]),
        ("2026-10-25 02:00", [NOTE_TWICE]),
        ("2026-10-25T02:30:00+01:00", []),
        ("29-03-2026 03:00", []),
        ("25-10-2026 03:00", []),
        ("02-11-2026 02:30", []),
    ],
)
def test_local_times_that_the_clock_leaves_out_or_has_twice_are_told(
    cell: str, notes: list[str]
) -> None:
    assert clock_notes(marks_by_column([["Start"], [cell]])[0]) == notes


def test_moments_of_a_file_of_programs_are_told_like_their_text() -> None:
    local = datetime(2026, 10, 25, 2, 30, tzinfo=LOCAL_ZONE)
    assert clock_notes(marks_in([local.replace(tzinfo=None), None])) == [NOTE_TWICE]
    assert clock_notes(marks_in([local])) == []
