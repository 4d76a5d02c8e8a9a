"""The checker counts for itself what lacks a vehicle while one is in the workshop."""

import json
import random
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.vehicle import Energy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.vehicle_pool import DrivenTrip, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.check import check_plan
from optimiser.model.check_workshop import WorkshopFound, check_workshop
from optimiser.model.files import kind_cells, trip_cells
from optimiser.model.plan import Plan
from optimiser.model.problem import Problem, ProblemError
from optimiser.parts.part_plan import (
    PartInput,
    counted_input,
    part_problem,
    plan_part,
    refuse_wrong_plan,
)
from optimiser.parts.workshop import PoolWorkshop, Shifts, WorkshopRule, workshop_file
from tests.factories.command import flaade
from tests.unit.optimiser.brute_force import without_vehicle
from tests.unit.optimiser.cases import workshop_problem
from tests.unit.optimiser.depots import RULES, kind, pool_vehicle

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 14

#: Three copies of the trips: as they were driven, and twice at other times.
COPIES = 3


@dataclass(frozen=True)
class Case:
    """A plan with its problem and its `WORKSHOP.json`, in which tests plant changes."""

    told: dict[str, Any]
    plan: dict[str, Any]
    problem: Problem

    def found(self, seed: int | None = None) -> WorkshopFound:
        rules = asdict(self.problem.rules)
        rules["seed"] = self.problem.rules.seed if seed is None else seed
        return check_workshop(
            self.told, self.plan, trip_cells(self.problem), kind_cells(self.problem), rules
        )

    def changed(self) -> "Case":
        return replace(self, told=deepcopy(self.told), plan=deepcopy(self.plan))


def driven(number: int, hours: Mapping[int, int]) -> list[DrivenTrip]:
    """The trips of a vehicle that is out from some hours to others on every day."""
    return [
        DrivenTrip(
            trip_id=f"{day} {number} {first}",
            vehicle_id=f"v{number}",
            start=MONDAY + timedelta(days=day, hours=first),
            end=MONDAY + timedelta(days=day, hours=last),
            km=20,
        )
        for day in range(DAYS)
        for first, last in hours.items()
    ]


def planned(own: VehiclePool, verdicts: Verdicts | None = None) -> Case:
    asked = PartInput(
        depots=(own,),
        kinds={"benzin": kind("benzin", Energy.PETROL)},
        rules=replace(RULES, period_days=float(DAYS)),
        verdicts=verdicts or Verdicts(),
        first=MONDAY,
        last=MONDAY + timedelta(days=DAYS),
        workshop=Shifts(),
    )
    told = plan_part(lambda: False, asked, seconds_max=10, gap=0)
    part = part_problem(counted_input(replace(asked, kept=told.kept, unshared=told.unshared)))
    assert part.ready is not None
    counts = {f"home/{line['type']}": line["count"] for line in told.fleet_plan["fleet"]}
    file = json.loads(json.dumps(workshop_file(part.ready, part.problem, counts)))
    return Case(file, told.fleet_plan, part.problem)


@pytest.fixture(scope="module")
def kept() -> Case:
    """Two of four cars are out at once, so that a third is kept for the workshop."""
    cars = [pool_vehicle(number, "benzin") for number in range(4)]
    trips = [trip for number in range(2) for trip in driven(number, {8: 10})]
    case = planned(VehiclePool("home", cars, trips))
    assert [line["count"] for line in case.plan["fleet"]] == [3]
    return case


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_it_counts_what_the_search_counted(seed: int) -> None:
    """Two programs that share no code count the same, of today's fleet and of another one, in
    departments that drive apart and in those that share."""
    rng = random.Random(seed)
    problem = workshop_problem(rng, seed)
    counts = {one.label: rng.randint(0, 3) for one in problem.kinds}
    owned = [one.type for one in problem.kinds for _ in range(one.count_now)]
    if not owned:
        return
    names = rng.choice((("",), ("Nord", "Syd")))
    cars = [
        replace(pool_vehicle(number, type_), department=rng.choice(names))
        for number, type_ in enumerate(owned)
    ]
    problem = replace(
        problem,
        trips=tuple(replace(one, vehicle=rng.choice(cars).vehicle_id) for one in problem.trips),
    )
    rule = WorkshopRule((VehiclePool("", cars, ()),))
    [workshop] = rule.workshops(problem).values()
    plan = {
        "fleet": [{"pool": "", "type": k.type, "count": counts[k.label]} for k in problem.kinds]
    }
    told = json.loads(json.dumps(workshop_file(rule, problem, counts)))
    found = Case(told, plan, problem).found()
    assert found.wrong == []
    [pool] = found.pools
    assert (pool.today, pool.proposed) == (workshop.today, workshop.lacking(counts))
    assert pool.more == workshop.excess(counts)
    assert bool(found.broken) == (pool.more > pool.least_more)


def test_it_hands_out_vehicles_as_a_search_of_tests_does() -> None:
    """Both agree on 300 small pools under random rules, vehicle by vehicle, with none and one
    away."""
    lacking = 0
    for seed in range(300):
        problem = replace(workshop_problem(random.Random(seed), seed))
        rng = random.Random(seed)
        counts = {one.type: rng.randint(0, 2) for one in problem.kinds}
        kinds = tuple(replace(one, count_now=counts[one.type]) for one in problem.kinds)
        problem = replace(problem, kinds=kinds)
        cars = [
            {"vehicle": f"{type_} {n}", "pool": "", "department": "", "type": type_}
            for type_, count in counts.items()
            for n in range(count)
        ]
        if not cars:
            continue
        driver = cars[0]["vehicle"]
        trips = tuple(replace(one, vehicle=driver) for one in problem.trips)
        plan = {"fleet": [{"pool": "", "type": t, "count": n} for t, n in counts.items()]}
        told = {"shifts": {"copies": 0, "most_min": 0}, "today": cars, "away": []}
        [found] = Case(told, plan, replace(problem, trips=trips)).found().pools
        fleet = {k: counts[one.type] for k, one in enumerate(kinds)}
        motor = [k for k, one in enumerate(kinds) if one.is_motor and fleet[k]]
        # Kinds of these cases never serve alike, so that each stands for itself.
        due = max(
            (without_vehicle(problem, "", {**fleet, k: fleet[k] - 1}) for k in motor),
            default=without_vehicle(problem, "", fleet),
        )
        assert found.today == (due,), f"case {seed}"
        lacking += due
    assert lacking > 300


def test_a_plan_that_keeps_the_rule_is_told_with_the_figures_of_both_sides(kept: Case) -> None:
    found = kept.found()
    assert (found.wrong, found.broken) == ([], [])
    [pool] = found.pools
    assert (pool.pool, pool.more, pool.least_more) == ("home", 0, 0)
    assert (pool.proposed, pool.today) == ((0,) * COPIES, (0,) * COPIES)
    assert pool.sentence == (
        "pool 'home': with one vehicle in the workshop all the time, at most 0 trips (at other "
        "times 0, 0) lack a vehicle with the proposed fleet, 0 trips (at other times 0, 0) with "
        "today's"
    )


def test_a_vehicle_that_is_removed_from_the_plan_breaks_it(kept: Case) -> None:
    case = kept.changed()
    case.plan["fleet"][0]["count"] = 2
    told, *_ = case.found().wrong
    assert told.startswith(
        "away: pool 'home' with one benzin away: of the proposed fleet (0, 0, 0)"
    )
    # Whoever tells the true figures beside it is told that they break the rule.
    case.told["away"][0]["proposed"] = lacking = [
        DAYS,
        *PoolWorkshop(kept.problem, "home").lacking({"home/benzin": 2})[1:],
    ]
    found = case.found()
    assert found.wrong == []
    assert found.broken == [
        f"workshop: broken in pool 'home': with one benzin away 14 trips (at other times "
        f"{lacking[1]}, {lacking[2]}) lack a vehicle, today at most 0 trips (at other times 0, 0)"
    ]


def test_a_limit_that_is_raised_is_found(kept: Case) -> None:
    case = kept.changed()
    case.told["away"][0]["most"] = [DAYS, 0, 0]
    assert case.found().wrong == [
        "away: pool 'home' with one benzin away: at most (14, 0, 0) trips are told to lack a "
        "vehicle, found are (0, 0, 0)"
    ]


def test_a_list_of_today_that_is_not_that_of_the_other_files_is_found(kept: Case) -> None:
    fewer = kept.changed()
    gone = fewer.told["today"].pop()
    assert fewer.found().wrong == ["today: 3 vehicles of home/benzin, the fleet file has 4"]
    twice = kept.changed()
    twice.told["today"][-1] = {**gone, "vehicle": "v0"}
    assert twice.found().wrong == ["today: vehicle v0 is there 2 times"]
    other = kept.changed()
    other.told["today"][0] = {**other.told["today"][0], "type": "diesel"}
    assert "today: home/diesel is no kind of the fleet file" in other.found().wrong
    stranger = kept.changed()
    stranger.told["today"][0] = {**stranger.told["today"][0], "vehicle": "v9"}
    assert stranger.found().wrong[0] == "today: trip 0 0 8 was driven by no vehicle of its pool"


def test_a_kind_or_a_pool_that_is_left_out_is_found(kept: Case) -> None:
    case = kept.changed()
    case.told["away"] = []
    assert case.found().wrong == ["away: pool 'home' has ['benzin'] away, told are []"]
    case.told["away"] = [*kept.told["away"], {**kept.told["away"][0], "pool": "elsewhere"}]
    assert case.found().wrong == ["away: 'elsewhere' has no trips"]


def test_other_times_than_those_of_the_seed_are_found() -> None:
    """Of two cars one is out from 8 to 10 and one from 10:10 to 12: with other times they overlap
    on some days, on which a day's one car is not enough."""
    cars = [pool_vehicle(number, "benzin") for number in range(2)]
    trips = [*driven(0, {8: 10}), *driven(1, {10: 12})]
    case = planned(VehiclePool("home", cars, trips))
    assert case.found().faults == []
    assert max(case.told["away"][0]["most"]) > 0
    assert case.found(seed=case.problem.rules.seed + 1).wrong != []
    fewer = case.changed()
    fewer.told["shifts"]["copies"] = 1
    assert fewer.found().wrong != []
    longer = case.changed()
    longer.told["shifts"]["most_min"] = 60.0
    assert longer.found().wrong != []


def test_what_no_fleet_that_may_be_had_can_keep_is_told_and_no_fault() -> None:
    """Two of the four were let go by people, so that no third may stay."""
    cars = [pool_vehicle(number, "benzin") for number in range(4)]
    trips = [trip for number in range(2) for trip in driven(number, {8: 10})]
    gone = frozenset(DecisionKey(Action.DISPOSE, f"v{number}") for number in (2, 3))
    case = planned(VehiclePool("home", cars, trips), Verdicts(accepted=gone))
    found = case.found()
    assert found.faults == []
    [pool] = found.pools
    assert pool.more == pool.least_more > DAYS
    assert pool.sentence.endswith(
        f"by kind {pool.more} more than today's, as no fleet that may be had lacks fewer than "
        f"{pool.more} more"
    )


def test_the_command_tells_what_it_checked_and_refuses_what_is_broken(
    kept: Case, tmp_path: Path
) -> None:
    rules = {name: value for name, value in asdict(kept.problem.rules).items() if value is not None}
    cells = {"TRIPS.csv": trip_cells(kept.problem), "FLEET.csv": kind_cells(kept.problem)}
    assert check_plan(kept.plan, cells["TRIPS.csv"], cells["FLEET.csv"], rules) == []
    for name, rows in cells.items():
        lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
        (tmp_path / name).write_text("\n".join(lines))
    plain = {name: value for name, value in rules.items() if not isinstance(value, tuple | dict)}
    (tmp_path / "RULES.toml").write_text(
        "\n".join(f"{name} = {json.dumps(value)}" for name, value in plain.items())
    )
    (tmp_path / "PLAN.json").write_text(json.dumps(kept.plan))
    (tmp_path / "WORKSHOP.json").write_text(json.dumps(kept.told))
    asked = ["check", "PLAN.json", "--trips", "TRIPS.csv", "--fleet", "FLEET.csv"]
    asked += ["--rules", "RULES.toml"]
    done = flaade(*asked, "--workshop", "WORKSHOP.json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "with the proposed fleet" in done.stdout
    assert "the workshop" not in flaade(*asked, cwd=tmp_path).stdout
    case = kept.changed()
    case.told["away"][0]["most"] = [DAYS, 0, 0]
    (tmp_path / "WORKSHOP.json").write_text(json.dumps(case.told))
    done = flaade(*asked, "--workshop", "WORKSHOP.json", cwd=tmp_path)
    assert done.returncode == 1
    assert "at most (14, 0, 0) trips are told" in " ".join(done.stderr.split())
    (tmp_path / "WORKSHOP.json").write_text("{}")
    done = flaade(*asked, "--workshop", "WORKSHOP.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "cannot be checked" in done.stderr


def test_a_plan_of_which_the_checker_counts_otherwise_is_refused_as_it_is_made(kept: Case) -> None:
    """It is no surprise in the proof certificate. Here the rule knows none of today's vehicles."""
    plan = Plan.from_json(kept.plan)
    refuse_wrong_plan(kept.problem, plan)
    with pytest.raises(ProblemError, match="home/benzin"):
        refuse_wrong_plan(kept.problem, plan, WorkshopRule())
