"""Splits a plan into single changes of today's fleet, within the verdicts on earlier decisions."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from costs.kind_figures import KindFigures
from fleet.vehicle import GREEN_ENERGIES, Energy
from optimiser.depot.alike import going_order
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import NO_MOVES, PoolMoves, PoolVehicle, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.problem import Kind, Problem


@dataclass(frozen=True, slots=True)
class FleetChange:
    """A change of counts: the vehicle `leaving` leaves, and `count` vehicles of `new_kind` come.

    Either of the two is None in a purchase or a disposal. In a move, either the vehicle leaves for
    the pool `to`, or the vehicle `arriving` comes from another pool.
    """

    action: Action
    leaving: PoolVehicle | None
    new_kind: str | None
    count: int
    to: str | None = None
    arriving: PoolVehicle | None = None

    def key(self, pool_id: str) -> DecisionKey:
        """The key of its decision, which is the same in all versions of a round, and for both ends
        of a move."""
        if self.arriving is not None:
            return DecisionKey(self.action, self.arriving.vehicle_id, to=pool_id)
        if self.leaving is not None and self.to is not None:
            return DecisionKey(self.action, self.leaving.vehicle_id, to=self.to)
        if self.leaving is not None:
            return DecisionKey(self.action, self.leaving.vehicle_id)
        return DecisionKey(self.action, pool_id, self.new_kind)

    @property
    def exchange_key(self) -> tuple[str, str, str]:
        """A key that is equal for exchangeable changes."""
        return (self.action, self.leaving.kind if self.leaving else "", self.new_kind or "")

    def without(self, counts: Mapping[str, int]) -> dict[str, int]:
        """The counts before the change, if `counts` include it."""
        return self._changed(counts, -1)

    def applied_to(self, counts: Mapping[str, int]) -> dict[str, int]:
        """The counts after the change, if `counts` do not include it."""
        return self._changed(counts, 1)

    def _changed(self, counts: Mapping[str, int], sign: int) -> dict[str, int]:
        after = dict(counts)
        if self.leaving is not None:
            after[self.leaving.kind] -= sign
        if self.new_kind is not None:
            after[self.new_kind] += sign * self.count
        return after


def fleet_changes(
    pool: VehiclePool,
    kinds: Mapping[str, KindFigures],
    now: Mapping[str, int],
    then: Mapping[str, int],
    verdicts: Verdicts,
    *,
    green_keep: bool = False,
    moves: PoolMoves = NO_MOVES,
) -> list[FleetChange]:
    """The single changes from the counts `now` to the counts `then`.

    A leaving vehicle is paired with a new one whose kind offers the same capabilities; one whose
    replacement was accepted with one of that kind, as long as one of that kind comes. A leaving
    vehicle without such a successor is disposed of; a new vehicle that replaces none is bought.
    What was accepted stays so: a vehicle whose disposal or move was accepted gets no successor, and
    vehicles that were accepted to be bought replace none.
    With `green_keep`, green vehicles get their successors first: so each change alone leaves as
    many green ones as it can. Vehicles that move have no successor and are none.
    """
    came = moves.came
    own = {kind: count - came[kind] for kind, count in then.items()}
    _, going = stay_and_go(pool, own, verdicts)
    coming = {kind: own[kind] - now[kind] for kind in own if own[kind] > now[kind]}
    changes: list[FleetChange] = []
    # Vehicles with a verdict come first; then fossil and much driven ones, for which a green
    # successor saves most.
    going.sort(
        key=lambda c: (
            not verdicts.replacement_accepted(c.vehicle_id),
            (kinds[c.kind].energy in GREEN_ENERGIES) is not green_keep,
            -c.km,
            c.vehicle_id,
        )
    )
    held: dict[str, str] = {}
    for vehicle in going:
        kind = verdicts.accepted_kind(vehicle.vehicle_id)
        if kind in coming and _may_replace(kinds[vehicle.kind], kinds[kind]):
            held[vehicle.vehicle_id] = kind
            _take(coming, kind)
    bought: dict[str, int] = {}
    for kind, count in list(coming.items()):
        bought[kind] = min(count, verdicts.to_buy(DecisionKey(Action.BUY, pool.pool_id, kind)))
        _take(coming, kind, bought[kind])
    for vehicle in going:
        if (to := moves.going.get(vehicle.vehicle_id)) is not None:
            changes.append(FleetChange(Action.MOVE, vehicle, None, 0, to=to))
            continue
        successor = held.get(vehicle.vehicle_id)
        if successor is None and not verdicts.goes_for_good(vehicle.vehicle_id):
            able = (one for one in sorted(coming) if _may_replace(kinds[vehicle.kind], kinds[one]))
            successor = next(able, None)
            if successor is not None:
                _take(coming, successor)
        if successor is None:
            changes.append(FleetChange(Action.DISPOSE, vehicle, None, 0))
            continue
        changes.append(FleetChange(Action.REPLACE, vehicle, successor, 1))
    changes += [
        FleetChange(Action.BUY, None, kind, count)
        for kind in sorted({*bought, *coming})
        if (count := bought.get(kind, 0) + coming.get(kind, 0))
    ]
    return changes + [
        FleetChange(Action.MOVE, None, vehicle.kind, 1, arriving=vehicle)
        for vehicle in moves.coming
    ]


def _take(coming: dict[str, int], kind: str, count: int = 1) -> None:
    """Take some of the new vehicles that are `coming`."""
    coming[kind] -= count
    if not coming[kind]:
        del coming[kind]


def _may_replace(old: KindFigures | Kind, new: KindFigures | Kind) -> bool:
    bicycle = Energy.BICYCLE
    return old.offers <= new.offers and (new.energy is bicycle) <= (old.energy is bicycle)


def stay_and_go(
    pool: VehiclePool, counts: Mapping[str, int], verdicts: Verdicts
) -> tuple[list[PoolVehicle], list[PoolVehicle]]:
    """Chooses the vehicles that stay and those that go, if `counts` of each kind remain.

    Only a vehicle that may go does; one whose leaving was accepted goes first, then as
    `optimiser.depot.alike` says.

    Returns:
        The vehicles that stay, and those that go.
    """
    staying: list[PoolVehicle] = []
    going: list[PoolVehicle] = []
    by_kind: defaultdict[str, list[PoolVehicle]] = defaultdict(list)
    for vehicle in pool.road_vehicles:
        by_kind[vehicle.kind].append(vehicle)
    for kind, members in by_kind.items():
        members.sort(key=lambda c: going_order(c, verdicts))
        staying += members[: counts[kind]]
        going += members[counts[kind] :]
    return staying, going


def bound_by_verdicts(pool: VehiclePool, problem: Problem, verdicts: Verdicts) -> Problem:
    """`problem` with the counts of the pool's kinds bound by the verdicts.

    Of a kind that was accepted to replace vehicles or to be bought there are as many more than
    today, as far as what is on offer and the rules allow: what they forbid binds nothing.
    """
    pool_id = pool.pool_id
    kinds = list(problem.kinds)
    by_type = {kind.type: kind for kind in kinds if kind.pool == pool_id}
    for i, kind in enumerate(kinds):
        if kind.pool != pool_id:
            continue
        own = [c for c in pool.road_vehicles if c.kind == kind.type]
        stay = sum(
            c.fate is not Fate.CAN_GO or verdicts.leaving_rejected(c.vehicle_id) for c in own
        )
        gone = sum(verdicts.leaving_accepted(c.vehicle_id) for c in own)
        bought = DecisionKey(Action.BUY, pool_id, kind.type)
        low, high = max(kind.min_count, stay), kind.max_count
        if gone:
            high = min(len(own) - gone, len(own) if high is None else high)
            low = min(low, high)
        if bought in verdicts.rejected:
            # Accepted replacements by vehicles of this kind come all the same.
            most = len(own) + _accepted_replacements(pool, kind, by_type, verdicts)
            high = most if high is None else min(most, high)
        kinds[i] = replace(
            kind, min_count=min(low, high) if high is not None else low, max_count=high
        )
    problem = replace(problem, kinds=tuple(kinds))
    may_be_fossil = _keeps_green(problem, pool_id)
    for i, kind in enumerate(kinds):
        if kind.pool != pool_id or (kind.is_fossil and not may_be_fossil):
            continue
        more = _replacements_by(pool, kind, by_type, verdicts)
        more += verdicts.to_buy(DecisionKey(Action.BUY, pool_id, kind.type))
        if more:
            most = problem.count_max(kind)
            low = kind.count_now + more if most is None else min(kind.count_now + more, most)
            kinds[i] = replace(kind, min_count=max(kind.min_count, low))
    return replace(problem, kinds=tuple(kinds))


def _keeps_green(problem: Problem, pool_id: str) -> bool:
    """Whether a pool can have as many green vehicles as today beside a fossil one, where the rules
    ask for that."""
    green = [kind for kind in problem.kinds if kind.pool == pool_id and kind.is_green_motor]
    if not problem.rules.green_keep or any(kind.max_count is None for kind in green):
        return True
    return sum(kind.max_count or 0 for kind in green) >= sum(kind.count_now for kind in green)


def _replacements_by(
    pool: VehiclePool, successor: Kind, kinds: Mapping[str, Kind], verdicts: Verdicts
) -> int:
    """The number of vehicles that may go and whose replacement by the kind `successor` was
    accepted."""
    return sum(
        c.fate is Fate.CAN_GO
        and verdicts.accepted_kind(c.vehicle_id) == successor.type
        and _may_replace(kinds[c.kind], successor)
        for c in pool.road_vehicles
    )


def _accepted_replacements(
    pool: VehiclePool, successor: Kind, kinds: Mapping[str, Kind], verdicts: Verdicts
) -> int:
    """The number of vehicles whose replacement was accepted and that `successor` may replace."""
    return sum(
        verdicts.replacement_accepted(c.vehicle_id) and _may_replace(kinds[c.kind], successor)
        for c in pool.road_vehicles
    )
