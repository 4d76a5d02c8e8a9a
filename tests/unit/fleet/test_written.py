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
    OddNumberError,
    clock_notes,
    decimals_of_amounts,
    marks_by_column,
    marks_counted,
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


def amounts(
    presumed: str, *cells: str, others: tuple[str, ...] = ()
) -> list[float | type[Exception]]:
    """The odometers or amounts of a column; of a refused one the kind of its refusal."""
    decimals = decimals_of_amounts(presumed, marks_counted(cells), marks_in(others))
    found: list[float | type[Exception]] = []
    for cell in cells:
        try:
            found.append(float(decimals.plain(cell)))
        except (AmbiguousNumberError, OddNumberError) as refused:
            found.append(type(refused))
    return found


THOUSANDS = [f"{km}.500" for km in range(10, 30)]
AS_THOUSANDS = [km * 1000.0 + 500 for km in range(10, 30)]


@pytest.mark.parametrize("presumed", [",", ".", ""])
@pytest.mark.parametrize("odd", ["12.5", "7.25", "10500.5", "1,250.5"])
@pytest.mark.parametrize("swapped", [False, True])
def test_one_odd_cell_does_not_divide_a_column_of_amounts_by_a_thousand(
    presumed: str, odd: str, *, swapped: bool
) -> None:
    cells = [text.translate(SWAPPED) if swapped else text for text in (*THOUSANDS, odd)]
    assert amounts(presumed, *cells) == [*AS_THOUSANDS, OddNumberError]


def test_a_cell_of_another_column_does_not_divide_amounts_either() -> None:
    assert amounts(",", *THOUSANDS, others=("12.5",)) == AS_THOUSANDS
    assert amounts("", *THOUSANDS[:3], others=("12.5",)) == [AmbiguousNumberError] * 3
    assert amounts(",", *THOUSANDS[:3], others=("12,5",)) == AS_THOUSANDS[:3]


def test_amounts_of_which_one_in_many_has_three_decimals_have_decimals() -> None:
    program = [f"{km}.5" for km in range(41_000, 41_020)]
    assert amounts(",", *program, "1.250") == [float(km) for km in [*program, "1.250"]]


@pytest.mark.parametrize("few", [["12.5", "84.200"], ["12.5", "7.5", "84.200", "85.200"]])
def test_a_few_amounts_of_each_are_asked_about(few: list[str]) -> None:
    for presumed in (",", ".", ""):
        found = dict(zip(few, amounts(presumed, *few), strict=True))
        assert (found["84.200"], found["12.5"]) == (AmbiguousNumberError, 12.5)


def test_a_decimal_comma_by_presumption_alone_does_not_make_small_amounts() -> None:
    assert amounts(",", "84,200", "900") == [AmbiguousNumberError, 900]
    assert amounts(",", "84.200", "900") == [84_200, 900]


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
