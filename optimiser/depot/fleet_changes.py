"""A plan is told as single changes of today's fleet, within what earlier decisions leave open."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from costs.kind_figures import KindFigures
from fleet.vehicle import GREEN_ENERGIES, Energy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import Candidate, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.problem import Kind, Problem


@dataclass(frozen=True, slots=True)
class FleetChange:
    """A change of counts: the vehicle `goes` leaves, or `count` vehicles of the kind `comes`
    come."""

    action: Action
    goes: Candidate | None
    comes: str | None
    count: int

    def key(self, pool_id: str) -> DecisionKey:
        """The key of its decision, which is the same in all versions of a round."""
        if self.goes is not None:
            return DecisionKey(self.action, self.goes.vehicle_id)
        return DecisionKey(self.action, pool_id, self.comes)

    @property
    def sort(self) -> tuple[str, str, str]:
        """Equal for decisions that are exchangeable."""
        return (self.action, self.goes.kind if self.goes else "", self.comes or "")

    def undone(self, counts: Mapping[str, int]) -> dict[str, int]:
        """`counts` without this step."""
        return self._changed(counts, -1)

    def done(self, counts: Mapping[str, int]) -> dict[str, int]:
        """`counts` with this step."""
        return self._changed(counts, 1)

    def _changed(self, counts: Mapping[str, int], sign: int) -> dict[str, int]:
        after = dict(counts)
        if self.goes is not None:
            after[self.goes.kind] -= sign
        if self.comes is not None:
            after[self.comes] += sign * self.count
        return after


def fleet_changes(
    pool: VehiclePool,
    kinds: Mapping[str, KindFigures],
    now: Mapping[str, int],
    then: Mapping[str, int],
    verdicts: Verdicts,
) -> list[FleetChange]:
    """The changes from the counts `now` to the counts `then`, one by one.

    A vehicle that goes is paired with one that comes and offers all that it does. A vehicle without
    such an heir is disposed of; vehicles that follow nobody are bought.
    """
    _, going = stay_and_go(pool, then, verdicts)
    coming = {kind: then[kind] - now[kind] for kind in then if then[kind] > now[kind]}
    changes: list[FleetChange] = []
    # Decided ones first; then fossil and much driven ones, where a green heir does most good.
    going.sort(
        key=lambda c: (
            not verdicts.replaced(c.vehicle_id),
            verdicts.disposed(c.vehicle_id),
            kinds[c.kind].energy in GREEN_ENERGIES,
            -c.km,
            c.vehicle_id,
        )
    )
    for vehicle in going:
        heir = next((k for k in sorted(coming) if _may_follow(kinds[vehicle.kind], kinds[k])), None)
        if heir is None:
            changes.append(FleetChange(Action.DISPOSE, vehicle, None, 0))
            continue
        changes.append(FleetChange(Action.REPLACE, vehicle, heir, 1))
        coming[heir] -= 1
        if not coming[heir]:
            del coming[heir]
    return changes + [
        FleetChange(Action.BUY, None, kind, count) for kind, count in sorted(coming.items())
    ]


def _may_follow(old: KindFigures | Kind, new: KindFigures | Kind) -> bool:
    bicycle = Energy.BICYCLE
    return old.offers <= new.offers and (new.energy is bicycle) <= (old.energy is bicycle)


def stay_and_go(
    pool: VehiclePool, counts: Mapping[str, int], verdicts: Verdicts
) -> tuple[list[Candidate], list[Candidate]]:
    """The vehicles that stay and those that go, when `counts` of each kind remain.

    Only a vehicle that may go does; one whose leaving was accepted goes first, then the least used.

    Returns:
        The vehicles that stay, and those that go.
    """
    staying: list[Candidate] = []
    going: list[Candidate] = []
    by_kind: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in pool.road:
        by_kind[candidate.kind].append(candidate)
    for kind, members in by_kind.items():
        members.sort(
            key=lambda c: (
                c.fate is Fate.CAN_GO and not verdicts.stays(c.vehicle_id),
                verdicts.goes(c.vehicle_id),
                -c.days_used,
                -c.km,
                c.vehicle_id,
            )
        )
        staying += members[: counts[kind]]
        going += members[counts[kind] :]
    return staying, going


def bound_by_verdicts(pool: VehiclePool, problem: Problem, verdicts: Verdicts) -> Problem:
    """`problem` with the counts of the depot's kinds bound by what was decided."""
    pool_id = pool.pool_id
    kinds = list(problem.kinds)
    by_type = {kind.type: kind for kind in kinds if kind.pool == pool_id}
    for i, kind in enumerate(kinds):
        if kind.pool != pool_id:
            continue
        own = [c for c in pool.road if c.kind == kind.type]
        stay = sum(c.fate is not Fate.CAN_GO or verdicts.stays(c.vehicle_id) for c in own)
        gone = sum(verdicts.goes(c.vehicle_id) for c in own)
        bought = DecisionKey(Action.BUY, pool_id, kind.type)
        low, high = max(kind.min_count, stay), kind.max_count
        if gone:
            high = min(len(own) - gone, len(own) if high is None else high)
            low = min(low, high)
        if bought in verdicts.rejected:
            # What was accepted to follow another vehicle comes all the same.
            most = len(own) + _accepted_heirs(pool, kind, by_type, verdicts)
            high = most if high is None else min(most, high)
        elif bought in verdicts.accepted:
            low = max(low, len(own) + 1)
        kinds[i] = replace(
            kind, min_count=min(low, high) if high is not None else low, max_count=high
        )
    return replace(problem, kinds=tuple(kinds))


def _accepted_heirs(
    pool: VehiclePool, heir: Kind, kinds: Mapping[str, Kind], verdicts: Verdicts
) -> int:
    """How many vehicles `heir` may follow whose replacement was accepted."""
    return sum(
        verdicts.replaced(c.vehicle_id) and _may_follow(kinds[c.kind], heir) for c in pool.road
    )
