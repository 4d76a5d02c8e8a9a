"""The online rule: what it may not break, and what it is blind to."""

import random
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from fleet.vehicle import Energy
from optimiser.depot.pool_cost import pool_cost
from optimiser.duties.dispatch import dispatch
from optimiser.model.check import check_plan
from optimiser.model.files import kind_cells, trip_cells
from optimiser.model.plan import FleetAnswer, FleetLine
from optimiser.model.problem import Kind, Problem, RoundTrip
from optimiser.model.vehicle_slot import VehicleSlot
from optimiser.studies.backtest import replay, split_trips
from tests.unit.optimiser.cases import RULES, depot_weeks, small_problem

MORNING = datetime(2026, 11, 16, 7, tzinfo=UTC)


def trip(name: str, hour: float, hours: float = 1.0, km: float = 10, *needs: str) -> RoundTrip:
    start = MORNING + timedelta(hours=hour)
    return RoundTrip(
        trip_id=name,
        start=start,
        end=start + timedelta(hours=hours),
        km=km,
        needs=frozenset(needs),
    )


def kind(name: str, kr_km: float, *offers: str, range_km: float | None = None) -> Kind:
    return Kind(
        type=name,
        count_now=1,
        min_count=0,
        offers=frozenset(offers),
        energy=Energy.ELECTRIC,
        fixed_kr_year=1,
        kr_km=kr_km,
        co2_g_km=0,
        range_km=range_km,
    )


def answer(problem: Problem) -> tuple[FleetAnswer, dict[str, int]]:
    """What the rule does with today's fleet, as an answer."""
    counts = {k.label: k.count_now for k in problem.kinds}
    lines = [
        FleetLine(type=k.type, pool=k.pool, count=k.count_now, count_now=k.count_now)
        for k in problem.kinds
    ]
    given = FleetAnswer(
        status="feasible",
        cost_kr_year=0.0,
        lower_bound_kr_year=0.0,
        gap=0.0,
        co2_t_year=0.0,
        fleet=tuple(lines),
        assignments=dispatch(problem, counts),
    )
    return given, counts


def test_the_rule_keeps_every_rule_of_the_problem() -> None:
    """The checker's view of 200 random cases with ranges, limits, windows and needs."""
    rng = random.Random(5)
    for _ in range(200):
        problem = small_problem(rng, ranges=True)
        given, _ = answer(problem)
        shares = [pool_cost(problem, given, p) for p in {k.pool for k in problem.kinds}]
        pools = {k.pool for k in problem.kinds}
        shares += [pool_cost(problem, given, p) for p in {t.pool for t in problem.trips} - pools]
        given = replace(
            given,
            cost_kr_year=sum(s.cost_kr_year for s in shares),
            co2_t_year=sum(s.co2_t_year for s in shares),
            gap=1.0 if sum(s.cost_kr_year for s in shares) > 0 else 0.0,
        )
        rules = {name: v for name, v in asdict(problem.rules).items() if v is not None}
        plan = {**given.to_json(), "period_days": problem.period_days, "baseline": given.to_json()}
        wrong = check_plan(plan, trip_cells(problem), kind_cells(problem), rules)
        assert [text for text in wrong if text.startswith("baseline")] == []


def test_the_rule_is_blind_to_what_comes_later() -> None:
    """Every prefix of the trips is handed out as it is when the rest is known."""
    problem = depot_weeks(random.Random(3), vehicles=4, weeks=1)
    counts = {k.label: k.count_now for k in problem.kinds}
    whole = dispatch(problem, counts)
    ordered = sorted(problem.trips, key=lambda t: (t.start, t.end, t.trip_id))
    for n in (1, 10, 30):
        arrays = dispatch(replace(problem, trips=tuple(ordered[:n])), counts)
        assert arrays == {name: whole[name] for name in arrays}


def test_a_vehicle_that_offers_less_is_sent_first() -> None:
    problem = Problem(
        trips=(trip("letter", 0), trip("crates", 0.5, 1, 10, "cargo")),
        kinds=(kind("van", 1, "cargo"), kind("car", 2)),
        rules=RULES,
    )
    assert dispatch(problem, {"van": 1, "car": 1}) == {
        "letter": VehicleSlot("", "car", 1),
        "crates": VehicleSlot("", "van", 1),
    }


def test_days_without_a_free_vehicle_are_short_and_impossible_trips_are_told_apart() -> None:
    problem = Problem(
        trips=(trip("a", 0), trip("b", 0), trip("far", 30, 1, 500)),
        kinds=(kind("car", 1, range_km=100),),
        rules=RULES,
    )
    found = replay(problem, {"car": 1})
    assert (found.trips, found.to_fallback, found.beyond) == (3, 2, 1)
    assert found.short_days == 1
    assert round(found.served_share, 9) == round(1 / 3, 9)


def test_trips_are_parted_at_a_moment() -> None:
    before, after = split_trips((trip("a", 0), trip("b", 5)), MORNING + timedelta(hours=5))
    assert ([t.trip_id for t in before], [t.trip_id for t in after]) == (["a"], ["b"])
