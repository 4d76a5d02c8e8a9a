"""The transition year by year: five cases done by hand, and sums that hold for every fleet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.budget import Departure, Leaving, MoneyTerms, budget, summed
from optimiser.depot.decision_key import Action
from optimiser.studies.grid import GridNeed
from optimiser.transition.years import Change, ChangeEnd, Transition, transition

#: The round ended in November 2026; half a year later, nobody has decided on all of it.
BEGINS = date(2026, 12, 1)
THEN = date(2026, 11, 20)
LATER = date(2027, 5, 12)
KR_KW = 2_000.0


def change(
    number: int,
    terms: MoneyTerms,
    *,
    action: Action = Action.DISPOSE,
    points: int = 0,
    electric: int = 0,
    settled: date | None = None,
    carried: bool = False,
    rejected: bool = False,
    shared: bool = False,
) -> Change:
    end = ChangeEnd(depot_id="nord", terms=terms, charge_points=points, electric=electric)
    return Change(
        proposal_id=number,
        action=action,
        terms=terms,
        ends=[end],
        settled=settled,
        is_carried=carried,
        is_rejected=rejected,
        is_shared=shared,
    )


def of(
    *changes: Change, grid: GridNeed | None = None, today: date = THEN, begins: date = BEGINS
) -> Transition:
    needs = {} if grid is None else {"nord": grid}
    return transition(changes, needs, begins, today, KR_KW)


def planned(found: Transition) -> list[float]:
    return [round(year.planned.total_kr, 2) for year in found.years]


def proposed(found: Transition) -> list[float]:
    return [round(year.proposed.total_kr, 2) for year in found.years]


def test_a_lease_ends_and_the_vehicle_goes() -> None:
    """36,000 a year is 3,000 a month. The lease ends on 15 June 2027, so the vehicle goes on 1
    July: 2027 has six months, 18,000."""
    found = of(change(1, MoneyTerms(saving_kr_year=36_000, contract_end=date(2027, 6, 15))))
    [turn] = found.turns
    assert turn.planned == Departure(date(2027, 7, 1), Leaving.CONTRACT_END)
    assert planned(found) == [0, 18_000, 36_000, 36_000, 36_000]
    assert found.is_as_proposed
    assert (found.paid_kr_year, found.planned_kr_year) == (36_000, 36_000)


def test_an_owned_vehicle_is_replaced_with_its_charge_point_and_the_grid() -> None:
    """A car that brings 50,000 gives way to an electric one of 300,000 with a charge point of
    40,000. A budget saves 24,000 a year: 2,000 in December 2026, so -290,000 + 2,000 then. The
    depot draws 22 kW instead of 11 without management: 11 kW at 2,000 kr. are 22,000 in that
    year."""
    terms = MoneyTerms(
        saving_kr_year=-10_000,
        unpaid_kr_year=-34_000,
        sale_kr=50_000,
        price_kr=300_000,
        charge_points_kr=40_000,
    )
    one = change(1, terms, action=Action.REPLACE, points=1, electric=1)
    grid = GridNeed(today_kw=11, unmanaged_kw=22, managed_kw=7)
    found = of(one, grid=grid)
    assert planned(found) == [-288_000, 24_000, 24_000, 24_000, 24_000]
    first = found.years[0]
    assert (first.charge_points, first.grid_kw, first.grid_managed_kw) == (1, 11, 0)
    assert (first.grid_kr, first.invested_kr, first.with_grid_kr) == (22_000, 362_000, -310_000)
    assert [year.grid_kr for year in found.years[1:]] == [0, 0, 0, 0]
    assert found.depots["nord"] == found.years
    assert not found.grid_unknown
    assert of(one).grid_unknown


def test_a_proposal_that_waits_takes_hold_later_than_proposed() -> None:
    """12,000 a year from December 2026 on as proposed, 1,000 then. On 12 May 2027 it cannot take
    hold before June: seven months of 2027, 7,000, which is 5,000 less, and 1,000 less in 2026."""
    found = of(change(1, MoneyTerms(saving_kr_year=12_000)), today=LATER)
    assert proposed(found) == [1_000, 12_000, 12_000, 12_000, 12_000]
    assert planned(found) == [0, 7_000, 12_000, 12_000, 12_000]
    assert [year.moved_kr for year in found.years] == [-1_000, -5_000, 0, 0, 0]
    assert not found.is_as_proposed


def test_one_is_carried_out_early_one_is_late_and_one_is_rejected() -> None:
    """The first left on 1 March 2027, before its lease ended in August, for 6,000: 12,000 a year
    are ten months of 2027, 10,000 - 6,000. As proposed it left in December 2026: waiting would have
    cost nine months, 9,000, more than 6,000. The second was to go by March and has not: June at the
    soonest, seven months of 24,000. The third is rejected, and had 6,000 a year."""
    lease = MoneyTerms(saving_kr_year=12_000, contract_end=date(2027, 8, 31), exit_kr=6_000)
    found = of(
        change(1, lease, settled=date(2027, 3, 1), carried=True),
        change(2, MoneyTerms(saving_kr_year=24_000), settled=date(2027, 3, 1)),
        change(3, MoneyTerms(saving_kr_year=6_000), rejected=True),
        today=LATER,
    )
    assert [turn.planned for turn in found.turns] == [
        Departure(date(2027, 3, 1), Leaving.EXIT),
        Departure(date(2027, 6, 1), Leaving.AT_ONCE),
        None,
    ]
    assert proposed(found) == [1_000 - 6_000 + 2_000 + 500, 42_000, 42_000, 42_000, 42_000]
    assert [year.rejected.total_kr for year in found.years] == [500, 6_000, 6_000, 6_000, 6_000]
    assert planned(found) == [0, 10_000 - 6_000 + 14_000, 36_000, 36_000, 36_000]
    assert (found.paid_kr_year, found.planned_kr_year) == (42_000, 36_000)


def test_power_comes_on_as_electric_vehicles_come_to_a_depot() -> None:
    """Of four electric vehicles one comes in 2026, two in 2028 and one is rejected: of 40 kW more,
    10 come on in 2026 and 20 in 2028."""
    grid = GridNeed(today_kw=0, unmanaged_kw=40, managed_kw=16)

    def bought(number: int, count: int, settled: date | None, *, rejected: bool = False) -> Change:
        terms = MoneyTerms(saving_kr_year=0, price_kr=100_000 * count)
        return change(
            number,
            terms,
            action=Action.BUY,
            points=count,
            electric=count,
            settled=settled,
            rejected=rejected,
        )

    found = of(
        bought(1, 1, None),
        bought(2, 2, date(2028, 2, 1)),
        bought(3, 1, None, rejected=True),
        grid=grid,
    )
    assert [year.grid_kw for year in found.years] == [10, 0, 20, 0, 0]
    assert [year.grid_managed_kw for year in found.years] == [4, 0, 8, 0, 0]
    assert [year.charge_points for year in found.years] == [1, 0, 2, 0, 0]
    assert [year.invested_kr for year in found.years] == [120_000, 0, 240_000, 0, 0]


def test_what_others_share_is_in_no_sum_and_what_left_long_ago_has_its_year() -> None:
    found = of(
        change(1, MoneyTerms(saving_kr_year=12_000), shared=True),
        change(2, MoneyTerms(saving_kr_year=12_000), settled=date(2026, 1, 1), carried=True),
        begins=date(2027, 1, 1),
        today=LATER,
    )
    assert [turn.change.proposal_id for turn in found.turns] == [1, 2]
    assert [year.year for year in found.years] == list(range(2026, 2032))
    assert planned(found) == [12_000] * 6
    assert proposed(found) == [0, *[12_000] * 5]


def test_a_move_is_of_two_depots_that_add_up() -> None:
    """A vehicle moves for 9,000 a year, of which the depot that it leaves loses 3,000; a charge
    point is built where it comes."""
    there = MoneyTerms(saving_kr_year=12_000, unpaid_kr_year=-4_000, charge_points_kr=40_000)
    here = MoneyTerms(saving_kr_year=-3_000)
    ends = [
        ChangeEnd(depot_id="nord", terms=here, charge_points=0, electric=0),
        ChangeEnd(depot_id="syd", terms=there, charge_points=1, electric=1),
    ]
    one = replace(change(1, here.plus(there), action=Action.MOVE), ends=ends)
    found = of(one)
    for at, year in enumerate(found.years):
        parts = sum(years[at].planned.total_kr for years in found.depots.values())
        assert year.planned.total_kr == pytest.approx(parts, abs=0.005)
    assert [year.charge_points for year in found.depots["syd"]] == [1, 0, 0, 0, 0]


amounts = st.integers(-200_000, 400_000).map(float)
days = st.dates(date(2024, 1, 1), date(2033, 12, 31))
months = st.dates(date(2026, 1, 1), date(2029, 12, 1)).map(lambda day: day.replace(day=1))
terms_drawn = st.builds(
    MoneyTerms,
    saving_kr_year=amounts,
    unpaid_kr_year=amounts,
    contract_end=st.none() | days,
    exit_kr=st.none() | st.integers(0, 90_000).map(float),
    sale_kr=st.integers(0, 90_000).map(float),
    price_kr=st.integers(0, 400_000).map(float),
    charge_points_kr=st.integers(0, 2).map(lambda points: points * 40_000.0),
)


@st.composite
def changes_drawn(draw: st.DrawFn) -> Sequence[Change]:
    return [
        change(
            number,
            terms,
            settled=draw(st.none() | months),
            carried=draw(st.booleans()),
            rejected=draw(st.booleans()),
            electric=draw(st.integers(0, 2)),
        )
        for number, terms in enumerate(draw(st.lists(terms_drawn, max_size=6)))
    ]


@given(changes_drawn(), days)
def test_every_year_is_what_was_proposed_less_what_is_rejected_and_what_moved(
    changes: Sequence[Change], today: date
) -> None:
    grid = GridNeed(today_kw=0, unmanaged_kw=10, managed_kw=5)
    found = of(*changes, grid=grid, today=today)
    of_round = summed([budget(one.terms, BEGINS) for one in changes], BEGINS)
    first = found.years[0].year
    for year in found.years:
        if year.year >= BEGINS.year:
            expected = of_round[year.year - BEGINS.year].total_kr
            assert year.proposed.total_kr == pytest.approx(expected, abs=0.005)
        assert year.planned.total_kr == pytest.approx(
            year.proposed.total_kr - year.rejected.total_kr + year.moved_kr, abs=0.005
        )
    assert first <= BEGINS.year
    kept = [turn for turn in found.turns if turn.planned is not None]
    if not found.after and kept:
        # Each change that is not rejected pays its one-off amounts once.
        once = sum(
            one.change.terms.sale_kr
            - one.change.terms.price_kr
            - one.change.terms.charge_points_kr
            - (
                (one.change.terms.exit_kr or 0.0)
                if one.planned is not None and one.planned.leaving is Leaving.EXIT
                else 0.0
            )
            for one in kept
        )
        told = sum(year.planned.total_kr - year.planned.running_kr for year in found.years)
        assert told == pytest.approx(once, abs=0.005)
        steady = [one for one in kept if one.planned and one.planned.day.year < 2030]
        if len(steady) == len(kept):
            last = found.years[-1].planned.running_kr
            assert last == pytest.approx(found.planned_kr_year, abs=0.005)


@given(changes_drawn())
def test_on_the_day_of_the_round_the_years_are_those_of_its_budget(
    changes: Sequence[Change],
) -> None:
    open_ones = [replace(one, settled=None, is_carried=False, is_rejected=False) for one in changes]
    found = of(*open_ones)
    assert found.is_as_proposed
    assert [year.planned for year in found.years] == [year.proposed for year in found.years]
    assert found.planned_kr_year == found.paid_kr_year
