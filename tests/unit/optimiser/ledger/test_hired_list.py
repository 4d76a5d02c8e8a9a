"""Lists of journeys are read as taxi firms and payroll write them; no single journey is kept."""

from datetime import date

import pytest

from optimiser.ledger.hired_list import HeadingsError, RowFault, read_hired_list
from optimiser.ledger.leakage import HiredMonth, Means, Place

DEPOTS = {"Rådhuset": "raadhuset"}
TODAY = date(2026, 12, 15)


def test_single_journeys_become_sums_of_months() -> None:
    read = read_hired_list(
        [
            ("Dato", "Afdeling", "Type", "Kilometer", "Pris kr."),
            ("03-11-2026", "hjemmepleje", "Taxa", "12,5", "250,00"),
            ("2026-11-28", "Hjemmepleje", "taxi", 7.5, 150.5),
            ("01/12/2026", "Hjemmepleje", "Egen bil", "", "1.250"),
        ],
        ["Hjemmepleje"],
        DEPOTS,
        TODAY,
    )
    place = Place("Hjemmepleje", None)
    assert read.refused == {}
    assert list(read.months) == [
        HiredMonth(
            month=date(2026, 11, 1), means=Means.TAXI, place=place, kr=400.5, km=20, journeys=2
        ),
        HiredMonth(month=date(2026, 12, 1), means=Means.OWN_CAR, place=place, kr=1250, journeys=1),
    ]


def test_figures_of_months_have_their_number_and_may_be_of_a_depot() -> None:
    read = read_hired_list(
        [
            ("Måned", "Depot", "Transportmiddel", "Antal ture", "Km", "Beløb"),
            ("2026-11", "rådhuset", "Lejebil", 4, 120, "2 400 kr."),
            (),
        ],
        [],
        DEPOTS,
        TODAY,
    )
    [one] = read.months
    assert (one.means, one.place) == (Means.HIRE, Place("", "raadhuset"))
    assert (one.journeys, one.km, one.kr) == (4, 120, 2400)


def test_a_row_that_cannot_be_read_says_why() -> None:
    read = read_hired_list(
        [
            ("Måned", "Afdeling", "Art", "Beløb"),
            ("2026-13", "A", "Taxa", 1),
            ("2026-11", "A", "Cykel", 1),
            ("2026-11", "B", "Taxa", 1),
            ("2026-11", "A", "Taxa", -1),
            ("2026-11", "A", "Taxa", "−500,00"),
            ("2026-11", "A", "Taxa", "1e400"),
            ("2027-01", "A", "Taxa", 1),
        ],
        ["A"],
        DEPOTS,
        TODAY,
    )
    assert not read.months
    assert list(read.refused.values()) == [
        RowFault.MONTH,
        RowFault.MEANS,
        RowFault.PLACE,
        RowFault.BELOW_ZERO,
        RowFault.BELOW_ZERO,
        RowFault.KR,
        RowFault.AHEAD,
    ]


def test_a_list_without_a_column_is_refused() -> None:
    with pytest.raises(HeadingsError, match="department, kr, means, month"):
        read_hired_list([("A", "B")], [], {}, TODAY)
    with pytest.raises(HeadingsError):
        read_hired_list([], [], {}, TODAY)


def test_an_amount_with_a_decimal_point_behind_a_comma_is_refused_and_not_divided() -> None:
    read = read_hired_list(
        [
            ("Måned", "Afdeling", "Art", "Beløb"),
            ("2026-11", "A", "Taxa", "1,250.50"),
            ("2026-11", "A", "Taxa", "1.250,50"),
            ("2026-11", "A", "Taxa", "12500,50"),
        ],
        ["A"],
        {},
        TODAY,
    )
    assert read.refused == {2: RowFault.KR}
    assert [one.kr for one in read.months] == [13_751]
