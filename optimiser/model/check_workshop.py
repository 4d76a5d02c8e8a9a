"""Verifies that no more trips than today lack a vehicle while one is in the workshop.

The rule of a round and what the search found of it stand in a `WORKSHOP.json` beside the plan. Like
`check`, this module shares no code with the solver: it hands out the vehicles of today's fleet and
of the new one by a dispatcher of its own (`check_dispatch`), and compares all that the file tells.

The one in the workshop is there all the time. With one of a kind away, the new fleet may lack no
more trips than today's with one of that kind away; with one of a kind that nobody has today, no
more than today's with the one away that is missed most. Bicycles are never away. Each trip gets a
vehicle as it begins: of those that are free and can drive it, of the kind that offers fewest
capabilities, then of that with the cheapest km, then of that which stands first in the fleet file.
Trips count as they were driven, and in each copy with each of them begun earlier or later by whole
seconds drawn from the seed. Today each department drives with its own vehicles.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from random import Random
from typing import Any

from optimiser.model.check_dispatch import Counts, DispatchedKind, DispatchedTrip, Dispatcher
from optimiser.model.check_duty import Cells, Journey, number, words
from optimiser.model.check_rules import GREEN

#: How many trips lack a vehicle: as they were driven, and in each copy with other times.
Lacking = tuple[int, ...]

#: Stands for the kind that is away where a fleet has no motor vehicle.
_NONE = ""


@dataclass(frozen=True, slots=True)
class PoolInWorkshop:
    """The trips of a pool without a vehicle while the one is away that is missed most: with the
    `proposed` fleet, and `today`. With one of the kind away of which these are most, the proposed
    fleet lacks `more` trips more than today's; with all vehicles that may be had, it would lack
    `least_more`."""

    pool: str
    proposed: Lacking
    today: Lacking
    more: int
    least_more: int

    @property
    def sentence(self) -> str:
        """The finding in English."""
        named = f"pool {self.pool!r}" if self.pool else "the common pool"
        text = (
            f"{named}: with one vehicle in the workshop all the time, at most "
            f"{_told(self.proposed)} lack a vehicle with the proposed fleet, "
            f"{_told(self.today)} with today's"
        )
        if not self.more:
            return text
        text = f"{text}; by kind {self.more} more than today's"
        if self.more > self.least_more:
            return text
        return f"{text}, as no fleet that may be had lacks fewer than {self.least_more} more"


@dataclass(frozen=True, slots=True)
class WorkshopFound:
    """The findings on the rule: a sentence for each thing that is `wrong` in the file, and for each
    place where the rule is `broken` though a fleet that may be had would keep it better; and the
    pools."""

    wrong: Sequence[str]
    broken: Sequence[str] = ()
    pools: Sequence[PoolInWorkshop] = ()

    @property
    def faults(self) -> list[str]:
        return [*self.wrong, *self.broken]


def check_workshop(
    told: Mapping[str, Any],
    plan: Mapping[str, Any],
    trips: Sequence[Cells],
    kinds: Sequence[Cells],
    rules: Mapping[str, Any],
) -> WorkshopFound:
    """The rule in the content of a `WORKSHOP.json`, from rows of text and complete rules.

    Raises:
        ValueError, KeyError, TypeError: the content is not in its format.
    """
    by_label = {_label(_pool(row), row["type"]): row for row in kinds}
    then = {_label(line["pool"], line["type"]): line["count"] for line in plan["fleet"]}
    wrong = _faults_of_today(told["today"], trips, by_label)
    if wrong or then.keys() != by_label.keys():
        return WorkshopFound(wrong or ["fleet: not the kinds of the fleet file"])
    told_away = {(line["pool"], line["type"]): line for line in told["away"]}
    found: list[PoolInWorkshop] = []
    broken: list[str] = []
    for name in sorted({_pool(row) for row in trips}):
        own = {label: row for label, row in by_label.items() if _pool(row) == name}
        today = [one for one in told["today"] if one["pool"].strip() == name]
        driven = [row for row in trips if _pool(row) == name]
        pool = _Pool(own, _copies(driven, rules["seed"], told["shifts"]), today, rules)
        away = pool.away(then)
        wrong += _differences(name, away, told_away, pool)
        least_more = _more(pool.away(_all_that_may_be_had(own, rules)))
        more = _more(away)
        if more > least_more:
            broken += _broken(name, away, pool)
        found.append(
            PoolInWorkshop(name, _most(pool.without_one(then)), pool.today_most, more, least_more)
        )
    told_pools = {pool for pool, _ in told_away}
    wrong += [f"away: {pool!r} has no trips" for pool in told_pools - {one.pool for one in found}]
    return WorkshopFound(wrong, broken, found)


@dataclass(frozen=True, slots=True)
class _Away:
    """The trips without a vehicle while one of a kind is away: those of a fleet, and the most that
    today's fleet allows."""

    fleet: Lacking
    most: Lacking


@dataclass
class _Pool:
    """A pool with its kinds, the copies of its trips, and today's vehicles as the file has them."""

    rows: Mapping[str, Cells]
    copies: Sequence[Sequence[DispatchedTrip]]
    today: Sequence[Mapping[str, str]]
    rules: Mapping[str, Any]
    _known: dict[tuple[float, ...], dict[str, Lacking]] = field(
        default_factory=dict[tuple[float, ...], dict[str, Lacking]]
    )

    @cached_property
    def first(self) -> dict[str, str]:
        """By label, the first kind that serves alike at the same cost of a km."""
        found: dict[object, str] = {}
        return {label: found.setdefault(_service(row), label) for label, row in self.rows.items()}

    @cached_property
    def kinds(self) -> list[DispatchedKind]:
        return [
            DispatchedKind(label, row, self.rules)
            for label, row in self.rows.items()
            if self.first[label] == label
        ]

    @cached_property
    def all_trips(self) -> list[Dispatcher]:
        return [self._dispatcher(trips) for trips in self.copies]

    @cached_property
    def today_away(self) -> dict[str, Lacking]:
        """The trips that today's fleet leaves without a vehicle, for each of its kinds with one
        away."""
        departments = sorted({one["department"] for one in self.today})
        counted = Counter(_label(one["pool"], one["type"]) for one in self.today)
        if len(departments) <= 1:
            return self.without_one(counted)
        lacking = [self._apart(trips, departments) for trips in self.copies]
        return {label: tuple(one[label] for one in lacking) for label in lacking[0]}

    @cached_property
    def today_most(self) -> Lacking:
        return _most(self.today_away)

    def without_one(self, counts: Counts) -> dict[str, Lacking]:
        """The trips that a fleet leaves without a vehicle, for each of its kinds with one away;
        with none away where it has no motor vehicle."""
        merged = self._merged(counts)
        key = tuple(merged.values())
        if key not in self._known:
            away = [kind.label for kind in self.kinds if kind.is_motor and merged[kind.label]]
            self._known[key] = {
                label: tuple(one.lacking(_less_one(merged, label)) for one in self.all_trips)
                for label in away or [_NONE]
            }
        return self._known[key]

    def away(self, counts: Counts) -> dict[str, _Away]:
        """With one of each motor kind away that the fleet or today's has, what it lacks, and the
        most that it may."""
        merged, own, today = self._merged(counts), self.without_one(counts), self.today_away
        motor = [kind.label for kind in self.kinds if kind.is_motor]
        asked = [label for label in motor if merged[label] or label in today]
        # A kind of which it has none is away as it is.
        whole = (
            tuple(one.lacking(merged) for one in self.all_trips)
            if any(label not in own for label in asked or [_NONE])
            else ()
        )
        return {
            label: _Away(own.get(label, whole), today.get(label, self.today_most))
            for label in asked or [_NONE]
        }

    def _apart(self, trips: Sequence[DispatchedTrip], departments: Sequence[str]) -> dict[str, int]:
        """The trips that today's fleet leaves without a vehicle if each department drives with its
        own: of a kind, the one of them all is away that is missed most."""
        whole, missed = 0, dict[str, int]()
        for department in departments:
            own = [one for one in self.today if one["department"] == department]
            drivers = {one["vehicle"] for one in own}
            dispatcher = self._dispatcher(trip for trip in trips if trip.driver in drivers)
            merged = self._merged(Counter(_label(one["pool"], one["type"]) for one in own))
            lacking = dispatcher.lacking(merged)
            whole += lacking
            for kind in self.kinds:
                if kind.is_motor and merged[kind.label]:
                    more = dispatcher.lacking(_less_one(merged, kind.label)) - lacking
                    missed[kind.label] = max(more, missed.get(kind.label, more))
        return {label: whole + more for label, more in (missed or {_NONE: 0}).items()}

    def _dispatcher(self, trips: Iterable[DispatchedTrip]) -> Dispatcher:
        return Dispatcher(self.kinds, trips, timedelta(minutes=self.rules["turnaround_min"]))

    def _merged(self, counts: Counts) -> dict[str, float]:
        merged: dict[str, float] = {kind.label: 0 for kind in self.kinds}
        for label, first in self.first.items():
            merged[first] += counts.get(label, 0)
        return merged


def _faults_of_today(
    today: Sequence[Mapping[str, str]], trips: Sequence[Cells], by_label: Mapping[str, Cells]
) -> list[str]:
    """The faults of the list of today's vehicles, which must be that of the other files."""
    counted = Counter(_label(one["pool"], one["type"]) for one in today)
    wrong = [f"today: {label} is no kind of the fleet file" for label in counted.keys() - by_label]
    wrong += [
        f"today: {counted[label]} vehicles of {label}, the fleet file has {row['count_now']}"
        for label, row in by_label.items()
        if counted[label] != int(row["count_now"])
    ]
    times = Counter(one["vehicle"] for one in today)
    wrong += [
        f"today: vehicle {vehicle} is there {n} times" for vehicle, n in times.items() if n > 1
    ]
    pool_of = {one["vehicle"]: one["pool"].strip() for one in today}
    wrong += [
        f"today: trip {row['trip_id']} was driven by no vehicle of its pool"
        for row in trips
        if pool_of.get(row.get("vehicle", "").strip()) != _pool(row)
    ]
    return wrong


def _differences(
    pool: str,
    away: Mapping[str, _Away],
    told: Mapping[tuple[str, str], Mapping[str, Any]],
    of_pool: _Pool,
) -> list[str]:
    """The places where the file tells other figures of a pool than those found."""
    due = {_type(of_pool, label): one for label, one in away.items()}
    lines = {type_: line for (name, type_), line in told.items() if name == pool}
    if lines.keys() != due.keys():
        return [f"away: pool {pool!r} has {sorted(due)} away, told are {sorted(lines)}"]
    return [
        f"away: pool {pool!r} with one {type_ or 'of none'} away: {words_of} {said} trips are told "
        f"to lack a vehicle, found are {found}"
        for type_, one in due.items()
        for words_of, said, found in (
            ("at most", tuple(lines[type_]["most"]), one.most),
            ("of the proposed fleet", tuple(lines[type_]["proposed"]), one.fleet),
        )
        if said != found
    ]


def _broken(pool: str, away: Mapping[str, _Away], of_pool: _Pool) -> list[str]:
    """The kinds of a pool with one of which away more trips than today lack a vehicle."""
    return [
        f"workshop: broken in pool {pool!r}: with one {_type(of_pool, label) or 'of none'} away "
        f"{_told(one.fleet)} lack a vehicle, today at most {_told(one.most)}"
        for label, one in away.items()
        if any(n > most for n, most in zip(one.fleet, one.most, strict=True))
    ]


def _type(pool: _Pool, label: str) -> str:
    return pool.rows[label]["type"].strip() if label != _NONE else _NONE


def _more(away: Mapping[str, _Away]) -> int:
    """The trips that lack a vehicle beyond those of today, over all copies, with one of the kind
    away of which these are most."""
    copies = range(len(next(iter(away.values())).fleet))
    return sum(max(0, *(one.fleet[c] - one.most[c] for one in away.values())) for c in copies)


def _most(away: Mapping[str, Lacking]) -> Lacking:
    return tuple(max(column) for column in zip(*away.values(), strict=True))


def _less_one(counts: Counts, label: str) -> Counts:
    """The fleet with one less of a kind, if it has one."""
    return {**counts, label: max(0, counts[label] - 1)} if label in counts else counts


def _all_that_may_be_had(rows: Mapping[str, Cells], rules: Mapping[str, Any]) -> Counts:
    """The greatest count of each kind."""
    most: dict[str, float] = {}
    for label, row in rows.items():
        most[label] = number(row.get("max_count", "").strip() or "inf")
        if rules["green_only_new"] and row["energy"] not in GREEN:
            most[label] = min(most[label], int(row["count_now"]))
    return most


def _copies(
    rows: Sequence[Cells], seed: int, shifts: Mapping[str, Any]
) -> list[list[DispatchedTrip]]:
    """The trips as they were driven, and as often as the file says at other times."""
    driven = [
        DispatchedTrip(
            one.id, row.get("vehicle", "").strip(), one.start, one.end, one.km, one.needs
        )
        for row in rows
        for one in [Journey(row)]
    ]
    driven.sort(key=lambda trip: (trip.start, trip.end, trip.id))
    drawn, most_s = Random(seed), 60 * shifts["most_min"]
    copies = [driven]
    for _ in range(shifts["copies"]):
        moves = [timedelta(seconds=round(drawn.uniform(-most_s, most_s))) for _ in driven]
        copies.append(
            [
                DispatchedTrip(one.id, one.driver, one.start + by, one.end + by, one.km, one.needs)
                for one, by in zip(driven, moves, strict=True)
            ]
        )
    return copies


def _service(row: Cells) -> object:
    """The service of a vehicle of a kind, and what a km of it costs."""
    numbers = ("kr_km", "co2_g_km", "range_km", "charge_km_h", "max_trip_km", "max_day_km")
    cells = [row.get(column, "").strip() for column in numbers]
    figures = tuple(number(cell) if cell else None for cell in cells)
    return (figures, words(row.get("offers", "")), row["energy"], row.get("window", "").strip())


def _told(lacking: Lacking) -> str:
    """The count of trips, and of those at other times."""
    driven, *shifted = lacking
    text = f"{driven} trip{'' if driven == 1 else 's'}"
    return f"{text} (at other times {', '.join(map(str, shifted))})" if shifted else text


def _pool(row: Cells) -> str:
    return row.get("pool", "").strip()


def _label(pool: str, type_: str) -> str:
    return f"{pool.strip()}/{type_.strip()}" if pool.strip() else type_.strip()
