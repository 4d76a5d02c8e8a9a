"""Verifies the rules of a `PLAN.json` that bind a whole fleet: fallback, reserve, green vehicles.

Like `check`, this module shares no code with the solver: it adds up vehicles and trips anew.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from optimiser.model.check_duty import Cells, Journey

GREEN = {"electric", "hydrogen", "biogas", "bicycle"}
GREEN_MOTOR = {"electric", "hydrogen", "biogas"}
FOSSIL = {"petrol", "diesel", "hvo"}

#: A rule and the pool in which it is broken.
RuleAndPool = tuple[str, str]


def broken_rules(
    counts: Mapping[str, int],
    by_label: Mapping[str, Cells],
    duties: Mapping[str, Sequence[Journey]],
    fallback: Sequence[Journey],
    rules: Mapping[str, Any],
) -> dict[RuleAndPool, int]:
    """The rules on fallback and reserve that an answer breaks, and by how much.

    The number is that of the trips that use the fallback against a rule, or that of the motor
    vehicles that the reserve lacks at the busiest moment.
    """
    broken: Counter[RuleAndPool] = Counter()
    for journey in fallback:
        if not journey.needs.isdisjoint(rules.get("no_fallback_needs", ())):
            broken["no_fallback_needs", journey.pool] += 1
        if journey.pool in rules.get("no_fallback_pools", ()):
            broken["no_fallback_pools", journey.pool] += 1
    motor: Counter[str] = Counter()
    for label, count in counts.items():
        if by_label[label]["energy"] != "bicycle":
            motor[_pool(by_label[label])] += count
    out: defaultdict[str, list[Journey]] = defaultdict(list)
    for vehicle, duty in duties.items():
        kind = by_label[vehicle.rpartition("#")[0]]
        if kind["energy"] != "bicycle":
            out[_pool(kind)] += duty
    pause = timedelta(minutes=rules["turnaround_min"])
    for pool, count in motor.items():
        lacking = _reserve(rules.get("reserve", 0), pool) - (count - _most_out(out[pool], pause))
        if count and lacking > 0:
            broken["reserve", pool] = lacking
    return dict(broken)


def check_fleet(
    counts: Mapping[str, int], by_label: Mapping[str, Cells], rules: Mapping[str, Any]
) -> list[str]:
    """The faults in the counts of a new fleet, which moves and green vehicles bind in sum."""
    moves, keeps = rules.get("moves", False), rules.get("green_keep", False)
    wrong: list[str] = []
    energies: dict[str, str] = {}
    for kind in by_label.values():
        if (moves or keeps) and energies.setdefault(_type(kind), kind["energy"]) != kind["energy"]:
            wrong.append(f"{_type(kind)}: has two energies")
    if moves and rules["green_only_new"]:
        then, now = (_sums(by_label, numbers) for numbers in (counts, _now(by_label)))
        wrong += [
            f"{type_}: {count} in all pools is above {now[type_]}, and is not green"
            for type_, count in then.items()
            if energies[type_] not in GREEN and count > now[type_]
        ]
    if not keeps:
        return wrong
    places = {"" if moves else _pool(kind) for kind in by_label.values()}
    for place in sorted(places):
        inside = [label for label, kind in by_label.items() if moves or _pool(kind) == place]
        green = [label for label in inside if by_label[label]["energy"] in GREEN_MOTOR]
        then, now = (sum(n[label] for label in green) for n in (counts, _now(by_label)))
        left = sum(counts[label] for label in inside if by_label[label]["energy"] in FOSSIL)
        if then < now and left:
            where = "all pools" if moves else f"pool {place!r}"
            wrong.append(
                f"green_keep: {then} green in {where}, today {now}, and {left} fossil left"
            )
    return wrong


def _now(by_label: Mapping[str, Cells]) -> dict[str, int]:
    return {label: int(kind["count_now"]) for label, kind in by_label.items()}


def _sums(by_label: Mapping[str, Cells], numbers: Mapping[str, int]) -> Counter[str]:
    """The sum of `numbers` over all pools, by type."""
    sums: Counter[str] = Counter()
    for label, number in numbers.items():
        sums[_type(by_label[label])] += number
    return sums


def _type(kind: Cells) -> str:
    return kind["type"].strip()


def _pool(kind: Cells) -> str:
    return kind.get("pool", "").strip()


def _reserve(reserve: int | Mapping[str, int], pool: str) -> int:
    return reserve.get(pool, 0) if isinstance(reserve, Mapping) else reserve


def _most_out(duty: Sequence[Journey], pause: timedelta) -> int:
    """The most journeys, each with the turnaround after it, at one moment."""
    changes = [(journey.start, 1) for journey in duty]
    changes += [(journey.end + pause, -1) for journey in duty]
    out = most = 0
    for _, change in sorted(changes):
        out += change
        most = max(most, out)
    return most
