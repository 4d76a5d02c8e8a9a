"""The roll-out plan takes every vehicle once, in order, and expects what the pilot saved."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimiser.ledger.progress import account
from optimiser.ledger.steps import months_before
from optimiser.pilot_end.roll_out import (
    PilotSaving,
    RollOutChoice,
    Saving,
    WaitingVehicle,
    pilot_saving,
    planned,
)
from tests.unit.optimiser.ledger.test_progress import KG_KM, TODAY, taxi, undertaken

START = date(2027, 11, 1)
SAVED = PilotSaving(
    per_vehicle=Saving(kr_year=10.0, co2_t_year=0.5, kr_low=-2.0, kr_high=30.0),
    vehicles=10,
    depots=2,
    proposals=1,
    months=5,
    lag_months=14,
)
VEHICLES = st.lists(st.tuples(st.sampled_from("ABCD"), st.sampled_from("xyz")), max_size=60).map(
    lambda places: [
        WaitingVehicle(
            vehicle_id=f"v{number}",
            department=department,
            depot_id=depot,
            depot=depot.upper(),
            depot_waits=depot == "z",
        )
        for number, (department, depot) in enumerate(places)
    ]
)


@given(VEHICLES, st.integers(1, 25), st.permutations("ABCD"), st.integers(0, 4))
def test_every_vehicle_gets_one_tracker_in_order(
    waiting: list[WaitingVehicle], chips_month: int, order: list[str], named: int
) -> None:
    choice = RollOutChoice(start=START, chips_month=chips_month, departments=tuple(order[:named]))
    plan = planned(waiting, choice, SAVED)
    assert plan.chips == len(waiting)
    asked = Counter(one.department for one in waiting)
    for department, count in asked.items():
        assert sum(one.chips for one in plan.rows if one.department == department) == count
    # Every month but the last is full, and none is left out.
    months = plan.months
    assert [month for month, _, _ in months] == [
        months_before(START, -index) for index in range(len(months))
    ]
    assert all(count == chips_month for _, count, _ in months[:-1])
    assert all(count <= chips_month for _, count, _ in months)
    if months:
        assert months[-1][2] == len(waiting)
    # Departments come as somebody chose, and then the largest first.
    first = [one for one in order[:named] if one in asked]
    assert list(plan.departments[: len(first)]) == first
    sizes = [asked[one] for one in plan.departments[len(first) :]]
    assert sizes == sorted(sizes, reverse=True)
    # A depot is drawn once, before the first tracker of it.
    drawn = [name for one in plan.rows for name in one.depots_to_draw]
    assert drawn == (["Z"] if any(one.depot_waits for one in waiting) else [])
    for one in plan.rows:
        if "Z" in one.depots:
            assert one.depots_to_draw == ("Z",)
            break
    saving = plan.saving
    assert saving is not None
    assert saving.kr_year == pytest.approx(10 * len(waiting))
    assert sum(one.saving.kr_year for one in plan.rows if one.saving) == pytest.approx(
        saving.kr_year
    )


@given(VEHICLES, st.integers(1, 25))
def test_a_head_sees_the_months_of_the_whole_plan(
    waiting: list[WaitingVehicle], chips_month: int
) -> None:
    choice = RollOutChoice(start=START, chips_month=chips_month, departments=("B", "A"))
    whole = planned(waiting, choice, None)
    own = whole.of(frozenset({"A", "C"}))
    assert list(own.rows) == [one for one in whole.rows if one.department in "AC"]
    assert own.choice.departments == ("A",)
    assert whole.of(None) is whole
    assert own.saving is None


def test_what_is_to_be_expected_is_what_was_measured() -> None:
    rows = account(
        [
            undertaken(1, kr=36_000, left=date(2026, 2, 1), done_on=date(2026, 2, 1)),
            # Twelve months less half a year, of which the last five leak.
            undertaken(
                2,
                kr=24_000,
                left=date(2026, 6, 15),
                department="Jobcenter",
                depot="syd",
                done_on=date(2026, 6, 15),
            ),
            undertaken(3, kr=99_000, left=None),  # nobody carried it out
            undertaken(4, kr=99_000, left=date(2027, 1, 10)),  # no month of it has ended
        ],
        [
            taxi(date(year, month, 1), kr, 10.0)
            for year, kr in ((2025, 0.0), (2026, 500.0))
            for month in (8, 9, 10, 11, 12)
        ],
        TODAY,
        silent_days=14,
        leak_kg_km=KG_KM,
    ).rows
    at = [("nord", rows[0]), ("syd", rows[1]), ("nord", rows[2]), ("nord", rows[3])]
    found = pilot_saving(at, {"nord": 4, "syd": 2, "ost": 3}, date(2025, 9, 1))
    assert found is not None
    south = (6 * 2_000 - 5 * 500) * 12 / 6
    each = found.per_vehicle
    assert each.kr_year == pytest.approx((36_000 + south) / 9)
    # A depot where nothing was saved is in the range.
    assert (each.kr_low, each.kr_high) == pytest.approx((0, max(36_000 / 4, south / 2)))
    assert (found.vehicles, found.depots, found.proposals, found.months) == (9, 3, 2, 11 + 6)
    # From September 2025 to February, and to July 2026: 5 and 10 months.
    assert found.lag_months == 8
    one = pilot_saving(at[:1], {"nord": 4}, date(2025, 9, 1))
    assert one is not None
    assert (one.per_vehicle.kr_low, one.per_vehicle.kr_high) == (None, None)
    for nothing in (pilot_saving(at[2:], {"nord": 4}, None), pilot_saving(at, {}, None)):
        assert nothing is None
