"""How much of a saving leaks into journeys by taxi, hire and own car. It is pure.

What such journeys of a place came to in a month is held against the same month of the year before
the first proposal of the place was carried out. What lies above it has leaked, where a proposal
of that place is carried out by then: it is shared among these by what they promise. What a proposal
itself counts for trips that go by taxi has not leaked, as its saving is less for it. Without
figures of that earlier month nothing is said of leakage: a rise cannot be told from a habit.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from costs.budget import MONTHS, next_month
from optimiser.ledger.steps import months_before


class Means(StrEnum):
    """The means of journeys that the fleet does not do, as the table names them."""

    TAXI = "taxi"
    HIRE = "hire"
    OWN_CAR = "own_car"


@dataclass(frozen=True, slots=True)
class Place:
    """Where journeys are of: a department, at a depot if that is known; or a depot as a whole."""

    department: str
    depot_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HiredMonth:
    """What journeys of a place by one means came to in a month (its first day)."""

    month: date
    means: Means
    place: Place
    kr: float
    km: float | None = None
    journeys: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A proposal that is carried out, as leakage knows it: it saves from the month `since` on, what
    it promises to save in a month is its weight, and it counts `planned_kr_month` for journeys."""

    number: int
    depot_ids: frozenset[str]
    departments: frozenset[str]
    since: date
    weight: float
    planned_kr_month: float = 0.0

    def is_of(self, place: Place) -> bool:
        """Whether journeys of a place may be some that its vehicle did before."""
        if place.depot_id is not None and place.depot_id not in self.depot_ids:
            return False
        return place.department == "" or place.department in self.departments


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """What leaked in a month, in kr. and km; of a proposal, its share."""

    month: date
    kr: float
    km: float
    by_means: Mapping[Means, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leakage:
    """What leaked by the number of the proposal, and the places of which no figures of the earlier
    year are known, so that nothing can be said. `watched_until` is the last month with figures
    that has begun, and `gaps` are the months before it, from the first one on, of which no list
    says anything; None: no list was imported."""

    by_number: Mapping[int, Sequence[Leak]]
    unknown: frozenset[Place]
    watched_until: date | None
    gaps: Sequence[date] = ()


def leakage(carried: Iterable[Carried], hired: Iterable[HiredMonth], until: date) -> Leakage:
    """What leaked in each month before the month `until`."""
    every = list(carried)
    months: dict[Place, dict[date, list[HiredMonth]]] = {}
    for one in hired:
        months.setdefault(one.place, {}).setdefault(one.month, []).append(one)
    found: dict[int, list[Leak]] = {}
    unknown: set[Place] = set()
    for place, by_month in months.items():
        own = [one for one in every if one.is_of(place)]
        if not own:
            continue
        first = min(one.since for one in own)
        for month in sorted(by_month):
            sharing = [one for one in own if one.since <= month]
            if not sharing or month >= until:
                continue
            before = by_month.get(_year_before(month, first))
            if before is None:
                unknown.add(place)
                continue
            planned = sum(one.planned_kr_month for one in sharing)
            whole = _rise(month, by_month[month], before, planned)
            if whole is None:
                continue
            for one, share in _shares(sharing):
                found.setdefault(one.number, []).append(_part(whole, share))
    listed = {month for own in months.values() for month in own if month <= until}
    return Leakage(
        by_number={number: _by_month(leaks) for number, leaks in found.items()},
        unknown=frozenset(unknown),
        watched_until=max(listed, default=None),
        gaps=_gaps(listed),
    )


def _gaps(listed: Collection[date]) -> list[date]:
    """The months between the first and the last of some that are not among them."""
    if not listed:
        return []
    month, found = min(listed), list[date]()
    while (month := next_month(month)) < max(listed):
        if month not in listed:
            found.append(month)
    return found


def _year_before(month: date, first: date) -> date:
    """The same month of the last year in which it lies before the month `first`."""
    found = month
    while found >= first:
        found = months_before(found, MONTHS)
    return found


def _rise(
    month: date, now: Iterable[HiredMonth], before: Iterable[HiredMonth], planned_kr: float
) -> Leak | None:
    """By how much a month lies above an earlier one and what is planned; None where it does not.
    What one means rose is set off against what another one fell."""
    kr: dict[Means, float] = {}
    km = 0.0
    for sign, side in ((1, now), (-1, before)):
        for one in side:
            kr[one.means] = kr.get(one.means, 0.0) + sign * one.kr
            km += sign * (one.km or 0.0)
    rise = sum(kr.values())
    whole = rise - planned_kr
    if whole <= 0:
        return None
    risen = {means: value for means, value in kr.items() if value > 0}
    scale = whole / sum(risen.values())
    by_means = {means: value * scale for means, value in risen.items()}
    return Leak(month=month, kr=whole, km=max(0.0, km) * whole / rise, by_means=by_means)


def _shares(sharing: Sequence[Carried]) -> list[tuple[Carried, float]]:
    """Each proposal with its share; those that promise no saving get none, unless none does."""
    weights = [max(0.0, one.weight) for one in sharing]
    whole = sum(weights)
    if whole <= 0:
        return [(one, 1 / len(sharing)) for one in sharing]
    return [
        (one, weight / whole) for one, weight in zip(sharing, weights, strict=True) if weight > 0
    ]


def _part(whole: Leak, share: float) -> Leak:
    return Leak(
        month=whole.month,
        kr=whole.kr * share,
        km=whole.km * share,
        by_means={means: kr * share for means, kr in whole.by_means.items()},
    )


def _by_month(leaks: Iterable[Leak]) -> list[Leak]:
    """The leaks of several places, added up by month."""
    found: dict[date, Leak] = {}
    for one in leaks:
        known = found.get(one.month)
        if known is None:
            found[one.month] = one
            continue
        both = {*known.by_means, *one.by_means}
        found[one.month] = Leak(
            month=one.month,
            kr=known.kr + one.kr,
            km=known.km + one.km,
            by_means={m: known.by_means.get(m, 0) + one.by_means.get(m, 0) for m in both},
        )
    return [found[month] for month in sorted(found)]
