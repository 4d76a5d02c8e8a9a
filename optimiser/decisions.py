"""A depot's plan as separate decisions that can be accepted one by one, each with its own value.

What a decision saves depends on which others are taken, so two figures are given:

- `saving_kr_year` attributes the total: decisions are taken one after the other in order of rank,
  and each gets what the cost falls by when it is added. Decisions of one sort (the same kind of
  vehicle goes, the same kind comes) are exchangeable and share their sum alike. The attributed
  savings of a depot add up to its total saving exactly.
- `left_out_kr_year` is what the whole plan would lose if this decision alone were left out.

Every cost in between is that of a fleet with given counts: the best way to have its trips driven.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from fleet.localtime import local_day
from fleet.vehicle import GREEN, Energy
from optimiser.candidates import Candidate, Depot, DrivenTrip, Fate, KindFigures
from optimiser.green import Obstacle, green_check
from optimiser.peak import peak_out
from optimiser.plan import Plan
from optimiser.problem import Kind, Problem
from optimiser.share import Share, pool_share
from optimiser.solve import solve

#: What a year with a fleet of these counts, by kind, costs and emits.
Evaluate = Callable[[Mapping[str, int]], Share]


class Action(StrEnum):
    """What a decision is about."""

    POOL = "pool"
    DISPOSE = "dispose"
    REPLACE = "replace"
    BUY = "buy"
    KEEP = "keep"


class Why(StrEnum):
    """Why a vehicle stays."""

    CONTRACT = "contract"
    SILENT = "silent"
    REJECTED = "rejected"
    NEED = "need"
    WORTH = "worth"


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes over some of a vehicle's trips: a vehicle by name, and how many."""

    name: str
    trips: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision. kr. and tonnes are a year; savings may be negative.

    `key` names it across versions of a round. `kind` is today's, `new_kind` what is bought,
    `count` how many. `trips`, `km`, `days_used` are what the vehicle did in the period; of a
    purchase, what it would do. `taken_over_by` and `to_fallback` say what becomes of the trips.
    `tight_days` are those on which the vehicle drove and every proposed one would be out.
    `upfront_kr` is None where no price is known.
    """

    key: str
    action: Action
    depot_id: str
    vehicle_id: str | None = None
    vehicle: str | None = None
    kind: str | None = None
    energy: Energy | None = None
    new_kind: str | None = None
    new_energy: Energy | None = None
    count: int = 1
    departments: tuple[str, ...] = ()
    contract_end: date | None = None
    saving_kr_year: float = 0.0
    saving_co2_t_year: float = 0.0
    left_out_kr_year: float = 0.0
    upfront_kr: float | None = None
    days_used: int = 0
    trips: int = 0
    km: float = 0.0
    taken_over_by: tuple[Taker, ...] = ()
    to_fallback: int = 0
    tight_days: tuple[date, ...] = ()
    why: Why | None = None
    not_green: Obstacle | None = None
    not_green_kr_year: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tight:
    """A day on which all vehicles of the plan are out at once, or some trip falls back."""

    day: date
    out: int
    vehicles: int
    to_fallback: int


@dataclass(frozen=True, slots=True)
class Step:
    """A decision as a change of counts: a vehicle of today's goes, or `count` of `comes` come."""

    action: Action
    goes: Candidate | None
    comes: str | None
    count: int

    def key(self, pool: str) -> str:
        """Its name across versions of a round."""
        if self.goes is not None:
            return f"{self.action}:{self.goes.vehicle_id}"
        return f"{self.action}:{pool}:{self.comes}"

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


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was decided earlier in the round, by the decision's key."""

    accepted: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()

    def goes(self, vehicle_id: str) -> bool:
        """The vehicle's leaving is accepted."""
        return bool(_leaving(vehicle_id) & self.accepted)

    def stays(self, vehicle_id: str) -> bool:
        """The vehicle's leaving is rejected."""
        return not self.goes(vehicle_id) and bool(_leaving(vehicle_id) & self.rejected)

    def replaced(self, vehicle_id: str) -> bool:
        """That another vehicle follows it is accepted."""
        return f"{Action.REPLACE}:{vehicle_id}" in self.accepted

    def disposed(self, vehicle_id: str) -> bool:
        """That it goes, and no other follows it, is accepted."""
        return f"{Action.DISPOSE}:{vehicle_id}" in self.accepted

    def apart(self, depot_id: str) -> bool:
        """The departments of the depot keep their vehicles to themselves."""
        return pool_key(depot_id) in self.rejected


def pool_key(depot_id: str) -> str:
    """The key of the decision that a depot's departments share their vehicles."""
    return f"{Action.POOL}:{depot_id}"


def _leaving(vehicle_id: str) -> set[str]:
    return {f"{action}:{vehicle_id}" for action in (Action.DISPOSE, Action.REPLACE)}


def fleet_counts(problem: Problem, plan: Plan, pool: str) -> tuple[dict[str, int], dict[str, int]]:
    """Vehicles of each kind of a pool, today and in the plan."""
    lines = [line for line in plan.best.fleet if line.pool == pool]
    return {x.type: x.count_now for x in lines}, {x.type: x.count for x in lines}


def steps_of(
    depot: Depot,
    kinds: Mapping[str, KindFigures],
    now: Mapping[str, int],
    then: Mapping[str, int],
    verdicts: Verdicts,
) -> list[Step]:
    """The changes from `now` to `then`, one by one: a vehicle that goes is paired with a green
    one that comes and can do all that it does; what is left over is let go, or bought."""
    _, going = divide(depot, then, verdicts)
    coming = {kind: then[kind] - now[kind] for kind in then if then[kind] > now[kind]}
    steps: list[Step] = []
    # As decided; then fossil vehicles and the most driven: there a green one does most good.
    going.sort(
        key=lambda c: (
            not verdicts.replaced(c.vehicle_id),
            verdicts.disposed(c.vehicle_id),
            kinds[c.kind].energy in GREEN,
            -c.km,
            c.vehicle_id,
        )
    )
    for vehicle in going:
        heir = next((k for k in sorted(coming) if _may_follow(kinds[vehicle.kind], kinds[k])), None)
        if heir is None:
            steps.append(Step(Action.DISPOSE, vehicle, None, 0))
            continue
        steps.append(Step(Action.REPLACE, vehicle, heir, 1))
        coming[heir] -= 1
        if not coming[heir]:
            del coming[heir]
    return steps + [Step(Action.BUY, None, kind, count) for kind, count in sorted(coming.items())]


def _may_follow(old: KindFigures | Kind, new: KindFigures | Kind) -> bool:
    bicycle = Energy.BICYCLE
    return old.offers <= new.offers and (new.energy is bicycle) <= (old.energy is bicycle)


def divide(
    depot: Depot, counts: Mapping[str, int], verdicts: Verdicts
) -> tuple[list[Candidate], list[Candidate]]:
    """Who stays and who goes: of each kind, those that may go, accepted ones and least used
    first."""
    staying: list[Candidate] = []
    going: list[Candidate] = []
    by_kind: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in depot.road:
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


def bounded(depot: Depot, problem: Problem, verdicts: Verdicts) -> Problem:
    """`problem` with the counts of the depot's kinds bound by what was decided."""
    pool = depot.depot_id
    kinds = list(problem.kinds)
    by_type = {kind.type: kind for kind in kinds if kind.pool == pool}
    for i, kind in enumerate(kinds):
        if kind.pool != pool:
            continue
        own = [c for c in depot.road if c.kind == kind.type]
        stay = sum(c.fate is not Fate.CAN_GO or verdicts.stays(c.vehicle_id) for c in own)
        gone = sum(verdicts.goes(c.vehicle_id) for c in own)
        bought = f"{Action.BUY}:{pool}:{kind.type}"
        low, high = max(kind.min_count, stay), kind.max_count
        if gone:
            high = min(len(own) - gone, len(own) if high is None else high)
            low = min(low, high)
        if bought in verdicts.rejected:
            # What was accepted to follow another vehicle comes all the same.
            most = len(own) + _accepted_heirs(depot, kind, by_type, verdicts)
            high = most if high is None else min(most, high)
        elif bought in verdicts.accepted:
            low = max(low, len(own) + 1)
        kinds[i] = replace(
            kind, min_count=min(low, high) if high is not None else low, max_count=high
        )
    return replace(problem, kinds=tuple(kinds))


def _accepted_heirs(depot: Depot, heir: Kind, kinds: Mapping[str, Kind], verdicts: Verdicts) -> int:
    """How many vehicles `heir` may follow whose replacement was accepted."""
    return sum(
        verdicts.replaced(c.vehicle_id) and _may_follow(kinds[c.kind], heir) for c in depot.road
    )


def evaluator(
    problem: Problem, plan: Plan, pool: str, *, seconds_max: float, gap: float
) -> Evaluate:
    """What any counts of `pool` cost, each solved once; those of the plan are known already."""
    now, then = fleet_counts(problem, plan, pool)
    known: dict[tuple[tuple[str, int], ...], Share] = {
        tuple(sorted(now.items())): pool_share(problem, plan.baseline, pool),
        tuple(sorted(then.items())): pool_share(problem, plan.best, pool),
    }

    def evaluate(counts: Mapping[str, int]) -> Share:
        wanted = tuple(sorted(counts.items()))
        if wanted not in known:
            known[wanted] = _share(problem, pool, counts, seconds_max, gap)
        return known[wanted]

    return evaluate


def _share(
    problem: Problem,
    pool: str,
    counts: Mapping[str, int],
    seconds_max: float,
    gap: float,
) -> Share:
    kinds = tuple(
        replace(
            kind,
            count_now=counts[kind.type],
            min_count=counts[kind.type],
            max_count=counts[kind.type],
        )
        for kind in problem.kinds
        if kind.pool == pool
    )
    own = tuple(trip for trip in problem.trips if trip.pool == pool)
    rules = replace(problem.rules, period_days=problem.period_days, co2_max_t_year=None)
    fixed = Problem(trips=own, kinds=kinds, rules=rules)
    return pool_share(fixed, solve(fixed, seconds_max=seconds_max, gap=gap).best, pool)


def decisions_of(
    depot: Depot,
    kinds: Mapping[str, KindFigures],
    problem: Problem,
    plan: Plan,
    verdicts: Verdicts,
    evaluate: Evaluate,
) -> list[Decision]:
    """The decisions of one depot, in order of rank, the vehicles that stay last."""
    pool = depot.depot_id
    now, then = fleet_counts(problem, plan, pool)
    steps = steps_of(depot, kinds, now, then, verdicts)
    whole = evaluate(then)
    left_out = {step.sort: _lost(evaluate, then, step) - whole.cost_kr_year for step in steps}
    steps.sort(key=lambda step: (-left_out[step.sort], step.sort))
    staying, _ = divide(depot, then, verdicts)
    tight = {day.day for day in tight_days(depot.road_trips, plan, sum(then.values()))}
    names = plan_names(pool, staying, then, kinds)
    found: list[Decision] = []
    counts, before = dict(now), evaluate(now)
    for _, group in groupby(steps, key=lambda step: step.sort):
        members = list(group)
        for step in members:
            counts = step.done(counts)
        after = evaluate(counts)
        for step in members:
            found.append(
                replace(
                    _described(step, depot, kinds, plan, names, tight),
                    saving_kr_year=(before.cost_kr_year - after.cost_kr_year) / len(members),
                    saving_co2_t_year=(before.co2_t_year - after.co2_t_year) / len(members),
                    left_out_kr_year=left_out[step.sort],
                )
            )
        before = after
    least = {
        kind.type
        for kind in problem.kinds
        if kind.pool == pool and then[kind.type] <= kind.min_count
    }
    kept = [_kept(c, depot, kinds, problem, then, verdicts, evaluate, least) for c in staying]
    return found + sorted(kept, key=lambda d: (-d.left_out_kr_year, d.key))


def _lost(evaluate: Evaluate, then: Mapping[str, int], step: Step) -> float:
    return evaluate(step.undone(then)).cost_kr_year


def _described(
    step: Step,
    depot: Depot,
    kinds: Mapping[str, KindFigures],
    plan: Plan,
    names: Mapping[str, str],
    tight: set[date],
) -> Decision:
    new = kinds[step.comes] if step.comes is not None else None
    upfront = 0.0 if new is None else new.upfront_kr
    decision = Decision(
        key=step.key(depot.depot_id),
        action=step.action,
        depot_id=depot.depot_id,
        new_kind=new.name if new is not None else None,
        new_energy=new.energy if new is not None else None,
        count=max(1, step.count),
        upfront_kr=None if upfront is None else upfront * step.count,
    )
    served_by = plan.best.assignments
    if step.goes is None:
        own = [
            trip
            for trip in depot.road_trips
            if (served_by[trip.trip_id] or "").startswith(f"{depot.depot_id}/{step.comes}#")
        ]
        return replace(
            decision,
            trips=len(own),
            km=sum(trip.km for trip in own),
            days_used=len({local_day(trip.start) for trip in own}),
            departments=_departments(depot),
        )
    vehicle = step.goes
    own = [trip for trip in depot.road_trips if trip.vehicle_id == vehicle.vehicle_id]
    takers = Counter(served_by[trip.trip_id] for trip in own)
    to_fallback = takers.pop(None, 0)
    ranked = sorted(takers.items(), key=lambda item: (-item[1], item[0] or ""))
    return replace(
        decision,
        vehicle_id=vehicle.vehicle_id,
        vehicle=vehicle.name,
        kind=kinds[vehicle.kind].name,
        energy=kinds[vehicle.kind].energy,
        departments=(vehicle.department,) if vehicle.department else (),
        contract_end=vehicle.contract_end,
        days_used=vehicle.days_used,
        trips=len(own),
        km=sum(trip.km for trip in own),
        taken_over_by=tuple(Taker(names[v], n) for v, n in ranked if v is not None),
        to_fallback=to_fallback,
        tight_days=tuple(sorted({day for trip in own for day in _days(trip)} & tight)),
    )


def _departments(depot: Depot) -> tuple[str, ...]:
    return tuple(sorted({c.department for c in depot.road if c.department}))


def _kept(
    vehicle: Candidate,
    depot: Depot,
    kinds: Mapping[str, KindFigures],
    problem: Problem,
    then: Mapping[str, int],
    verdicts: Verdicts,
    evaluate: Evaluate,
    least: Set[str],
) -> Decision:
    """Why a vehicle stays, what the plan would cost without it, and why it is not made green.

    `least` are the kinds of which the plan has no more than it must.
    """
    own = [trip for trip in depot.road_trips if trip.vehicle_id == vehicle.vehicle_id]
    figures = kinds[vehicle.kind]
    bound = _bound(vehicle, verdicts)
    without = {**then, vehicle.kind: then[vehicle.kind] - 1}
    whole = evaluate(then).cost_kr_year
    decision = Decision(
        key=f"{Action.KEEP}:{vehicle.vehicle_id}",
        action=Action.KEEP,
        depot_id=depot.depot_id,
        vehicle_id=vehicle.vehicle_id,
        vehicle=vehicle.name,
        kind=figures.name,
        energy=figures.energy,
        departments=(vehicle.department,) if vehicle.department else (),
        contract_end=vehicle.contract_end,
        days_used=vehicle.days_used,
        trips=len(own),
        km=sum(trip.km for trip in own),
        left_out_kr_year=evaluate(without).cost_kr_year - whole,
        upfront_kr=0.0,
        why=bound or (Why.NEED if vehicle.kind in least else Why.WORTH),
    )
    if figures.energy in GREEN:
        return decision
    check = green_check(vehicle, own, kinds, problem.year_factor)
    if check.obstacle is None and bound is Why.REJECTED:
        check = replace(check, obstacle=Obstacle.REJECTED)
    if check.obstacle is not None:
        return replace(decision, not_green=check.obstacle)
    dearer = min(
        evaluate({**without, kind: without[kind] + 1}).cost_kr_year - whole for kind in check.able
    )
    return replace(decision, not_green=Obstacle.COST, not_green_kr_year=dearer)


def _bound(vehicle: Candidate, verdicts: Verdicts) -> Why | None:
    if vehicle.fate is Fate.SILENT:
        return Why.SILENT
    if vehicle.fate is Fate.CONTRACT:
        return Why.CONTRACT
    if vehicle.fate is Fate.RULED:
        return Why.REJECTED
    return Why.REJECTED if verdicts.stays(vehicle.vehicle_id) else None


def plan_names(
    depot_id: str,
    staying: Sequence[Candidate],
    counts: Mapping[str, int],
    kinds: Mapping[str, KindFigures],
) -> dict[str, str]:
    """What people call the plan's vehicles: those that stay by name, bought ones by kind."""
    names: dict[str, str] = {}
    for kind, count in counts.items():
        own = [c.name for c in staying if c.kind == kind]
        for number in range(1, count + 1):
            known = number <= len(own)
            name = own[number - 1] if known else f"+ {kinds[kind].name} {number - len(own)}"
            names[f"{depot_id}/{kind}#{number}"] = name
    return names


def tight_days(trips: Sequence[DrivenTrip], plan: Plan, vehicles: int) -> tuple[Tight, ...]:
    """The days on which all `vehicles` are out at once, or a trip falls back."""
    served_by = plan.best.assignments
    by_day: defaultdict[date, list[DrivenTrip]] = defaultdict(list)
    for trip in trips:
        for day in _days(trip):
            by_day[day].append(trip)
    tight: list[Tight] = []
    for day, driven in sorted(by_day.items()):
        by_fleet = [trip for trip in driven if served_by[trip.trip_id] is not None]
        out, _ = peak_out(_spans(by_fleet))
        to_fallback = len(driven) - len(by_fleet)
        if out >= vehicles or to_fallback:
            tight.append(Tight(day=day, out=out, vehicles=vehicles, to_fallback=to_fallback))
    return tuple(tight)


def _spans(trips: Sequence[DrivenTrip]) -> list[tuple[datetime, datetime]]:
    return [(trip.start, trip.end) for trip in trips]


def _days(trip: DrivenTrip) -> list[date]:
    first, last = local_day(trip.start), local_day(trip.end)
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]
