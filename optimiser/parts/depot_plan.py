"""One depot in a plan: the figures of its fleets, its counts, and the rules that these break."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from costs.kind_figures import KindFigures
from fleet.vehicle import GREEN_ENERGIES, Energy
from optimiser.depot.charge_points import PartPoints, PointsNeed, points_kr_year
from optimiser.depot.pool_cost import PoolCost, pool_cost
from optimiser.depot.tight_days import TightDay, tight_days
from optimiser.depot.vehicle_pool import VehiclePool, department_of
from optimiser.model.peak import peak_out
from optimiser.model.plan import FleetAnswer, Plan
from optimiser.model.problem import Problem
from optimiser.parts.fleet_use import FleetUse


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFigures:
    """The figures of a fleet under the model. kr. and tonnes are per year."""

    vehicles: int
    green_vehicles: int
    cost_kr_year: float
    co2_t_year: float
    fallback_trips_year: float

    def __add__(self, other: "FleetFigures") -> "FleetFigures":
        pairs = zip(asdict(self).items(), asdict(other).values(), strict=True)
        return FleetFigures(**{name: a + b for (name, a), b in pairs})


ZERO_FIGURES = FleetFigures(
    vehicles=0, green_vehicles=0, cost_kr_year=0.0, co2_t_year=0.0, fallback_trips_year=0.0
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountChange:
    """The number of vehicles of a kind today and in the plan."""

    kind: str
    energy: Energy
    count_now: int
    count: int


class DepotRule(StrEnum):
    """A rule that a depot's fleet may break where none that may be had can keep it."""

    OWN_VEHICLE = "own_vehicle"
    RESERVE = "reserve"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBreak:
    """How far fleets of a depot break a rule: today's and the proposed one.

    Of OWN_VEHICLE it is the number of round trips of the period that use the fallback and may not,
    of RESERVE the number of vehicles that the reserve lacks at the busiest moment.
    """

    rule: DepotRule
    today: int
    proposed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpareToday:
    """What today's fleet costs and emits a year, and how many round trips it leaves to the
    fallback, only since it is planned with a reserve for the workshop like the proposed one."""

    kr_year: float
    trips_year: float
    co2_t_year: float

    def __add__(self, other: "SpareToday") -> "SpareToday":
        return SpareToday(
            kr_year=self.kr_year + other.kr_year,
            trips_year=self.trips_year + other.trips_year,
            co2_t_year=self.co2_t_year + other.co2_t_year,
        )


NO_SPARE_TODAY = SpareToday(kr_year=0.0, trips_year=0.0, co2_t_year=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotPlan:
    """One depot in a plan.

    At most `peak` of the `vehicles_known` of today of which the use is known were out at once,
    first at `peak_at`; `vehicles_known` is None in rounds of earlier software, whose peak is of
    all. `apart` is true if the departments do not share. `unknown` names the vehicles of which too
    little is known and which stay for that.
    `charge_points` is None where no kind has any, and in rounds of earlier software. `breaks` are
    the rules that today's fleet or the proposed one breaks. `uses` are those of the two fleets, and
    None in rounds of earlier software. `spare_today` is in the figures of `baseline`.
    `driven` are those of today's fleet as it was really driven, and None in rounds of earlier
    software. `unshared_kr_year` is what it would save that the departments share, where that is too
    little.
    A day is among `tight_days` once for each department for which it is tight, where they do not
    share.
    """

    depot_id: str
    baseline: FleetFigures
    proposed: FleetFigures
    peak: int
    peak_at: datetime | None
    changes: tuple[CountChange, ...]
    tight_days: tuple[TightDay, ...]
    departments: tuple[str, ...]
    apart: bool
    unknown: tuple[str, ...]
    charge_points: PointsNeed | None = None
    breaks: tuple[RuleBreak, ...] = ()
    uses: tuple[FleetUse, FleetUse] | None = None
    spare_today: SpareToday = NO_SPARE_TODAY
    unshared_kr_year: float | None = None
    driven: FleetFigures | None = None
    vehicles_known: int | None = None

    @property
    def tight_days_count(self) -> int:
        """The number of days that are tight for anybody."""
        return len({tight.day for tight in self.tight_days})


def depot_plan(
    depot: VehiclePool,
    standing: VehiclePool,
    own: Sequence[VehiclePool],
    plan: Plan,
    kinds: Mapping[str, KindFigures],
    figures: tuple[FleetFigures, FleetFigures],
    breaks: tuple[RuleBreak, ...],
    need: PointsNeed | None,
    uses: tuple[FleetUse, FleetUse],
    spare: SpareToday,
    driven: FleetFigures | None,
) -> DepotPlan:
    """The depot whose pools are `own` in a plan; `figures` and `uses` are today's and the proposed
    ones, `spare` is what the reserve costs today's, and `driven` are its figures as it was driven.

    Too little is known of the vehicles `standing`: all figures hold them, the pools do not.
    """
    baseline, proposed = figures
    every = [*depot.road_vehicles, *standing.vehicles]
    known = {c.vehicle_id for c in depot.road_vehicles if c.is_use_known}
    peak, peak_at = peak_out((t.start, t.end) for t in depot.road_trips if t.vehicle_id in known)
    pools = {pool.pool_id for pool in own}
    lines = [line for line in plan.best.fleet if line.pool in pools]
    counts = [(line.type, line.count_now, line.count) for line in lines]
    counts += [(vehicle.kind, 1, 1) for vehicle in standing.vehicles]
    changes: dict[str, CountChange] = {}
    for type_, count_now, count in counts:
        if count or count_now:
            kind = kinds[type_]
            so_far = changes.get(kind.catalogue_kind)
            changes[kind.catalogue_kind] = CountChange(
                kind=kind.name,
                energy=kind.energy,
                count_now=count_now + (so_far.count_now if so_far else 0),
                count=count + (so_far.count if so_far else 0),
            )
    return DepotPlan(
        depot_id=depot.pool_id,
        baseline=baseline,
        proposed=proposed,
        peak=peak,
        peak_at=peak_at,
        changes=tuple(changes.values()),
        tight_days=_tight_days(depot.pool_id, own, plan),
        departments=tuple(sorted({c.department for c in every if c.department})),
        apart=len(own) > 1,
        unknown=tuple(c.name for c in standing.vehicles),
        charge_points=need,
        breaks=breaks,
        uses=uses,
        spare_today=spare,
        driven=driven,
        vehicles_known=len(known),
    )


def _tight_days(depot_id: str, own: Sequence[VehiclePool], plan: Plan) -> tuple[TightDay, ...]:
    """The tight days of the pools of a depot: a free vehicle of one pool helps no other."""
    found = [
        day
        for pool in own
        for day in tight_days(
            pool.road_trips,
            plan,
            sum(line.count for line in plan.best.fleet if line.pool == pool.pool_id),
            department_of(pool.pool_id, depot_id),
        )
    ]
    return tuple(sorted(found, key=lambda one: (one.day, one.department)))


@dataclass(frozen=True, slots=True)
class Scheduled:
    """An answer to a problem, in `pools`; the rules mean the trips `bound`."""

    problem: Problem
    answer: FleetAnswer
    pools: frozenset[str]
    bound: frozenset[str]

    @property
    def without_vehicle(self) -> int:
        """The number of trips that use the fallback and may not."""
        return sum(
            trip.trip_id in self.bound and self.answer.assignments[trip.trip_id] is None
            for trip in self.problem.trips
            if trip.pool in self.pools
        )

    @property
    def reserve_lacking(self) -> int:
        """The number of motor vehicles that lack at the busiest moment for the reserve."""
        reserve_of = self.problem.rules.reserve_of
        return sum(self._lacking(pool, reserve_of(pool)) for pool in self.pools)

    def _lacking(self, pool: str, reserve: int) -> int:
        motor = {kind.type for kind in self.problem.kinds if kind.pool == pool and kind.is_motor}
        count = sum(
            line.count for line in self.answer.fleet if line.pool == pool and line.type in motor
        )
        pause = timedelta(minutes=self.problem.rules.turnaround_min)
        out, _ = peak_out(
            (trip.start, trip.end + pause)
            for trip in self.problem.trips
            if (slot := self.answer.assignments[trip.trip_id]) is not None
            and slot.pool == pool
            and slot.type in motor
        )
        return max(0, reserve - (count - out)) if count else 0


def rule_breaks(today: Scheduled, proposed: Scheduled) -> tuple[RuleBreak, ...]:
    """The rules that a depot's fleets break."""
    breaks = (
        RuleBreak(
            rule=DepotRule.OWN_VEHICLE,
            today=today.without_vehicle,
            proposed=proposed.without_vehicle,
        ),
        RuleBreak(
            rule=DepotRule.RESERVE,
            today=today.reserve_lacking,
            proposed=proposed.reserve_lacking,
        ),
    )
    return tuple(one for one in breaks if one.today or one.proposed)


def fleet_figures(
    problem: Problem,
    answer: FleetAnswer,
    own: Sequence[VehiclePool],
    kinds: Mapping[str, KindFigures],
    points: PartPoints,
) -> FleetFigures:
    """The figures of an answer in the pools `own`, with the charge points to be built."""
    pools = {pool.pool_id for pool in own}
    lines = [line for line in answer.fleet if line.pool in pools]
    costs: list[PoolCost] = [pool_cost(problem, answer, pool) for pool in sorted(pools)]
    fallback = sum(
        answer.assignments[trip.trip_id] is None for trip in problem.trips if trip.pool in pools
    )
    return FleetFigures(
        vehicles=sum(line.count for line in lines),
        green_vehicles=sum(
            line.count for line in lines if kinds[line.type].energy in GREEN_ENERGIES
        ),
        cost_kr_year=sum(cost.cost_kr_year for cost in costs)
        + points_kr_year(answer, {pool: points[pool] for pool in pools}),
        co2_t_year=sum(cost.co2_t_year for cost in costs),
        fallback_trips_year=fallback * problem.year_factor,
    )
