"""What becomes of each vehicle in the round and in a what-if, and where the two differ.

Vehicles alike are exchangeable: of those that go in either, the what-if names the ones of the
round.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from costs.kind_figures import KindFigures
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision
from optimiser.depot.fleet_changes import fleet_changes
from optimiser.depot.pool_cost import fleet_counts
from optimiser.depot.vehicle_pool import PoolMoves, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.plan import Plan
from optimiser.model.problem import Problem
from optimiser.what_if.answer import (
    STAYS,
    BoughtDifference,
    Fate,
    Outcome,
    VehicleDifference,
)


@dataclass(frozen=True, slots=True)
class DepotOutcomes:
    """What becomes of the vehicles of a depot, by id, and how many are bought, by name of kind."""

    vehicles: Mapping[str, Outcome] = field(default_factory=dict[str, Outcome])
    bought: Mapping[str, int] = field(default_factory=Counter[str])


def outcomes_told(decisions: Iterable[Decision], depot_id: str) -> DepotOutcomes:
    """What the decisions of a round make of the vehicles of a depot."""
    vehicles: dict[str, Outcome] = {}
    bought = Counter[str]()
    for one in decisions:
        if one.depot_id != depot_id:
            continue
        if one.vehicle_id is not None:
            to = None if one.arrival is None else one.arrival.depot_id
            vehicles[one.vehicle_id] = _outcome(one.action, one.new_kind, to)
        elif one.action is Action.BUY:
            bought[one.new_kind or ""] += one.count
    return DepotOutcomes(vehicles, bought)


def _outcome(action: Action, by: str | None, to: str | None) -> Outcome:
    match action:
        case Action.DISPOSE:
            return Outcome(fate=Fate.LEAVES)
        case Action.REPLACE:
            return Outcome(fate=Fate.REPLACED, by=by)
        case Action.MOVE:
            return Outcome(fate=Fate.MOVES, to=to)
        case _:
            return STAYS


def outcomes_of_plan(
    pools: Sequence[VehiclePool],
    kinds: Mapping[str, KindFigures],
    problem: Problem,
    plan: Plan,
    verdicts: Verdicts,
    moves: Mapping[str, PoolMoves],
    standing: Iterable[str],
) -> DepotOutcomes:
    """What a plan makes of the vehicles of a depot with these pools and their moves. The vehicles
    `standing` stay whatever is planned."""
    vehicles: dict[str, Outcome] = dict.fromkeys(standing, STAYS)
    bought = Counter[str]()
    for pool in pools:
        now, then = fleet_counts(problem, plan, pool.pool_id)
        vehicles |= {one.vehicle_id: STAYS for one in pool.road_vehicles}
        for change in fleet_changes(
            pool,
            kinds,
            now,
            then,
            verdicts,
            green_keep=problem.rules.green_keep,
            moves=moves[pool.pool_id],
        ):
            if change.arriving is not None:
                continue
            by = None if change.new_kind is None else kinds[change.new_kind].name
            if change.leaving is not None:
                vehicles[change.leaving.vehicle_id] = _outcome(change.action, by, change.to)
            elif by is not None:
                bought[by] += change.count
    return DepotOutcomes(vehicles, bought)


def as_in_round(verdicts: Verdicts, told: DepotOutcomes, stay: Iterable[str]) -> Verdicts:
    """The verdicts by which the vehicles that go are those of the round, as far as they may: all
    but those that `stay`."""
    kept = frozenset(stay)
    actions = {Fate.LEAVES: Action.DISPOSE, Fate.REPLACED: Action.REPLACE}
    wanted = {
        DecisionKey(actions[outcome.fate], vehicle_id)
        for vehicle_id, outcome in told.vehicles.items()
        if outcome.fate in actions
        and vehicle_id not in kept
        and not verdicts.leaving_rejected(vehicle_id)
    }
    return replace(verdicts, accepted=verdicts.accepted | wanted)


def differences(
    depot_id: str, before: DepotOutcomes, after: DepotOutcomes
) -> tuple[list[VehicleDifference], list[BoughtDifference]]:
    """Where two fleets of a depot differ."""
    vehicles = [
        VehicleDifference(vehicle_id=one, depot_id=depot_id, before=was, after=then)
        for one in sorted(before.vehicles.keys() | after.vehicles.keys())
        if (was := before.vehicles.get(one, STAYS)) != (then := after.vehicles.get(one, STAYS))
    ]
    bought = [
        BoughtDifference(
            depot_id=depot_id,
            kind=kind,
            before=before.bought.get(kind, 0),
            after=after.bought.get(kind, 0),
        )
        for kind in sorted(before.bought.keys() | after.bought.keys())
        if before.bought.get(kind, 0) != after.bought.get(kind, 0)
    ]
    return vehicles, bought
