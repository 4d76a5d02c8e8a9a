"""The depots beside those of a what-if, as far as the rules count vehicles over all depots.

Where vehicles may move, green vehicles are no fewer than today over all depots, and the other ones
keep the fleets that the round gives them. A round plans each depot with as many green ones as today
and moves some then, so a depot of a what-if has fewer than today only as far as the round has. It
has more where the others have fewer. Two kinds that can drive nothing and cost nothing say that to
the solver.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import time

from costs.limits import DayWindow, KindLimits
from fleet.vehicle import GREEN_MOTOR_ENERGIES, Energy
from optimiser.model.plan import FleetAnswer
from optimiser.model.problem import Kind, Problem
from optimiser.parts.depot_plan import CountChange

#: The kinds that stand for the vehicles of other depots. No kind of the catalogue has these ids.
_GREEN, _FOSSIL = "elsewhere: green", "elsewhere: fossil"
STANDING_ELSEWHERE = frozenset({_GREEN, _FOSSIL})

#: They can drive no trip: none is so short, at midnight.
_NO_TRIP = KindLimits(max_trip_km=1e-6, window=DayWindow(time(0, 0), time(0, 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """How many more green motor vehicles than today the other depots have in the round that count
    for those of a what-if, and how many fossil ones they have there."""

    more_green: int
    fossil: int

    def with_vehicle(self, energy: Energy, more: int) -> "Elsewhere":
        """The same with so many vehicles more in the round."""
        return Elsewhere(
            more_green=self.more_green + (more if energy in GREEN_MOTOR_ENERGIES else 0),
            fossil=self.fossil + (more if _is_fossil(energy) else 0),
        )


def elsewhere(others: Iterable[CountChange], here: Iterable[CountChange]) -> Elsewhere:
    """The vehicles of other depots, by what the round changes there and `here`. What the others
    have more counts as far as the round has fewer here. A round that has fewer in all, as people
    chose it, is not asked for more."""
    every = list(others)
    more, more_here = _more_green(every), _more_green(here)
    return Elsewhere(
        more_green=max(min(more, 0), -more_here),
        fossil=sum(one.count for one in every if _is_fossil(one.energy)),
    )


def counted_elsewhere(problem: Problem, other: Elsewhere) -> Problem:
    """The problem of a part, whose rule on green vehicles holds over all depots. Bounds say that no
    fossil kind grows, so that a vehicle which comes from another depot may."""
    rules = problem.rules
    kinds = list(problem.kinds)
    reserve = {kind.pool: rules.reserve_of(kind.pool) for kind in kinds}
    if rules.green_only_new:
        kinds = [_not_bought(kind) if kind.is_fossil else kind for kind in kinds]
    if rules.green_keep:
        for pool in sorted(reserve):
            added = _standing(pool, other)
            kinds += added
            if reserve[pool]:
                reserve[pool] += sum(kind.min_count for kind in added)
    return replace(
        problem,
        kinds=tuple(kinds),
        rules=replace(
            rules, green_only_new=False, reserve=reserve, period_days=problem.period_days
        ),
    )


def bare(problem: Problem, answer: FleetAnswer) -> tuple[Problem, FleetAnswer]:
    """A problem and an answer without the kinds that stand for vehicles elsewhere."""
    kinds = tuple(kind for kind in problem.kinds if kind.type not in STANDING_ELSEWHERE)
    lines = tuple(line for line in answer.fleet if line.type not in STANDING_ELSEWHERE)
    return replace(problem, kinds=kinds), replace(answer, fleet=lines)


def _not_bought(kind: Kind) -> Kind:
    most = kind.count_now if kind.max_count is None else min(kind.max_count, kind.count_now)
    return replace(kind, min_count=min(kind.min_count, most), max_count=most)


def _standing(pool: str, other: Elsewhere) -> list[Kind]:
    more = other.more_green
    found = [_kind(pool, _GREEN, Energy.ELECTRIC, now=max(0, -more), then=max(0, more))]
    return [*found, _kind(pool, _FOSSIL, Energy.PETROL, now=1, then=1)] if other.fossil else found


def _kind(pool: str, type_: str, energy: Energy, *, now: int, then: int) -> Kind:
    return Kind(
        type=type_,
        pool=pool,
        count_now=now,
        min_count=then,
        max_count=then,
        energy=energy,
        fixed_kr_year=0.0,
        kr_km=0.0,
        co2_g_km=0.0,
        limits=_NO_TRIP,
    )


def _more_green(changes: Iterable[CountChange]) -> int:
    return sum(one.count - one.count_now for one in changes if one.energy in GREEN_MOTOR_ENERGIES)


def _is_fossil(energy: Energy) -> bool:
    return energy in (Energy.PETROL, Energy.DIESEL, Energy.HVO)
