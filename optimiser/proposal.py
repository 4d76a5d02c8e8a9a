"""From a depot's plan to the proposal that the fleet unit reads: what changes, and why.

A depot is a pool, so its saving is its own: what its vehicles and trips cost today under the same
rules, less what they cost in the plan.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter

from fleet.localtime import local_day
from fleet.vehicle import Energy
from optimiser.candidates import Candidate, Depot, DrivenTrip, Fate, KindFigures
from optimiser.peak import peak_out
from optimiser.plan import Plan
from optimiser.problem import Problem
from optimiser.share import pool_share

#: Vehicles named as taking over a vehicle's trips; the rest are few.
SUCCESSORS_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How many of a kind there are and would be."""

    kind: str
    energy: Energy
    count_now: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A vehicle by id and name."""

    vehicle_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """A vehicle to let go: what it did in the period, and who takes over its round trips."""

    vehicle_id: str
    name: str
    kind: str
    days_used: int
    trips: int
    km: float
    taken_over_by: tuple[str, ...]
    to_fallback: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tight:
    """A day on which all vehicles of the plan are out at once, or some trip falls back."""

    day: date
    out: int
    vehicles: int
    to_fallback: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One depot's proposal. kr. and tonnes are a year; savings may be negative."""

    depot_id: str
    saving_kr_year: float
    saving_co2_t_year: float
    vehicles_now: int
    vehicles: int
    peak: int
    peak_at: datetime | None
    changes: tuple[Change, ...]
    let_go: tuple[Disposal, ...]
    keep: tuple[Named, ...]
    unknown: tuple[Named, ...]
    tight_days: tuple[Tight, ...]


_PROPOSAL = TypeAdapter(Proposal)


def read_proposal(content: object) -> Proposal:
    """A proposal from the JSON that was stored of it."""
    return _PROPOSAL.validate_python(content)


def depot_proposal(
    depot: Depot, kinds: Mapping[str, KindFigures], problem: Problem, plan: Plan
) -> Proposal | None:
    """The proposal of one depot, or None when the plan leaves its fleet as it is."""
    lines = [line for line in plan.best.fleet if line.pool == depot.depot_id]
    if all(line.count == line.count_now for line in lines):
        return None
    counts = {line.type: line.count for line in lines}
    staying, going = _divide(depot.road, counts)
    names = _plan_names(depot.depot_id, staying, counts, kinds)
    served_by = plan.best.assignments
    trips = depot.road_trips
    peak, peak_at = peak_out((trip.start, trip.end) for trip in trips)
    today = pool_share(problem, plan.baseline, depot.depot_id)
    then = pool_share(problem, plan.best, depot.depot_id)
    return Proposal(
        depot_id=depot.depot_id,
        saving_kr_year=today.cost_kr_year - then.cost_kr_year,
        saving_co2_t_year=today.co2_t_year - then.co2_t_year,
        vehicles_now=len(depot.road),
        vehicles=sum(counts.values()),
        peak=peak,
        peak_at=peak_at,
        changes=tuple(
            Change(
                kind=kinds[line.type].name,
                energy=kinds[line.type].energy,
                count_now=line.count_now,
                count=line.count,
            )
            for line in lines
            if line.count or line.count_now
        ),
        let_go=tuple(_disposal(c, trips, kinds, served_by, names) for c in going),
        keep=tuple(Named(vehicle_id=c.vehicle_id, name=c.name) for c in staying),
        unknown=tuple(
            Named(vehicle_id=c.vehicle_id, name=c.name) for c in depot.road if c.fate is Fate.SILENT
        ),
        tight_days=_tight_days(trips, served_by, sum(counts.values())),
    )


def _divide(
    road: Sequence[Candidate], counts: Mapping[str, int]
) -> tuple[list[Candidate], list[Candidate]]:
    """Who stays and who goes: of each kind, those that may go and were used least."""
    staying: list[Candidate] = []
    going: list[Candidate] = []
    by_kind: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in road:
        by_kind[candidate.kind].append(candidate)
    for kind, members in by_kind.items():
        members.sort(key=lambda c: (c.fate is Fate.CAN_GO, -c.days_used, -c.km, c.vehicle_id))
        staying += members[: counts[kind]]
        going += members[counts[kind] :]
    return staying, going


def _plan_names(
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


def _disposal(
    candidate: Candidate,
    trips: Sequence[DrivenTrip],
    kinds: Mapping[str, KindFigures],
    served_by: Mapping[str, str | None],
    names: Mapping[str, str],
) -> Disposal:
    own = [trip for trip in trips if trip.vehicle_id == candidate.vehicle_id]
    successors = Counter(served_by[trip.trip_id] for trip in own)
    to_fallback = successors.pop(None, 0)
    ranked = sorted(successors.items(), key=lambda item: (-item[1], item[0] or ""))
    return Disposal(
        vehicle_id=candidate.vehicle_id,
        name=candidate.name,
        kind=kinds[candidate.kind].name,
        days_used=candidate.days_used,
        trips=len(own),
        km=candidate.km,
        taken_over_by=tuple(names[v] for v, _ in ranked[:SUCCESSORS_SHOWN] if v is not None),
        to_fallback=to_fallback,
    )


def _tight_days(
    trips: Sequence[DrivenTrip], served_by: Mapping[str, str | None], vehicles: int
) -> tuple[Tight, ...]:
    by_day: defaultdict[date, list[DrivenTrip]] = defaultdict(list)
    for trip in trips:
        for day in _days(trip):
            by_day[day].append(trip)
    tight: list[Tight] = []
    for day, driven in sorted(by_day.items()):
        by_fleet = [trip for trip in driven if served_by[trip.trip_id] is not None]
        out, _ = peak_out((trip.start, trip.end) for trip in by_fleet)
        to_fallback = len(driven) - len(by_fleet)
        if out >= vehicles or to_fallback:
            tight.append(Tight(day=day, out=out, vehicles=vehicles, to_fallback=to_fallback))
    return tuple(tight)


def _days(trip: DrivenTrip) -> list[date]:
    first, last = local_day(trip.start), local_day(trip.end)
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]
