"""A part of a round as a what-if asks about it: what the round had, and what is to be different.

The moves of the round between depots stand: a vehicle that moves away leaves its depot, and one
that comes stays where it came. So a depot is solved by itself.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from costs.kind_figures import KindFigures
from costs.own_cost import own_fixed_kr_year
from costs.peak_days import PeakDay
from optimiser.depot.charge_points import PartPoints
from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import PoolVehicle, VehiclePool
from optimiser.model.plan import FleetAnswer, Plan
from optimiser.model.problem import Problem, Rules
from optimiser.parts.part_plan import (
    PartInput,
    PartPlan,
    PartProblem,
    counted_input,
    part_points,
    part_problem,
)
from optimiser.what_if.changes import Changes
from optimiser.what_if.elsewhere import STANDING_ELSEWHERE, Elsewhere, counted_elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A vehicle that the round moves into the pool `pool` of the part."""

    pool: str
    vehicle: PoolVehicle


@dataclass(frozen=True, kw_only=True)
class PartQuestion:
    """A part of a round with what is to be different there.

    `part_input` is what the round had, bound by the decisions in force; `told` is its plan, of
    which `is_current` says whether it is still the plan on these trips under these decisions.
    `arrived` are the vehicles that the round moves to the part and that come in the what-if, too.
    `elsewhere` are the vehicles of the other depots, where rules count those of all. `kinds` and
    `rules` are those of the round with the changed figures, and `peak` is the day that the fleets
    are to be ready for.
    """

    part_input: PartInput
    told: PartPlan
    is_current: bool
    arrived: Sequence[Arrived]
    elsewhere: Elsewhere | None
    changes: Changes
    kinds: Mapping[str, KindFigures]
    rules: Rules
    peak: PeakDay | None = None

    @cached_property
    def round_plan(self) -> Plan:
        """The plan of the round with the vehicle of each trip."""
        return Plan.from_json(self.told.fleet_plan)


@dataclass(frozen=True, kw_only=True)
class OpenedQuestion:
    """A question with its problem, and with the charge points of its pools."""

    counted: PartInput
    part: PartProblem
    points: PartPoints
    arrived: Sequence[Arrived] = ()

    @property
    def problem(self) -> Problem:
        return self.part.problem

    @property
    def pools(self) -> list[VehiclePool]:
        return [pool for _, own in self.part.pools for pool in own]

    def with_problem(self, problem: Problem) -> "OpenedQuestion":
        return replace(self, part=replace(self.part, problem=problem))


def opened(question: PartQuestion, *, changed: bool) -> OpenedQuestion:
    """The question with its changes, or without them.

    Raises:
        ProblemError: a figure is impossible.
    """
    changes = question.changes if changed else Changes()
    given = question.part_input
    depots = tuple(_with_changes(depot, given.kinds, changes) for depot in given.depots)
    # Vehicles that come are of kinds of the depots that they leave, which the plan told.
    counted = counted_input(replace(given, depots=depots, coming=question.told.coming))
    if changed:
        counted = replace(
            counted, kinds=repriced(counted, given.kinds, question.kinds), rules=question.rules
        )
    came = Counter((one.pool, one.vehicle.kind) for one in question.arrived)
    points = {
        pool: own.with_arrivals({kind: n for (to, kind), n in came.items() if to == pool})
        for pool, own in part_points(counted).items()
    }
    part = part_problem(replace(counted, coming=_coming(counted, came)))
    problem = part.problem
    if question.elsewhere is not None:
        problem = counted_elsewhere(problem, question.elsewhere)
    problem = _with_arrived(problem, came)
    return OpenedQuestion(
        counted=counted,
        part=replace(part, problem=problem),
        points=points,
        arrived=tuple(question.arrived),
    )


def _coming(
    counted: PartInput, came: Mapping[tuple[str, str], int]
) -> dict[str, list[KindFigures]]:
    """The kinds of the vehicles that come to each pool."""
    found: dict[str, list[KindFigures]] = {}
    for pool, kind in came:
        found.setdefault(pool, []).append(counted.kinds[kind])
    return found


def _with_arrived(problem: Problem, came: Mapping[tuple[str, str], int]) -> Problem:
    """The problem in whose pools so many vehicles of kinds are kept that came there."""
    kinds = tuple(
        kind
        if not (more := came.get((kind.pool, kind.type), 0))
        else replace(
            kind,
            min_count=kind.min_count + more,
            max_count=None if kind.max_count is None else kind.max_count + more,
        )
        for kind in problem.kinds
    )
    return replace(problem, kinds=kinds)


def _with_changes(
    depot: VehiclePool, kinds: Mapping[str, KindFigures], changes: Changes
) -> VehiclePool:
    """A depot whose vehicles stay, go and need what the changes say."""
    added = changes.needs_of

    def changed(vehicle: PoolVehicle) -> PoolVehicle:
        if vehicle.vehicle_id in changes.stay:
            vehicle = replace(vehicle, fate=Fate.RULED)
        elif vehicle.vehicle_id in changes.go:
            vehicle = replace(vehicle, fate=Fate.CAN_GO)
        if vehicle.vehicle_id in added:
            needs = kinds[vehicle.kind].offers if vehicle.needs is None else vehicle.needs
            vehicle = replace(vehicle, needs=needs | added[vehicle.vehicle_id])
        return vehicle

    return replace(depot, vehicles=[changed(one) for one in depot.vehicles])


def repriced(
    counted: PartInput, before: Mapping[str, KindFigures], after: Mapping[str, KindFigures]
) -> dict[str, KindFigures]:
    """The kinds of a part with the figures `after` in place of those `before`. Vehicles with costs
    of their own stay of the kinds that they have, whose own part of the cost does not change but
    by what a value costs a year."""
    members: dict[str, list[PoolVehicle]] = {}
    for depot in (*counted.depots, *counted.standing.values()):
        for vehicle in depot.vehicles:
            members.setdefault(vehicle.kind, []).append(vehicle)
    return {
        name: after[name]
        if kind.own_of is None
        else _own_repriced(kind, members.get(name, ()), before[kind.own_of], after[kind.own_of])
        for name, kind in counted.kinds.items()
    }


def _own_repriced(
    kind: KindFigures, members: Sequence[PoolVehicle], before: KindFigures, after: KindFigures
) -> KindFigures:
    dearer = [_own_kr_year(after, one) - _own_kr_year(before, one) for one in members]
    fixed = kind.fixed_kr_year - kind.all_charge_points_kr_year
    fixed += sum(dearer) / len(dearer) if dearer else 0.0
    return replace(
        after,
        kind=kind.kind,
        own_of=kind.own_of,
        offered=False,
        fixed_kr_year=fixed + after.all_charge_points_kr_year,
    )


def _own_kr_year(kind: KindFigures, vehicle: PoolVehicle) -> float:
    own = own_fixed_kr_year(kind, vehicle.cost_kr_year, vehicle.sale_value_kr, vehicle.contract_end)
    return 0.0 if own is None else own


def round_counts(answer: FleetAnswer, problem: Problem) -> dict[str, dict[str, int]]:
    """The counts of an answer by pool and kind, for the kinds of a problem."""
    found: dict[str, dict[str, int]] = {}
    for kind in problem.kinds:
        found.setdefault(kind.pool, {})[kind.type] = 0
    for line in answer.fleet:
        if line.type in found.get(line.pool, {}):
            found[line.pool][line.type] = line.count
    for kind in problem.kinds:
        if kind.type in STANDING_ELSEWHERE:
            found[kind.pool][kind.type] = kind.min_count
    return found
