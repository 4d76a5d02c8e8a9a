"""The answer to a problem from the best rosters of its components, or the reason for none."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from fleet.saying import Saying
from optimiser.duties.incumbent import Incumbent
from optimiser.model.peak import peak_out
from optimiser.model.plan import OPTIMAL_GAP, BrokenRule, FleetAnswer, FleetLine
from optimiser.model.problem import Kind, Problem
from optimiser.model.remark import Remark, remark
from optimiser.model.vehicle_slot import VehicleSlot


def answer(problem: Problem, incumbents: Sequence[Incumbent], bound: float) -> FleetAnswer:
    """The rosters of all components as one answer; the vehicle with most trips has number 1.

    The caller has seen that every component has a roster.
    """
    counts: dict[str, int] = {}
    vehicle: dict[str, VehicleSlot] = {}
    cost = co2_t = 0.0
    for incumbent in incumbents:
        assert incumbent.roster is not None, "the caller has looked"
        cost += incumbent.paid_kr
        co2_t += incumbent.roster.co2_t(incumbent.arrays)
        for kind, duties in zip(incumbent.arrays.kinds, incumbent.roster.duties, strict=True):
            counts[kind.label] = len(duties)
            for number, duty in enumerate(sorted(duties, key=len, reverse=True), start=1):
                slot = kind.slot(number)
                for t in duty:
                    vehicle[incumbent.arrays.trips[t].trip_id] = slot
    bound = min(bound, cost)
    gap = (cost - bound) / cost if cost > 0 else 0.0
    assignments = {trip.trip_id: vehicle.get(trip.trip_id) for trip in problem.trips}
    return FleetAnswer(
        status="optimal" if gap <= OPTIMAL_GAP else "feasible",
        cost_kr_year=cost,
        lower_bound_kr_year=bound,
        gap=gap,
        co2_t_year=co2_t,
        fleet=tuple(_fleet_line(kind, counts[kind.label]) for kind in problem.kinds),
        assignments=assignments,
        broken=tuple(_broken_rules(problem, counts, assignments)),
    )


def no_answer(reason: Saying) -> FleetAnswer:
    return FleetAnswer(
        status="infeasible",
        cost_kr_year=None,
        lower_bound_kr_year=None,
        gap=None,
        co2_t_year=None,
        fleet=(),
        assignments={},
        reason=reason,
    )


def impossible_counts(problem: Problem) -> FleetAnswer | None:
    """The answer that a kind must be kept in a greater number than is allowed; None if none is."""
    for kind in problem.kinds:
        most = problem.count_max(kind)
        if most is not None and kind.min_count > most:
            return no_answer(
                remark(Remark.COUNTS, kind=kind.label, least=kind.min_count, most=most)
            )
    return None


def unservable_trip(incumbents: Sequence[Incumbent]) -> FleetAnswer | None:
    """The answer that a trip must be served, and no kind of its component can; None if all can."""
    for incumbent in incumbents:
        arrays = incumbent.arrays
        unserved = np.flatnonzero(arrays.rules.must_serve & ~arrays.useful.any(axis=0))
        if len(unserved):
            trip = arrays.trips[int(unserved[0])]
            return no_answer(remark(Remark.MUST_SERVE, trip=trip.trip_id))
    return None


def rules_not_kept(problem: Problem, incumbents: Sequence[Incumbent]) -> FleetAnswer:
    """The answer that no fleet keeps the rules, or that none was found in the time."""
    rules = problem.rules
    names = ("reserve", "no_fallback_needs", "no_fallback_pools", "moves", "green_keep")
    used = ", ".join(name for name in names if getattr(rules, name))
    is_proven = any(incumbent.infeasible for incumbent in incumbents)
    return no_answer(
        remark(Remark.RULES_CLASH if is_proven else Remark.RULES_NOT_PROVEN, names=used)
    )


def _fleet_line(kind: Kind, count: int) -> FleetLine:
    return FleetLine(type=kind.type, pool=kind.pool, count=count, count_now=kind.count_now)


def _broken_rules(
    problem: Problem,
    counts: Mapping[str, int],
    assignments: Mapping[str, VehicleSlot | None],
) -> list[BrokenRule]:
    """The rules on fallback and reserve that an answer breaks."""
    rules = problem.rules
    if not (rules.reserve or rules.no_fallback_needs or rules.no_fallback_pools):
        return []
    of_needs: Counter[str] = Counter()
    of_pools: Counter[str] = Counter()
    motor = {(kind.pool, kind.type) for kind in problem.kinds if kind.is_motor}
    out: dict[str, list[tuple[datetime, datetime]]] = {pool: [] for pool, _ in motor}
    pause = timedelta(minutes=rules.turnaround_min)
    for trip in problem.trips:
        slot = assignments[trip.trip_id]
        if slot is not None:
            if (slot.pool, slot.type) in motor:
                out[slot.pool].append((trip.start, trip.end + pause))
            continue
        of_needs[trip.pool] += not trip.needs.isdisjoint(rules.no_fallback_needs)
        of_pools[trip.pool] += trip.pool in rules.no_fallback_pools
    broken = [BrokenRule("no_fallback_needs", pool, n) for pool, n in of_needs.items() if n]
    broken += [BrokenRule("no_fallback_pools", pool, n) for pool, n in of_pools.items() if n]
    for pool, spans in sorted(out.items()):
        count = sum(
            counts[kind.label] for kind in problem.kinds if kind.pool == pool and kind.is_motor
        )
        lacking = rules.reserve_of(pool) - (count - peak_out(spans)[0])
        if count and lacking > 0:
            broken.append(BrokenRule("reserve", pool, lacking))
    return broken
