"""The fleet that a version of a round proposes, as it stands on a day. It is pure.

It is the plan with what people decided until then: what somebody rejected since is not done. A
vehicle that has left the register is gone, whatever the plan says, and one that came takes the
place of one that the plan buys, or stands beside the others.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from optimiser.depot.decision_key import Action
from optimiser.depot.decisions import Decision
from optimiser.depot.vehicle_pool import department_pool_id, is_pool_of
from optimiser.model.vehicle_slot import PoolAndType


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredVehicle:
    """A road vehicle in the register, with the depot at which it stood when the version was
    calculated (`stood_at`); None: it came later, on the day `came_on` if that is known.
    `retired_on` is the first day on which it is not in the fleet."""

    vehicle_id: str
    kind: str
    department: str
    depot_id: str
    needs: frozenset[str] | None = None
    stood_at: str | None = None
    came_on: date | None = None
    retired_on: date | None = None

    def is_there(self, day: date) -> bool:
        """Whether it is in the fleet on a day."""
        came = self.stood_at is not None or self.came_on is None or self.came_on <= day
        return came and (self.retired_on is None or self.retired_on > day)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFleet:
    """What a version plans: its `depots`, those of them whose departments are `apart`, the pool of
    each known vehicle (`placed`), how many of a kind a pool buys, and the decisions that it
    proposes. It does not count on the vehicles `standing`, of which too little is known."""

    depots: frozenset[str]
    apart: frozenset[str]
    placed: Mapping[str, str]
    bought: Mapping[PoolAndType, int]
    decisions: Sequence[Decision]
    standing: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingFleet:
    """The fleets of all depots on a day: how many of each kind are in a pool, by its id; and the
    depots whose departments are pools of their own."""

    counts: Mapping[PoolAndType, int]
    apart: frozenset[str]

    def of_depot(self, depot_id: str) -> dict[PoolAndType, int]:
        """The vehicles of a depot, or of its departments."""
        return {key: n for key, n in self.counts.items() if n and is_pool_of(key[0], depot_id)}


def fleet_on(
    plan: PlannedFleet, register: Iterable[RegisteredVehicle], rejected: Collection[str], day: date
) -> StandingFleet:
    """The proposed fleet on a day; `rejected` are the keys that somebody rejected until then."""
    there = {one.vehicle_id: one for one in register if one.is_there(day)}
    undone = [one for one in plan.decisions if str(one.key) in rejected]
    apart = plan.apart | {one.depot_id for one in undone if one.action is Action.POOL}
    placed, bought = dict(plan.placed), Counter(plan.bought)
    for decision in undone:
        _undo(decision, plan, there, placed, bought)
    counts: Counter[PoolAndType] = Counter()
    for vehicle_id, vehicle in there.items():
        if vehicle_id in plan.standing:
            continue
        pool = placed.get(vehicle_id)
        has_moved = vehicle.depot_id not in (vehicle.stood_at, *_depots_of(pool, plan.depots))
        if vehicle.stood_at is None or has_moved:
            pool = _pool_at(vehicle, apart) if vehicle.depot_id in plan.depots else None
            if pool is not None and vehicle.stood_at is None:
                _take_place(vehicle, pool, bought)
        elif pool is not None and pool in apart:
            pool = department_pool_id(pool, vehicle.department)
        if pool is not None:
            counts[pool, vehicle.kind] += 1
    for (pool, kind), count in _shared_out(bought, apart, plan, rejected, there, counts).items():
        counts[pool, kind] += count
    return StandingFleet(counts={key: n for key, n in counts.items() if n > 0}, apart=apart)


def _undo(
    decision: Decision,
    plan: PlannedFleet,
    there: Mapping[str, RegisteredVehicle],
    placed: dict[str, str],
    bought: Counter[PoolAndType],
) -> None:
    """Put a rejected decision out of a plan."""
    vehicle = there.get(decision.vehicle_id or "")
    if decision.action is Action.BUY and decision.new_kind is not None:
        bought[decision.key.subject, decision.new_kind] -= decision.count
    elif decision.action in (Action.DISPOSE, Action.REPLACE, Action.MOVE) and vehicle is not None:
        home = vehicle.stood_at or vehicle.depot_id
        pool = department_pool_id(home, vehicle.department) if home in plan.apart else home
        placed[vehicle.vehicle_id] = pool
        if decision.action is Action.REPLACE and decision.new_kind is not None:
            bought[pool, decision.new_kind] -= decision.count


def _depots_of(pool: str | None, depots: Iterable[str]) -> list[str]:
    """The depots that a pool is of: one, or none without a pool."""
    return [] if pool is None else [one for one in depots if is_pool_of(pool, one)]


def _pool_at(vehicle: RegisteredVehicle, apart: Collection[str]) -> str:
    """The pool in which a vehicle stands by the register."""
    if vehicle.depot_id in apart:
        return department_pool_id(vehicle.depot_id, vehicle.department)
    return vehicle.depot_id


def _take_place(vehicle: RegisteredVehicle, pool: str, bought: Counter[PoolAndType]) -> None:
    """Let a vehicle that came stand for one of its kind that the plan buys there."""
    for place in (pool, vehicle.depot_id):
        if bought[place, vehicle.kind] > 0:
            bought[place, vehicle.kind] -= 1
            return


def _shared_out(
    bought: Mapping[PoolAndType, int],
    apart: Collection[str],
    plan: PlannedFleet,
    rejected: Collection[str],
    there: Mapping[str, RegisteredVehicle],
    counts: Mapping[PoolAndType, int],
) -> Counter[PoolAndType]:
    """The vehicles that a plan buys, in the pools that share them. Where somebody rejected that
    departments share, each goes to the department whose vehicle it replaces, and others to that
    with most vehicles."""
    found: Counter[PoolAndType] = Counter()
    replaced: defaultdict[PoolAndType, list[str]] = defaultdict(list)
    for decision in plan.decisions:
        vehicle = there.get(decision.vehicle_id or "")
        if (
            decision.action is Action.REPLACE
            and decision.new_kind is not None
            and vehicle is not None
            and str(decision.key) not in rejected
        ):
            replaced[decision.depot_id, decision.new_kind].append(vehicle.department)
    for (pool, kind), count in bought.items():
        if count <= 0:
            continue
        if pool not in apart:
            found[pool, kind] += count
            continue
        own: Counter[str] = Counter()
        for (place, _), number in counts.items():
            if is_pool_of(place, pool):
                own[place] += number
        largest = max(sorted(own), key=lambda place: own[place], default=pool)
        departments = [department_pool_id(pool, one) for one in replaced[pool, kind]][:count]
        for place in [*departments, *[largest] * (count - len(departments))]:
            found[place, kind] += 1
    return found
