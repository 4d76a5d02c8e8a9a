"""A depot's plan as separate decisions that people can accept one by one, each with its own value.

The saving of a decision depends on which others are made, so each decision has two figures:

- `saving_kr_year` attributes the total: decisions are added one after the other in order of rank,
  and each gets the amount by which the cost then falls. Decisions with the same `exchange_key` (the
  same kind of vehicle leaves, the same kind replaces it) are exchangeable and get equal shares of
  their sum. The attributed savings of a depot add up to its total saving exactly. One that rests on
  others may cost something by itself: it has a `bundle`, with which people take it.
- `left_out_kr_year` is the extra cost of the whole plan if this decision alone were left out. It is
  None if too little is known of a vehicle, or if something would be lacking then: `left_out_trips`
  of the period would have no vehicle and may not go by taxi, or the reserve would lack
  `left_out_spare` vehicles. While one is in the workshop, `left_out_workshop` more trips would lack
  a vehicle than the plan allows.

Every cost in between is the least cost of serving the trips with a fleet of given counts, which
leaves as few trips as it can without a vehicle that must have one. What cannot be left out comes
first, so that the fleets in between can do what the plan can.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from costs.budget import MoneyTerms
from costs.kind_figures import KindFigures
from fleet.localtime import local_day
from fleet.vehicle import GREEN_ENERGIES, GREEN_MOTOR_ENERGIES, Energy
from optimiser.depot.alike import AlikeVehicle, BoundVehicle, FirstBy, bound_alike, first_by
from optimiser.depot.change_money import (
    LackingFigure,
    UncountedPurchase,
    UncountedSale,
    change_money,
)
from optimiser.depot.charge_points import ChargePoints
from optimiser.depot.decision_key import Action, DecisionKey, StoredKey
from optimiser.depot.fate import Fate, KeptVehicles
from optimiser.depot.fleet_changes import FleetChange, stay_and_go
from optimiser.depot.green import Obstacle, green_check
from optimiser.depot.pool_cost import PoolCost, PoolCostFunction, fleet_counts
from optimiser.depot.tight_days import days_of, tight_days
from optimiser.depot.vehicle_pool import NO_MOVES, DrivenTrip, PoolMoves, PoolVehicle, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.body import current_body, stored_body
from optimiser.model.plan import Plan
from optimiser.model.problem import Problem
from optimiser.model.vehicle_slot import VehicleSlot

#: What leaving a vehicle out saves at most where that counts as nothing, in kr. a year.
NEGLIGIBLE_KR = 0.01

#: The beginning of the names of vehicles that a plan buys.
BOUGHT_PREFIX = "+ "


class StayReason(StrEnum):
    """The reasons why a vehicle stays."""

    CONTRACT = "contract"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    NEED = "need"
    #: Trips that may not go by taxi would have no vehicle.
    TRIPS = "trips"
    #: No vehicle would be spare for the workshop.
    RESERVE = "reserve"
    #: While one is in the workshop, more trips than today would lack a vehicle.
    WORKSHOP = "workshop"
    #: One alike stays for the workshop: without any of them more trips than today would lack one.
    WORKSHOP_ALIKE = "workshop_alike"
    #: To let it go would save, but too little, or the CO2e that was asked for needs it.
    SMALL = "small"
    #: It is green, and a fossil vehicle is left.
    GREEN = "green"
    WORTH = "worth"


@dataclass(frozen=True, slots=True)
class TripTaker:
    """A vehicle that takes over trips of another one: its name, and the number of trips."""

    name: str
    trips: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What the move of a vehicle does at the depot to which it comes, and its use there in the
    plan. `department` is set where that has vehicles of its own. The savings are the part of those
    of the decision that this depot has."""

    depot_id: str
    department: str
    saving_kr_year: float
    saving_co2_t_year: float
    money: MoneyTerms
    charge_points: int
    days_used: int
    trips: int
    km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What some decisions are together, which each of them has beside its own figures.

    `keys` are those of all its parts, in the order in which they build on each other, and
    `departments` the departments of them all; "" stands for vehicles of none. The figures are as a
    `Decision` has them, for all parts together, and `terms` is the money
    of each part. A bundle has two parts or more.
    """

    keys: tuple[StoredKey, ...]
    departments: tuple[str, ...]
    saving_kr_year: float
    saving_co2_t_year: float
    left_out_kr_year: float | None
    left_out_trips: int
    left_out_spare: int
    upfront_kr: float | None
    charge_points: int
    terms: tuple[MoneyTerms, ...]
    left_out_workshop: int = 0

    @property
    def paid_kr_year(self) -> float:
        """What a budget saves a year by all parts, which is without the value of CO2e."""
        return sum(one.paid_kr_year for one in self.terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision. kr. and tonnes are per year; savings may be negative.

    `key` names the decision across versions of a round. `kind` is today's kind, `new_kind` the kind
    to be bought, as it was called then, and `new_kind_id` its id, which lasts; None where a round
    of earlier software kept no kinds. `count` is the number of vehicles. Of a purchase that was
    accepted, `come` more have come already. `trips`, `km` and `days_used` are the use of the
    vehicle in the period; for a purchase, its use in the plan. `taken_over_by` and `to_fallback`
    tell who serves the trips in the plan. `tight_days` are the days on which the vehicle drove and
    on which every proposed vehicle would be out. `upfront_kr` is None where no price is known.
    `first_by` says why this vehicle goes and not one of those alike that stay; None where there are
    none. Of these, `instead` could go in its place, and `bound` could not; that is None in rounds
    of earlier software. `is_use_known`: enough is known of the vehicle's use. `charge_points` must
    be built for it. `money` is what a budget is made of, `lacks` are the figures that are not known
    for that, and `uncounted_sale` is a sale that is none of the municipality's, and
    `uncounted_purchase` are one-off costs that are taken to be paid with the yearly cost or the
    price; `money` is None for a vehicle that stays, and in rounds of earlier software.

    A move is of the depot that the vehicle leaves; `arrival` is its other end, and its savings are
    those of both. `apart` is the key of what the round would propose instead if each depot kept to
    itself, where that differs. `bundle` is what it is together with others with which people take
    it; None: it is a decision by itself.
    """

    key: StoredKey
    action: Action
    depot_id: str
    vehicle_id: str | None = None
    vehicle: str | None = None
    kind: str | None = None
    energy: Energy | None = None
    new_kind: str | None = None
    new_kind_id: str | None = None
    new_energy: Energy | None = None
    count: int = 1
    come: int = 0
    departments: tuple[str, ...] = ()
    contract_end: date | None = None
    saving_kr_year: float = 0.0
    saving_co2_t_year: float = 0.0
    left_out_kr_year: float | None = 0.0
    left_out_trips: int = 0
    left_out_spare: int = 0
    left_out_workshop: int = 0
    upfront_kr: float | None = None
    days_used: int = 0
    trips: int = 0
    km: float = 0.0
    taken_over_by: tuple[TripTaker, ...] = ()
    to_fallback: int = 0
    tight_days: tuple[date, ...] = ()
    why: StayReason | None = None
    not_green: Obstacle | None = None
    not_green_kr_year: float | None = None
    first_by: FirstBy | None = None
    instead: tuple[AlikeVehicle, ...] = ()
    bound: tuple[BoundVehicle, ...] | None = None
    is_use_known: bool = True
    charge_points: int = 0
    money: MoneyTerms | None = None
    lacks: tuple[LackingFigure, ...] = ()
    uncounted_sale: UncountedSale | None = None
    uncounted_purchase: UncountedPurchase | None = None
    arrival: Arrival | None = None
    apart: StoredKey | None = None
    bundle: Bundle | None = None

    def __hash__(self) -> int:
        """A hash of what tells most decisions apart: that of every field takes as long as to read
        it, and pages look up hundreds."""
        return hash((self.key, self.depot_id, self.saving_kr_year))

    def has_kind_of(self, other: "Decision") -> bool:
        """Whether the same kind comes by another decision, under whichever name."""
        if self.new_kind_id is None or other.new_kind_id is None:
            return self.new_kind == other.new_kind
        return self.new_kind_id == other.new_kind_id

    @property
    def whole(self) -> tuple[DecisionKey, ...]:
        """What names the proposal of which it is: the keys of all that people decide with it."""
        return (self.key,) if self.bundle is None else self.bundle.keys

    @property
    def weight(self) -> tuple[int, int, float]:
        """A key by which decisions are in order: the one that is needed least first."""
        return self.left_out_trips, self.left_out_spare, self.left_out_kr_year or 0.0

    @property
    def whole_saving_kr_year(self) -> float:
        """What it saves with its bundle, if it has one."""
        return self.saving_kr_year if self.bundle is None else self.bundle.saving_kr_year

    @property
    def is_use_unknown(self) -> bool:
        """Whether too little is known of the vehicle's use, so that a zero in it is silence."""
        return not self.is_use_known or self.why is StayReason.UNKNOWN

    @property
    def days_told(self) -> int | None:
        """The days on which it was used; None where that is not known."""
        return None if self.is_use_unknown else self.days_used

    @property
    def trips_told(self) -> int | None:
        """The trips that are known of it; None where nothing is known."""
        return None if self.is_use_unknown and not self.trips else self.trips

    @property
    def km_told(self) -> float | None:
        """The km that are known of it; None where nothing is known."""
        return None if self.is_use_unknown and not self.km else self.km

    @property
    def obstacle(self) -> Obstacle | None:
        """Why no green one replaces it. That one would save, but little, rounds of earlier software
        have as its cost, with the amount below zero."""
        is_saved = (self.not_green_kr_year or 0.0) < 0
        if self.not_green is Obstacle.COST and is_saved:
            return Obstacle.SMALL
        return self.not_green

    @property
    def key_apart(self) -> DecisionKey:
        """The key of what the round would propose if each depot kept to itself."""
        return self.key if self.apart is None else self.apart

    @property
    def by_depot(self) -> Sequence["Decision"]:
        """The decision itself, or the two ends of a move, each with its part of the money."""
        end = self.arrival
        if end is None:
            return (self,)
        assert self.money is not None, "a move tells its money"
        leaves = replace(
            self,
            saving_kr_year=self.saving_kr_year - end.saving_kr_year,
            saving_co2_t_year=self.saving_co2_t_year - end.saving_co2_t_year,
            money=self.money.plus(end.money, -1),
            charge_points=self.charge_points - end.charge_points,
            arrival=None,
        )
        comes = replace(
            self,
            depot_id=end.depot_id,
            saving_kr_year=end.saving_kr_year,
            saving_co2_t_year=end.saving_co2_t_year,
            money=end.money,
            charge_points=end.charge_points,
            arrival=None,
        )
        return leaves, comes


_DECISION = TypeAdapter(Decision)


def read_decision(content: object) -> Decision:
    """The decision in its stored JSON."""
    return _DECISION.validate_python(current_body(content))


def decision_json(decision: Decision) -> Any:
    """The JSON of a decision, as it is stored."""
    return stored_body(_DECISION.dump_python(decision, mode="json"))


def pool_decisions(
    pool: VehiclePool,
    kinds: Mapping[str, KindFigures],
    problem: Problem,
    plan: Plan,
    verdicts: Verdicts,
    evaluate: PoolCostFunction,
    points: ChargePoints,
    groups: Iterable[Sequence[FleetChange]],
    moves: PoolMoves = NO_MOVES,
    *,
    kept: Iterable[KeptVehicles] = (),
    unknown: Sequence[PoolVehicle] = (),
) -> list[Decision]:
    """The decisions of one pool, in order of rank, which is that of the `groups` of its changes,
    each of exchangeable ones; the vehicles that stay come last.

    A vehicle that moves has a decision in either pool, with the same key. Of those that are `kept`
    for the workshop, it is the ones of their kinds that would go first. The vehicles `unknown`
    stand beside those of the pool and stay, as too little is known of them.
    """
    pool_id = pool.pool_id
    now, then = fleet_counts(problem, plan, pool_id)
    whole = evaluate(then)
    came = moves.came
    own = {kind: count - came[kind] for kind, count in then.items()}
    staying, _ = stay_and_go(pool, own, verdicts)
    beside = [*staying, *unknown]
    tight = {day.day for day in tight_days(pool.road_trips, plan, sum(then.values()))}
    names = slot_names(pool_id, [*staying, *moves.coming], then, kinds)
    decisions: list[Decision] = []
    counts, before = dict(now), evaluate(now)
    price = problem.rules.co2_kr_t
    for members in groups:
        built: list[tuple[int, int]] = []
        for change in members:
            had, held = points.built(counts), points.held(counts)
            counts = change.applied_to(counts)
            built.append((points.built(counts) - had, points.held(counts) - held))
        after = evaluate(counts)
        saving = (before.cost_kr_year - after.cost_kr_year) / len(members)
        saving_co2_t = (before.co2_t_year - after.co2_t_year) / len(members)
        for change, (new_points, held) in zip(members, built, strict=True):
            value = saving_co2_t * price
            money = change_money(change, kinds, points, new_points, held, saving, value)
            decisions.append(
                replace(
                    _described(change, pool, kinds, plan, names, tight, beside, verdicts),
                    saving_kr_year=saving,
                    saving_co2_t_year=saving_co2_t,
                    **_left_out(evaluate(change.without(then)), whole)._asdict(),
                    upfront_kr=money.upfront_kr,
                    charge_points=new_points,
                    money=money.terms,
                    lacks=money.lacks,
                    uncounted_sale=money.uncounted_sale,
                    uncounted_purchase=money.uncounted_purchase,
                )
            )
        before = after
    for_workshop = {one.kind: one for one in kept if one.pool == pool_id}
    at_minimum = {
        kind.type
        for kind in problem.kinds
        if kind.pool == pool_id
        # Of a kind that grows, the vehicles that somebody decided on are in its least count, too.
        and own[kind.type] <= now[kind.type]
        and (
            then[kind.type] <= kind.min_count
            if (least := for_workshop.get(kind.type)) is None
            else then[kind.type] - least.kept <= least.own_least
        )
    }
    spare: set[str] = set()
    for kind, one in for_workshop.items():
        alike = [vehicle.vehicle_id for vehicle in staying if vehicle.kind == kind]
        spare.update(alike[max(0, len(alike) - one.kept) :])
    stay = [
        _keep_decision(
            c,
            pool,
            kinds,
            problem,
            then,
            verdicts,
            evaluate,
            at_minimum,
            for_workshop=c.vehicle_id in spare,
        )
        for c in staying
    ]
    return decisions + by_weight(stay)


def by_weight(kept: Iterable[Decision]) -> list[Decision]:
    """Vehicles that stay, the one that the plan would miss most first."""
    ordered = sorted(kept, key=lambda decision: str(decision.key))
    return sorted(ordered, key=lambda decision: decision.weight, reverse=True)


class _LeftOut(NamedTuple):
    """What a pool lacks without a decision, as `Decision` has it."""

    left_out_kr_year: float | None
    left_out_trips: int
    left_out_spare: int
    left_out_workshop: int


def _left_out(without: PoolCost, whole: PoolCost) -> _LeftOut:
    """What a pool lacks `without` something that the `whole` plan has."""
    trips = max(0, without.without_vehicle - whole.without_vehicle)
    spare = max(0, without.reserve_lacking - whole.reserve_lacking)
    kr_year = without.cost_kr_year - whole.cost_kr_year
    workshop = max(0, without.workshop_lacking - whole.workshop_lacking)
    return _LeftOut(None if trips or spare else kr_year, trips, spare, workshop)


def _described(
    change: FleetChange,
    pool: VehiclePool,
    kinds: Mapping[str, KindFigures],
    plan: Plan,
    names: Mapping[VehicleSlot, str],
    tight: set[date],
    staying: Sequence[PoolVehicle],
    verdicts: Verdicts,
) -> Decision:
    new = kinds[change.new_kind] if change.new_kind is not None else None
    decision = Decision(
        key=change.key(pool.pool_id),
        action=change.action,
        depot_id=pool.pool_id,
        new_kind=new.name if new is not None else None,
        new_kind_id=change.new_kind,
        new_energy=new.energy if new is not None else None,
        count=max(1, change.count),
        come=verdicts.come.get(change.key(pool.pool_id), 0),
    )
    served_by = plan.best.assignments
    if change.arriving is not None:
        place = {slot for slot, name in names.items() if name == change.arriving.name}
        own = [trip for trip in pool.road_trips if served_by[trip.trip_id] in place]
        days = len({local_day(trip.start) for trip in own})
        return replace(_about(change.arriving, own, kinds, decision), days_used=days)
    if change.leaving is None:
        # Those of its kind that stand there, move there or replace others have the first slots.
        alike = sorted((slot for slot in names if slot.type == change.new_kind), key=_slot_number)
        bought = set(alike[-change.count :])
        own = [trip for trip in pool.road_trips if served_by[trip.trip_id] in bought]
        return replace(
            decision,
            trips=len(own),
            km=sum(trip.km for trip in own),
            days_used=len({local_day(trip.start) for trip in own}),
            departments=_departments(pool),
        )
    vehicle = change.leaving
    own = [trip for trip in pool.road_trips if trip.vehicle_id == vehicle.vehicle_id]
    takers = Counter(served_by[trip.trip_id] for trip in own)
    to_fallback = takers.pop(None, 0)
    reason, instead = first_by(vehicle, staying, verdicts, kinds)
    ranked = sorted(takers.items(), key=lambda item: (-item[1], str(item[0])))
    return replace(
        _about(vehicle, own, kinds, decision),
        taken_over_by=tuple(TripTaker(names[v], n) for v, n in ranked if v is not None),
        to_fallback=to_fallback,
        tight_days=tuple(sorted({day for trip in own for day in days_of(trip)} & tight)),
        first_by=reason,
        instead=instead,
        bound=bound_alike(vehicle, staying, verdicts),
    )


def _slot_number(slot: VehicleSlot) -> int:
    return slot.number


def _departments(pool: VehiclePool) -> tuple[str, ...]:
    return tuple(sorted({c.department for c in pool.road_vehicles if c.department}))


def keeping(
    vehicle: PoolVehicle, own: Sequence[DrivenTrip], kinds: Mapping[str, KindFigures], pool_id: str
) -> Decision:
    """The decision to keep a vehicle with its `own` trips, before its value and its reasons."""
    key = DecisionKey(Action.KEEP, vehicle.vehicle_id)
    return _about(vehicle, own, kinds, Decision(key=key, action=Action.KEEP, depot_id=pool_id))


def _about(
    vehicle: PoolVehicle,
    own: Sequence[DrivenTrip],
    kinds: Mapping[str, KindFigures],
    decision: Decision,
) -> Decision:
    """The decision with the vehicle that it is about, and its use by its `own` trips."""
    return replace(
        decision,
        vehicle_id=vehicle.vehicle_id,
        vehicle=vehicle.name,
        kind=kinds[vehicle.kind].name,
        energy=kinds[vehicle.kind].energy,
        departments=(vehicle.department,) if vehicle.department else (),
        contract_end=vehicle.contract_end,
        days_used=vehicle.days_used,
        is_use_known=vehicle.is_use_known,
        trips=len(own),
        km=sum(trip.km for trip in own),
    )


def _keep_decision(
    vehicle: PoolVehicle,
    pool: VehiclePool,
    kinds: Mapping[str, KindFigures],
    problem: Problem,
    then: Mapping[str, int],
    verdicts: Verdicts,
    evaluate: PoolCostFunction,
    at_minimum: Set[str],
    *,
    for_workshop: bool,
) -> Decision:
    """The decision to keep a vehicle, with its reason, its value, and why no green one replaces it.

    `at_minimum` are the kinds of which the plan has no more than it must have. `for_workshop`: the
    vehicle is one of those that it has for the workshop alone.
    """
    own = [trip for trip in pool.road_trips if trip.vehicle_id == vehicle.vehicle_id]
    figures = kinds[vehicle.kind]
    bound = _stay_reason(vehicle, verdicts)
    without = {**then, vehicle.kind: then[vehicle.kind] - 1}
    whole = evaluate(then)
    left_out = _left_out(evaluate(without), whole)
    decision = replace(
        keeping(vehicle, own, kinds, pool.pool_id),
        **left_out._asdict(),
        upfront_kr=0.0,
        why=bound
        or (StayReason.WORKSHOP if for_workshop else None)
        or _worth(figures, problem, vehicle.kind in at_minimum, left_out),
    )
    if figures.energy in GREEN_ENERGIES:
        return decision
    check = green_check(vehicle, own, kinds, problem.year_factor)
    if check.obstacle is None and bound is StayReason.REJECTED:
        check = replace(check, obstacle=Obstacle.REJECTED)
    if check.obstacle is not None:
        return replace(decision, not_green=check.obstacle)
    instead = [evaluate({**without, kind: without[kind] + 1}) for kind in check.able]
    dearer = min(
        (cost.cost_kr_year - whole.cost_kr_year for cost in instead if cost.keeps_rules_as(whole)),
        default=None,
    )
    obstacle = Obstacle.FLEET if dearer is None else Obstacle.COST
    return replace(decision, not_green=obstacle, not_green_kr_year=dearer)


def _worth(
    figures: KindFigures, problem: Problem, at_minimum: bool, left_out: _LeftOut
) -> StayReason:
    """Why a vehicle stays that may go."""
    if at_minimum:
        return StayReason.NEED
    if left_out.left_out_trips:
        return StayReason.TRIPS
    if left_out.left_out_spare:
        return StayReason.RESERVE
    if (left_out.left_out_kr_year or 0) > -NEGLIGIBLE_KR:
        return StayReason.WORTH
    if left_out.left_out_workshop:
        return StayReason.WORKSHOP_ALIKE
    is_kept = problem.rules.green_keep and figures.energy in GREEN_MOTOR_ENERGIES
    return StayReason.GREEN if is_kept else StayReason.SMALL


def _stay_reason(vehicle: PoolVehicle, verdicts: Verdicts) -> StayReason | None:
    if vehicle.fate is Fate.CONTRACT:
        return StayReason.CONTRACT
    if vehicle.fate is Fate.RULED:
        return StayReason.REJECTED
    return StayReason.REJECTED if verdicts.leaving_rejected(vehicle.vehicle_id) else None


def slot_names(
    pool_id: str,
    staying: Sequence[PoolVehicle],
    counts: Mapping[str, int],
    kinds: Mapping[str, KindFigures],
) -> dict[VehicleSlot, str]:
    """The names of the plan's vehicles for people: staying ones by name, bought ones by kind."""
    names: dict[VehicleSlot, str] = {}
    for kind, count in counts.items():
        own = [c.name for c in staying if c.kind == kind]
        for number in range(1, count + 1):
            known = number <= len(own)
            name = (
                own[number - 1]
                if known
                else f"{BOUGHT_PREFIX}{kinds[kind].name} {number - len(own)}"
            )
            names[VehicleSlot(pool_id, kind, number)] = name
    return names
