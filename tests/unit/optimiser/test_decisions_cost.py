"""What the decisions of people cost is what the plan would cost less without them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fleet.vehicle import Energy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.vehicle_pool import VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.parts.part_plan import PartInput, PartPlan, counted_input, plan_part
from optimiser.rounds.part_planning import reusable
from optimiser.studies.decisions_cost import decisions_kr_year
from optimiser.studies.study import Study, study_json
from tests.unit.optimiser import depots
from tests.unit.optimiser.depots import kind, pool_vehicle, trips_in_turn

MONDAY = datetime(2026, 11, 16, 7, tzinfo=UTC)
RULES = replace(depots.RULES, green_only_new=False, co2_kr_t=0)
KINDS = {
    "car": kind("car", Energy.PETROL, fixed=50_000, kr_km=2.0),
    "van": kind("van", Energy.PETROL, fixed=80_000, kr_km=2.0),
}

#: Two departments with a car and a van each, which are used one after the other: one car is enough.
VEHICLES = [
    replace(pool_vehicle(number, name), department=department)
    for number, (name, department) in enumerate(
        [("car", "Jobcenter"), ("van", "Jobcenter"), ("car", "Vej"), ("van", "Vej")], 1
    )
]
DEPOT = VehiclePool(
    "d",
    VEHICLES,
    trips_in_turn(VEHICLES, MONDAY, hours=3),
    None,
)
SHARING = DecisionKey(Action.POOL, "d")


def gone(number: int) -> DecisionKey:
    return DecisionKey(Action.DISPOSE, f"v{number}")


def bound_by(verdicts: Verdicts, chosen_kr_t: float | None = None) -> PartInput:
    return PartInput(
        depots=(DEPOT,),
        kinds=KINDS,
        rules=RULES,
        verdicts=verdicts,
        first=MONDAY,
        last=MONDAY + timedelta(days=7),
        chosen_kr_t=chosen_kr_t,
    )


def cost_of(part_input: PartInput) -> float | None:
    return decisions_kr_year(counted_input(part_input), seconds_max=10, gap=0)


def plan_of(part_input: PartInput) -> PartPlan:
    return plan_part(lambda: False, part_input, seconds_max=10, gap=0)


@pytest.mark.parametrize(
    ("verdicts", "kr_year"),
    [
        (Verdicts(), 0),
        # What the plan proposes anyway costs nothing.
        (Verdicts(accepted=frozenset({SHARING, gone(2)})), 0),
        # A van that is kept takes the place of the only car, and costs 30,000 more.
        (Verdicts(rejected=frozenset({gone(2)})), 30_000),
        # Either car would do, so that it costs nothing to keep one of them.
        (Verdicts(rejected=frozenset({gone(1)})), 0),
        (Verdicts(rejected=frozenset({gone(1), gone(3)})), 50_000),
        # Each department keeps a car of its own.
        (Verdicts(rejected=frozenset({SHARING})), 50_000),
        # The van is then the one vehicle of its department.
        (Verdicts(rejected=frozenset({SHARING, gone(2)})), 80_000),
    ],
)
def test_decisions_cost_what_the_plan_would_cost_less_without_them(
    verdicts: Verdicts, kr_year: float
) -> None:
    free, decided = plan_of(bound_by(Verdicts())), plan_of(bound_by(verdicts))
    found = cost_of(bound_by(verdicts))
    assert found == pytest.approx(kr_year)
    assert found == pytest.approx(decided.cost_kr_year - free.cost_kr_year)


def test_of_a_fleet_that_people_chose_it_is_not_known() -> None:
    rejected = Verdicts(rejected=frozenset({gone(2)}))
    assert cost_of(bound_by(rejected, chosen_kr_t=2_000.0)) is None
    assert cost_of(bound_by(Verdicts(), chosen_kr_t=2_000.0)) == 0


def test_a_study_of_earlier_software_is_made_again_with_what_decisions_cost() -> None:
    stored = study_json(Study(sensitivity=(), charging=(), backtest=(), decisions_kr_year=0.0))
    assert reusable(stored) == stored
    # Not known is told, too: the fleet was chosen.
    unknown = study_json(Study(sensitivity=(), charging=(), backtest=()))
    assert reusable(unknown) == unknown
    del stored["decisions_kr_year"]
    assert reusable(stored) is None
    assert reusable(None) is None
