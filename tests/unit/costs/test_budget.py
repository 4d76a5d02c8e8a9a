"""Money as a budget has it: five cases done by hand, and every case month by month."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.budget import (
    Departure,
    Leaving,
    MoneyTerms,
    budget,
    budget_from,
    departure,
    departure_on,
    next_month,
    notice_day,
    summed,
)
from costs.kind_figures import KindFigures
from costs.own_cost import NoSale, no_sale, own_fixed_kr_year, unpaid_kr_year
from fleet.vehicle import Energy

BEGINS = date(2026, 12, 1)


def totals(terms: MoneyTerms) -> list[float]:
    return [round(year.total_kr, 6) for year in budget(terms, BEGINS)]


def a_kind(fixed: float, capital: float | None, price: float | None = None) -> KindFigures:
    """A kind with one charge point for each vehicle at 2,400 kr. a year, which `fixed` holds."""
    return KindFigures(
        kind="k",
        name="K",
        energy=Energy.ELECTRIC,
        offers=frozenset(),
        fixed_kr_year=fixed,
        kr_km=0.5,
        co2_g_km=0,
        range_km=None,
        charge_km_h=None,
        offered=True,
        capital_kr_year=capital,
        price_kr=price,
        charge_points=1.0,
        charge_point_kr=18_000,
        charge_point_kr_year=2_400,
        kr_year_of_value=0.15,
    )


def test_a_lease_with_remaining_months_saves_nothing_before_it_ends() -> None:
    """Rent 36,000 of its own, beside tax, insurance and service of the kind: 50,000 - 38,000 of
    capital - 2,400 of the charge point = 9,600. So the vehicle costs 45,600 a year. The lease runs
    to 30 June 2027: 2027 has 6 of 12 months left, 45,600 / 12 * 6 = 22,800."""
    cost = own_fixed_kr_year(a_kind(50_000, 38_000), 36_000, None, date(2027, 6, 30))
    assert cost == 45_600
    terms = MoneyTerms(saving_kr_year=cost, contract_end=date(2027, 6, 30))
    assert departure(terms, BEGINS) == Departure(date(2027, 7, 1), Leaving.CONTRACT_END)
    assert totals(terms) == [0, 22_800, 45_600, 45_600, 45_600]


def test_an_owned_vehicle_brings_its_sale_value_once_and_no_depreciation() -> None:
    """It brings 60,000 today. Beside itself its kind costs 9,600 a year; its value costs
    60,000 * 0.15 = 9,000 a year, which the headline counts and no budget pays. In 2026 one month is
    left: 9,600 / 12 = 800, and the sale."""
    kind = a_kind(50_000, 38_000, price=240_000)
    assert no_sale(kind, None, None) is None
    cost = own_fixed_kr_year(kind, None, 60_000, None)
    assert (cost, unpaid_kr_year(kind, None, 60_000, None)) == (18_600, 9_000)
    terms = MoneyTerms(saving_kr_year=18_600, unpaid_kr_year=9_000, sale_kr=60_000)
    assert totals(terms) == [60_800, 9_600, 9_600, 9_600, 9_600]


@pytest.mark.parametrize(
    ("exit_kr", "leaving", "expected"),
    [
        # 13 months from December 2026 to December 2027 save 4,000 each: 52,000. Leaving for
        # 20,000 is cheaper than waiting: 4,000 - 20,000 = -16,000 in 2026, 48,000 in 2027.
        (20_000.0, Leaving.EXIT, [-16_000, 48_000, 48_000, 48_000, 48_000]),
        # For 60,000 it is not, and the vehicle stays until its contract ends.
        (60_000.0, Leaving.CONTRACT_END, [0, 0, 48_000, 48_000, 48_000]),
        # Where nobody has asked the lessor, the contract is kept.
        (None, Leaving.CONTRACT_END, [0, 0, 48_000, 48_000, 48_000]),
    ],
)
def test_leaving_early_is_chosen_where_it_costs_less_than_the_months_save(
    exit_kr: float | None, leaving: Leaving, expected: list[float]
) -> None:
    terms = MoneyTerms(saving_kr_year=48_000, contract_end=date(2027, 12, 31), exit_kr=exit_kr)
    assert departure(terms, BEGINS).leaving is leaving
    assert totals(terms) == expected


def test_a_leased_vehicle_without_a_known_contract_goes_after_notice() -> None:
    """Notice of three months is given in December 2026: 2027 has 10 of 12 months left."""
    terms = MoneyTerms(saving_kr_year=48_000, notice_months=3)
    assert departure(terms, BEGINS) == Departure(date(2027, 3, 1), Leaving.NOTICE)
    assert totals(terms) == [0, 40_000, 48_000, 48_000, 48_000]
    assert departure_on(terms, date(2027, 5, 1)) == Departure(date(2027, 5, 1), Leaving.NOTICE)
    known = replace(terms, contract_end=date(2026, 12, 31))
    assert departure(known, BEGINS) == Departure(date(2027, 1, 1), Leaving.CONTRACT_END)


def test_a_kind_s_default_holds_from_the_month_in_which_the_vehicle_goes() -> None:
    """The register has no figure: 50,000 a year of the kind, 50,000 / 12 = 4,166.67 in 2026."""
    assert own_fixed_kr_year(a_kind(50_000, 38_000, price=240_000), None, None, None) is None
    terms = MoneyTerms(saving_kr_year=50_000)
    assert departure(terms, BEGINS) == Departure(BEGINS, Leaving.AT_ONCE)
    assert totals(terms) == [4_166.666667, 50_000, 50_000, 50_000, 50_000]


@pytest.mark.parametrize(
    ("kind", "payment", "contract_end", "reason", "cost"),
    [
        # A kind for 72,000 a year as a whole, or as a lease of 60,000: its figures hold.
        (a_kind(72_000, None), None, None, NoSale.KIND, None),
        (a_kind(72_000, 60_000), None, None, NoSale.KIND, None),
        # A contract says that the vehicle is leased, whatever a new one of its kind costs.
        (a_kind(50_000, 38_000, 240_000), None, date(2027, 6, 30), NoSale.CONTRACT, None),
        # A rent of 36,000, beside 50,000 - 38,000 - 2,400 = 9,600 of tax, insurance and service.
        (a_kind(50_000, 38_000, 240_000), 36_000, None, NoSale.PAYMENT, 45_600),
    ],
)
def test_what_is_leased_saves_its_lease_and_brings_no_sale(
    kind: KindFigures,
    payment: float | None,
    contract_end: date | None,
    reason: NoSale,
    cost: float | None,
) -> None:
    """The register says that each would bring 90,000: no budget sees that, nor what it costs."""
    assert no_sale(kind, payment, contract_end) is reason
    assert own_fixed_kr_year(kind, payment, 90_000, contract_end) == cost
    assert unpaid_kr_year(kind, payment, 90_000, contract_end) is None


def test_what_is_bought_and_built_is_paid_in_its_year_and_not_a_second_time() -> None:
    """A petrol car of 30,000 a year gives way to a bought electric one: its capital of 38,000 and
    the charge point of 2,400 a year are in the headline, 30,000 - 50,000 = -20,000. A budget saves
    -20,000 + 38,000 + 2,400 = 20,400 a year from July 2027 on (10,200 in 2027), and pays 240,000
    and 18,000 then."""
    terms = MoneyTerms(
        saving_kr_year=-20_000,
        unpaid_kr_year=-40_400,
        contract_end=date(2027, 6, 15),
        price_kr=240_000,
        charge_points_kr=18_000,
    )
    assert totals(terms) == [0, 10_200 - 258_000, 20_400, 20_400, 20_400]


def by_the_month(terms: MoneyTerms, begins: date, years: int) -> list[float]:
    """The same by another way: the cheaper of the two ledgers of payments, month by month."""
    book, _ = cheaper_ledger(terms, begins)
    return [
        sum(paid for (of, _), paid in book.items() if of == begins.year + year)
        for year in range(years)
    ]


def cheaper_ledger(terms: MoneyTerms, begins: date) -> tuple[dict[tuple[int, int], float], date]:
    """The payments of each month, and the month in which the vehicle goes: not before those on
    which it rests."""
    first = max([begins, *(cheaper_ledger(one, begins)[1] for one in terms.after)])
    for _ in range(0 if terms.contract_end else terms.notice_months):
        first = next_month(first)
    waits = terms.contract_end is not None and terms.contract_end >= first

    def ledger(leaves_early: bool) -> tuple[dict[tuple[int, int], float], date]:
        book: dict[tuple[int, int], float] = {}
        day, gone = begins, date.max
        while day.year < begins.year + 10:  # every contract has ended by then
            paid = book.setdefault((day.year, day.month), 0.0)
            runs = terms.contract_end is not None and day <= terms.contract_end
            if gone == date.max and day >= first and (leaves_early or not runs):
                gone = day
                paid += terms.sale_kr - terms.price_kr - terms.charge_points_kr
                if leaves_early and waits:
                    assert terms.exit_kr is not None
                    paid -= terms.exit_kr
            if day >= gone:
                paid += (terms.saving_kr_year - terms.unpaid_kr_year) / 12
            book[day.year, day.month] = paid
            day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return book, gone

    late = ledger(leaves_early=False)
    if waits and terms.exit_kr is not None:
        early = ledger(leaves_early=True)
        if sum(early[0][month] - late[0][month] for month in late[0]) > 1e-6:
            return early
    return late


amounts = st.integers(0, 400_000).map(float)


@given(
    st.builds(
        MoneyTerms,
        saving_kr_year=st.integers(-60_000, 120_000).map(float),
        unpaid_kr_year=st.integers(-40_000, 40_000).map(float),
        contract_end=st.none() | st.dates(date(2025, 1, 1), date(2033, 12, 31)),
        exit_kr=st.none() | amounts,
        sale_kr=amounts,
        price_kr=amounts,
        charge_points_kr=amounts,
    ),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)).map(next_month),
)
def test_each_year_is_the_sum_of_its_months(terms: MoneyTerms, begins: date) -> None:
    found = [year.total_kr for year in budget(terms, begins)]
    assert found == pytest.approx(by_the_month(terms, begins, 5), abs=0.01)


def test_nothing_is_not_told_as_minus_nothing() -> None:
    """A decision that costs 1,250 a year from 2027 on costs 0 in 2026, and not -0."""
    found = budget(MoneyTerms(saving_kr_year=-1_250, contract_end=date(2026, 12, 31)), BEGINS)
    assert "-0.0" not in str([found[0], found[1].exit_kr, found[1].price_kr])


@given(st.lists(st.builds(MoneyTerms, saving_kr_year=amounts, sale_kr=amounts), max_size=4))
def test_the_years_of_several_decisions_are_the_sums_of_theirs(terms: list[MoneyTerms]) -> None:
    each = [budget(one, BEGINS) for one in terms]
    for number, year in enumerate(summed((budget(one, BEGINS) for one in terms), BEGINS)):
        assert year.year == BEGINS.year + number
        # Gains and expenses may cancel each other out.
        assert year.total_kr == pytest.approx(sum(one[number].total_kr for one in each), abs=1e-6)


@pytest.mark.parametrize(
    ("contract_end", "months", "expected"),
    [
        (date(2027, 6, 30), 3, date(2027, 3, 31)),  # April, May and June are whole months
        (date(2027, 6, 15), 3, date(2027, 3, 15)),
        (date(2027, 5, 30), 3, date(2027, 2, 28)),  # February has no 30th
        (date(2027, 5, 31), 3, date(2027, 2, 28)),
        (date(2027, 1, 10), 6, date(2026, 7, 10)),
        (date(2027, 1, 10), 0, date(2027, 1, 10)),
    ],
)
def test_notice_is_given_whole_months_before_a_contract_ends(
    contract_end: date, months: int, expected: date
) -> None:
    assert notice_day(contract_end, months) == expected


def test_a_settled_day_pays_the_exit_of_a_contract_that_still_runs_then() -> None:
    terms = MoneyTerms(saving_kr_year=12_000, contract_end=date(2027, 6, 30), exit_kr=5_000)
    ends = {
        date(2027, 6, 1): Leaving.EXIT,
        date(2027, 7, 1): Leaving.CONTRACT_END,
        date(2027, 9, 1): Leaving.AT_ONCE,
    }
    for day, leaving in ends.items():
        assert departure_on(terms, day) == Departure(day, leaving)
    years = budget_from(terms, departure_on(terms, date(2027, 6, 1)), 2026, 3)
    assert [year.total_kr for year in years] == [0, 7_000 - 5_000, 12_000]
    assert departure_on(MoneyTerms(saving_kr_year=1), BEGINS).leaving is Leaving.AT_ONCE
