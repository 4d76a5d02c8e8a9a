"""The proposed fleet as it stands on a day, and what it does on the trips of real days."""

from dataclasses import replace
from datetime import UTC, date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.kind_figures import KindFigures
from costs.limits import DayWindow, KindLimits
from fleet.localtime import day_start
from fleet.vehicle import Energy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision
from optimiser.depot.vehicle_pool import DrivenTrip
from optimiser.duties.dispatch import Lack
from optimiser.trial.day import TrialCase, tried_day
from optimiser.trial.fleet import PlannedFleet, RegisteredVehicle, fleet_on
from tests.unit.optimiser.cases import RULES

DAY = date(2026, 11, 18)
PRICED = replace(
    RULES,
    turnaround_min=0,
    fallback_kr_trip=50,
    fallback_kr_km=4,
    fallback_co2_g_km=200,
    no_fallback_needs=("lift",),
)


def kind(
    name: str,
    *offers: str,
    range_km: float | None = None,
    charge_km_h: float | None = None,
    limits: KindLimits | None = None,
) -> KindFigures:
    return KindFigures(
        kind=name,
        name=name,
        energy=Energy.ELECTRIC if range_km else Energy.PETROL,
        offers=frozenset(offers),
        fixed_kr_year=1000,
        kr_km=1,
        co2_g_km=0 if range_km else 100,
        range_km=range_km,
        charge_km_h=charge_km_h,
        offered=False,
        limits=limits or KindLimits(),
    )


KINDS = {
    "car": kind("car"),
    "van": kind("van", "lift"),
    "ev": kind("ev", range_km=100, charge_km_h=10),
    "bike": kind("bike", limits=KindLimits(max_trip_km=10, window=DayWindow(time(7), time(15)))),
}


def vehicle(name: str, of_kind: str, department: str = "", **facts: object) -> RegisteredVehicle:
    known = RegisteredVehicle(
        vehicle_id=name, kind=of_kind, department=department, depot_id="home", stood_at="home"
    )
    return replace(known, **facts)


def trip(
    name: str, by: str, begins: float, hours: float = 1, km: float = 8, day: date = DAY
) -> DrivenTrip:
    start = day_start(day).astimezone(UTC) + timedelta(hours=begins)
    return DrivenTrip(
        trip_id=name, vehicle_id=by, start=start, end=start + timedelta(hours=hours), km=km
    )


def case(counts: dict[str, int], *trips: DrivenTrip, turnaround_min: float = 0) -> TrialCase:
    """A day at a depot of which every kind has a vehicle of its name, and so many are proposed."""
    return TrialCase(
        depot_id="home",
        day=DAY,
        apart=False,
        counts={("home", name): n for name, n in counts.items()},
        vehicles=[vehicle(name, name) for name in KINDS],
        trips=trips,
        kinds=KINDS,
        rules=replace(PRICED, turnaround_min=turnaround_min),
    )


def missed(one: TrialCase) -> list[tuple[str, Lack]]:
    return [(miss.trip_id, miss.reason) for miss in tried_day(one).misses]


def test_each_miss_has_its_reason() -> None:
    a, b = trip("a", "car", 8), trip("b", "car", 8.5)
    assert missed(case({"car": 2}, a, b)) == []
    assert missed(case({"car": 1}, a, b)) == [("b", Lack.OUT)]
    later = trip("later", "car", 9.25)
    assert missed(case({"car": 1}, a, later)) == []
    assert missed(case({"car": 1}, a, later, turnaround_min=20)) == [("later", Lack.OUT)]
    assert missed(case({}, a)) == [("a", Lack.EMPTY)]
    assert missed(case({"car": 1}, trip("lift", "van", 8))) == [("lift", Lack.NEED)]
    far = trip("far", "car", 8, hours=3, km=101)
    assert missed(case({"ev": 3}, far)) == [("far", Lack.REACH)]
    assert missed(case({"ev": 3, "car": 1}, far)) == []
    assert missed(case({"bike": 1}, trip("long", "car", 8, km=11))) == [("long", Lack.REACH)]
    assert missed(case({"bike": 1}, trip("late", "car", 14.5))) == [("late", Lack.HOURS)]
    # 80 km leave 20, and an hour brings 10 more.
    twice = trip("first", "car", 8, km=80), trip("second", "car", 10, km=40)
    assert missed(case({"ev": 1}, *twice)) == [("second", Lack.BATTERY)]
    assert missed(case({"ev": 2}, *twice)) == []


def test_a_miss_costs_a_taxi_and_says_whether_it_may_be_one() -> None:
    found = tried_day(case({}, trip("a", "car", 8, km=10), trip("lift", "van", 9, km=5)))
    assert (found.trips, found.km, found.vehicles) == (2, 15, 0)
    a, lift = found.misses
    assert (a.kr, a.co2_kg, a.own_only) == (90, 2, False)
    assert (lift.kr, lift.co2_kg, lift.own_only) == (70, 1, True)


def test_what_began_the_day_before_counts_there_and_keeps_its_vehicle() -> None:
    eve = DAY - timedelta(days=1)
    night = trip("night", "car", 23, hours=10, day=eve)
    found = tried_day(case({"car": 1}, night, trip("a", "car", 8), trip("b", "car", 10)))
    assert [one.trip_id for one in found.misses] == ["a"]
    assert found.trips == 2
    # A battery that was emptied the evening before is not full in the morning.
    far = trip("far", "car", 22, hours=1, km=100, day=eve)
    assert missed(case({"ev": 1}, far, trip("a", "car", 8, km=95))) == [("a", Lack.BATTERY)]
    assert missed(case({"ev": 1}, far, trip("a", "car", 8, km=85))) == []


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 10, 25), 25), (date(2027, 3, 28), 23), (DAY, 24)]
)
def test_a_day_is_a_local_one_also_when_clocks_change(day: date, hours: int) -> None:
    trips = [trip(f"{hour:02}", "car", hour, hours=0.5, day=day) for hour in range(-1, hours + 1)]
    found = tried_day(replace(case({}, *trips), day=day))
    assert found.trips == hours
    assert [one.trip_id for one in found.misses] == [f"{hour:02}" for hour in range(hours)]


def test_departments_apart_do_not_drive_for_each_other() -> None:
    both = [vehicle("a", "car", "A"), vehicle("b", "car", "B")]
    trips = [trip("1", "a", 8), trip("2", "a", 8.5), trip("3", "b", 12)]
    apart = replace(
        case({}, *trips),
        vehicles=both,
        apart=True,
        counts={("home / A", "car"): 1, ("home / B", "car"): 1},
    )
    assert missed(apart) == [("2", Lack.OUT)]
    assert missed(replace(apart, apart=False, counts={("home", "car"): 2})) == []


SPANS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 6), st.integers(1, 120)), min_size=1, max_size=12
)


@given(SPANS, st.integers(0, 3), st.integers(0, 3))
def test_the_rule_told_anew_misses_the_same(
    spans: list[tuple[int, int, int]], cars: int, electric: int
) -> None:
    trips = [trip(f"{n:02}", "car", *span) for n, span in enumerate(spans)]
    # Electric ones are the cheaper ones to drive where CO2e has a price.
    fleet: list[list[float]] = [[1.0, -1e9, 0.0] for _ in range(electric)]
    fleet += [[0.0, -1e9, 0.0] for _ in range(cars)]
    expected: list[str] = []
    for one in sorted(trips, key=lambda t: (t.start, t.end, t.trip_id)):
        start, end = one.start.timestamp() / 3600, one.end.timestamp() / 3600
        for state in fleet:
            is_electric, back, lack = state
            lack = max(0.0, lack - 10 * (start - back)) + one.km
            if back <= start and (not is_electric or lack <= 100):
                state[1:] = [end, lack]
                break
        else:
            expected.append(one.trip_id)
    kinds = {**KINDS, "ev": replace(KINDS["ev"], kr_km=0.5)}
    tried = tried_day(replace(case({"car": cars, "ev": electric}, *trips), kinds=kinds))
    assert [miss.trip_id for miss in tried.misses] == expected
    assert tried.trips == len(trips)


def decision(action: Action, subject: str, **facts: object) -> Decision:
    new_kind = facts.get("new_kind")
    key = DecisionKey(
        action,
        subject,
        kind=str(new_kind) if action is Action.BUY else None,
        to="away" if action is Action.MOVE else None,
    )
    known = Decision(key=key, action=action, depot_id="home")
    if action in (Action.DISPOSE, Action.REPLACE, Action.MOVE, Action.KEEP):
        known = replace(known, vehicle_id=subject)
    return replace(known, **facts)


PLAN = PlannedFleet(
    depots=frozenset({"home", "away"}),
    apart=frozenset(),
    placed={"stays": "home", "moves": "away"},
    bought={("home", "ev"): 1, ("home", "bike"): 2},
    decisions=(
        decision(Action.DISPOSE, "goes"),
        decision(Action.REPLACE, "old", new_kind="ev"),
        decision(Action.MOVE, "moves"),
        decision(Action.BUY, "home", new_kind="bike", count=2),
        decision(Action.POOL, "home"),
    ),
    standing=frozenset({"silent"}),
)
REGISTER = [
    vehicle("stays", "car", "A"),
    vehicle("goes", "car", "A"),
    vehicle("old", "car", "B"),
    vehicle("moves", "van", "B"),
    vehicle("silent", "car", "B"),
]


def fleet(
    *rejected: str, register: list[RegisteredVehicle] = REGISTER, plan: PlannedFleet = PLAN
) -> dict[tuple[str, str], int]:
    return dict(fleet_on(plan, register, rejected, DAY).counts)


def test_the_fleet_is_the_plan_less_what_was_rejected_since() -> None:
    proposed = {("home", "car"): 1, ("away", "van"): 1, ("home", "ev"): 1, ("home", "bike"): 2}
    assert fleet() == proposed
    assert fleet("dispose:goes") == {**proposed, ("home", "car"): 2}
    kept = {("home", "car"): 2, ("away", "van"): 1, ("home", "bike"): 2}
    assert fleet("replace:old") == kept
    without = {key: n for key, n in proposed.items() if key[1] != "bike"}
    assert fleet("buy:home:bike") == without
    stays = {key: n for key, n in proposed.items() if key[1] != "van"} | {("home", "van"): 1}
    assert fleet("move:away:moves") == stays


def test_departments_that_do_not_share_get_their_own_vehicles() -> None:
    assert fleet("pool:home") == {
        ("home / A", "car"): 1,
        ("away", "van"): 1,
        ("home / B", "ev"): 1,
        ("home / A", "bike"): 2,
    }
    assert fleet_on(PLAN, REGISTER, ["pool:home"], DAY).apart == {"home"}


def test_who_is_gone_is_gone_and_who_came_takes_the_place_of_a_purchase() -> None:
    def changed(name: str, **facts: object) -> list[RegisteredVehicle]:
        return [replace(one, **facts) if one.vehicle_id == name else one for one in REGISTER]

    proposed = fleet()
    gone = changed("stays", retired_on=DAY)
    assert fleet(register=gone) == {k: n for k, n in proposed.items() if k != ("home", "car")}
    assert fleet(register=changed("stays", retired_on=DAY + timedelta(days=1))) == proposed
    # A vehicle that is gone cannot be kept by a rejection.
    assert fleet("dispose:goes", register=changed("goes", retired_on=DAY)) == proposed
    assert fleet(register=[*REGISTER, vehicle("new", "ev", stood_at=None)]) == proposed
    two = [vehicle(name, "ev", stood_at=None) for name in ("new", "other")]
    assert fleet(register=[*REGISTER, *two]) == {**proposed, ("home", "ev"): 2}
    tomorrow = vehicle("new", "car", stood_at=None, came_on=DAY + timedelta(days=1))
    assert fleet(register=[*REGISTER, tomorrow]) == proposed
    done = changed("moves", depot_id="away")
    assert fleet(register=done) == proposed
    elsewhere = changed("stays", depot_id="away")
    assert fleet(register=elsewhere)["away", "car"] == 1
