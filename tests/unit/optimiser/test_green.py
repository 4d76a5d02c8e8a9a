"""What stands in the way of a green vehicle is found, with the day or the need that shows it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.assumptions import shipped_assumptions
from costs.catalogue import starter_catalogue
from costs.kind_figures import KindFigures
from costs.ownership import figures_by_kind
from fleet.vehicle import Energy
from optimiser.depot.fate import Fate, vehicle_fate
from optimiser.depot.green import Obstacle, first_empty_at, green_check
from optimiser.depot.vehicle_pool import DrivenTrip, PoolVehicle
from register.vehicles import Ruling

KINDS = figures_by_kind(starter_catalogue(), shipped_assumptions().at(2026))
MONDAY = datetime(2026, 11, 16, 7, tzinfo=UTC)


def vehicle(
    kind: str, fated: Fate = Fate.CAN_GO, needs: frozenset[str] | None = None
) -> PoolVehicle:
    return PoolVehicle(
        vehicle_id="v", name="V", kind=kind, fate=fated, days_used=1, trips=1, km=1, needs=needs
    )


def trip(km: float, day: int = 0, hour: float = 0, hours: float = 1) -> DrivenTrip:
    start = MONDAY + timedelta(days=day, hours=hour)
    return DrivenTrip(
        trip_id=f"{day} {hour}",
        vehicle_id="v",
        start=start,
        end=start + timedelta(hours=hours),
        km=km,
    )


def test_an_ordinary_van_can_be_replaced_by_the_cheapest_that_fits():
    found = green_check(vehicle("varebil-diesel"), [trip(40), trip(60, 1)], KINDS, 50)
    assert (found.obstacle, found.kind) == (None, "Elvarebil, lille")
    own, new = KINDS["varebil-diesel"], KINDS["elvarebil-lille"]
    assert found.extra_kr_year == pytest.approx(
        new.fixed_kr_year - own.fixed_kr_year + (new.kr_km - own.kr_km) * 5_000
    )
    assert found.saved_co2_t_year == pytest.approx((own.co2_g_km - new.co2_g_km) * 5_000 / 1e6)


def test_a_need_that_no_green_kind_offers_is_named():
    found = green_check(vehicle("lastbil-hvo"), [trip(10)], KINDS, 1)
    assert (found.obstacle, found.missing) == (Obstacle.NEED, ("crane",))


def test_a_van_that_is_only_needed_for_cargo_need_not_have_its_crane():
    found = green_check(vehicle("lastbil-hvo", needs=frozenset({"cargo"})), [trip(10)], KINDS, 1)
    assert found.obstacle is None


def test_the_longest_day_beyond_every_range_is_named():
    found = green_check(vehicle("varebil-diesel"), [trip(50), trip(240, 3)], KINDS, 1)
    assert found.obstacle is Obstacle.RANGE
    assert (found.day, found.km) == (date(2026, 11, 19), 240)
    assert found.kind == "Elvarebil, stor"
    assert found.range_km == pytest.approx(330 * 0.65)


def test_no_time_to_charge_between_trips_is_told_from_range():
    """Each trip is within range; on Tuesday two follow each other with nothing between."""
    trips = [trip(150), trip(180, 1, 0, 3), trip(180, 1, 3.1, 3)]
    found = green_check(vehicle("varebil-diesel"), trips, KINDS, 1)
    assert (found.obstacle, found.day) == (Obstacle.CHARGING, date(2026, 11, 17))


@pytest.mark.parametrize(
    ("kind", "fated", "expected"),
    [
        ("elbil-lille", Fate.CAN_GO, Obstacle.GREEN),
        ("varebil-diesel", Fate.MACHINE, Obstacle.MACHINE),
        ("varebil-diesel", Fate.UNKNOWN, Obstacle.UNKNOWN),
        ("varebil-diesel", Fate.CONTRACT, Obstacle.CONTRACT),
        ("varebil-diesel", Fate.RULED, None),
    ],
)
def test_other_reasons_are_told(kind: str, fated: Fate, expected: Obstacle | None):
    assert green_check(vehicle(kind, fated), [trip(20)], KINDS, 1).obstacle is expected


def test_with_nothing_green_on_offer_no_capability_is_named_as_missing():
    fossil = {name: replace(kind, offered=False) for name, kind in KINDS.items()}
    found = green_check(vehicle("varebil-diesel"), [trip(20)], fossil, 1)
    assert (found.obstacle, found.missing) == (Obstacle.NEED, ())


def test_bicycles_do_not_stand_in_for_a_car():
    bicycles = {
        name: replace(kind, offered=kind.energy is Energy.BICYCLE) for name, kind in KINDS.items()
    }
    assert green_check(vehicle("dieselbil"), [trip(2)], bicycles, 1).obstacle is Obstacle.NEED


@given(
    st.lists(st.tuples(st.floats(0, 300), st.floats(0, 20), st.floats(0.1, 5)), max_size=20),
    st.floats(10, 400),
    st.floats(0, 100),
    st.floats(1, 3),
)
def test_a_better_battery_never_runs_empty_sooner(
    drives: list[tuple[float, float, float]], range_km: float, charge: float, better: float
):
    trips: list[DrivenTrip] = []
    hour = 0.0
    for km, pause, hours in drives:
        hour += pause
        trips.append(trip(km, 0, hour, hours))
        hour += hours
    kind: KindFigures = replace(KINDS["elbil-lille"], range_km=range_km, charge_km_h=charge)
    larger = replace(kind, range_km=range_km * better)
    faster = replace(kind, charge_km_h=charge * better)
    never = datetime.max.replace(tzinfo=UTC)
    for other in (larger, faster):
        assert (first_empty_at(other, trips) or never) >= (first_empty_at(kind, trips) or never)


@pytest.mark.parametrize(
    ("ruling", "measured_in", "expected"),
    [
        (Ruling.STAY, "km", Fate.RULED),
        (Ruling.GO, "km", Fate.CAN_GO),
        (Ruling.OPEN, "km", Fate.CONTRACT),
        (Ruling.GO, "hours", Fate.MACHINE),
    ],
)
def test_what_the_fleet_unit_rules_goes_before_contract_and_silence(
    ruling: Ruling, measured_in: str, expected: Fate
):
    found = vehicle_fate(
        contract_end=date(2030, 1, 1),
        keep_until=date(2027, 1, 1),
        known=ruling is Ruling.OPEN,
        measured_in=measured_in,
        ruling=ruling,
    )
    assert found is expected
