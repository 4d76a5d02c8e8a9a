"""What the vehicles of the pilot did and cost in a period, and what does not compare in two.

It is pure. The pilot is of the depots at which a vehicle was heard before: its vehicles are all of
the register's at those depots, heard or not. Amounts of a year are those of a period of the same
days over and over. Both periods are priced with the same figures, so that what differs is the fleet
and its use. What is paid and the value of CO2e, which nobody pays, are apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from costs.budget import MONTHS, next_month
from costs.kind_figures import driving
from optimiser.ledger.leakage import HiredMonth

DAYS_YEAR = 365.0

#: The days of a period that tell enough of a year to be compared: four weeks.
DAYS_TELLING = 28

#: The share of the days of the shorter period whose like the other one has, from which on the two
#: are of the same season.
_SAME_SEASON = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotVehicle:
    """A vehicle in a period. `fixed_kr_year` is what is paid for it without driving, `kr_km` and
    `co2_g_km` are those of its kind. It was used on `days_used` of `days_known` working days."""

    vehicle_id: str
    department: str
    depot_id: str
    is_green: bool
    is_heard: bool
    is_known: bool
    days_known: int
    days_used: int
    away_h: float
    km: float
    fixed_kr_year: float
    kr_km: float
    co2_g_km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hired:
    """What journeys by taxi, hire and own car came to in the `months` of a period of which lists
    are imported."""

    months: int
    kr: float

    @property
    def kr_year(self) -> float:
        return self.kr * MONTHS / self.months


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodMeasures:
    """The vehicles of the pilot in a period, both days included. Of `known` of them enough working
    days are known. `km`, `driving_kr` and `co2_t` are those of the period. `hired` is None where no
    list of such journeys is of a whole month of it."""

    first: date
    last: date
    working_days: int
    days_with_data: int
    vehicles: int
    green: int
    heard: int
    known: int
    days_known: int
    days_used: int
    away_h: float
    km: float
    fixed_kr_year: float
    driving_kr: float
    co2_t: float
    co2_kr_t: float
    hired: Hired | None = None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def _a_year(self, value: float) -> float:
        return value * DAYS_YEAR / self.days

    @property
    def known_share(self) -> float | None:
        """The share of the vehicles whose use is known."""
        return self.known / self.vehicles if self.vehicles else None

    @property
    def heard_share(self) -> float | None:
        return self.heard / self.vehicles if self.vehicles else None

    @property
    def days_used_share(self) -> float | None:
        """The share of the known working days on which the vehicles were used."""
        return self.days_used / self.days_known if self.days_known else None

    @property
    def km_year(self) -> float:
        return self._a_year(self.km)

    @property
    def away_h_year(self) -> float:
        return self._a_year(self.away_h)

    @property
    def driving_kr_year(self) -> float:
        return self._a_year(self.driving_kr)

    @property
    def fleet_kr_year(self) -> float:
        """What is paid for the vehicles and their driving."""
        return self.fixed_kr_year + self.driving_kr_year

    @property
    def paid_kr_year(self) -> float:
        """What is paid for the fleet, and for taxi, hire and own car where that is known."""
        return self.fleet_kr_year + (0.0 if self.hired is None else self.hired.kr_year)

    @property
    def co2_t_year(self) -> float:
        return self._a_year(self.co2_t)

    @property
    def co2_kr_year(self) -> float:
        """The value of the CO2e, which nobody pays."""
        return self.co2_t_year * self.co2_kr_t


class Doubt(StrEnum):
    """Why two periods do not compare, or not as one would wish."""

    #: There is no trip yet.
    NO_BEFORE = "no_before"
    #: No day with data lies after the period before.
    NO_AFTER = "no_after"
    #: The periods have days in common.
    OVERLAP = "overlap"
    #: The period after lies before the other one.
    BACKWARDS = "backwards"
    #: One of them is shorter than four weeks.
    SHORT = "short"
    #: They are of different seasons.
    SEASONS = "seasons"
    #: Too few vehicles are known in the period before.
    FEW_KNOWN_BEFORE = "few_known_before"
    #: Too few vehicles are known in the period after.
    FEW_KNOWN_AFTER = "few_known_after"
    #: What taxi, hire and own car came to is not known in both.
    HIRED_UNKNOWN = "hired_unknown"


def measured(
    period: tuple[date, date],
    working_days: int,
    days_with_data: int,
    vehicles: Iterable[PilotVehicle],
    hired: Hired | None,
    co2_kr_t: float,
) -> PeriodMeasures:
    """The sums over the vehicles of the pilot in a period."""
    every = list(vehicles)
    first, last = period
    done = driving((one, one.km) for one in every)
    return PeriodMeasures(
        first=first,
        last=last,
        working_days=working_days,
        days_with_data=days_with_data,
        vehicles=len(every),
        green=sum(one.is_green for one in every),
        heard=sum(one.is_heard for one in every),
        known=sum(one.is_known for one in every),
        days_known=sum(one.days_known for one in every if one.is_known),
        days_used=sum(one.days_used for one in every if one.is_known),
        away_h=sum(one.away_h for one in every),
        km=sum(one.km for one in every),
        fixed_kr_year=sum(one.fixed_kr_year for one in every),
        driving_kr=done.kr,
        co2_t=done.co2_t,
        co2_kr_t=co2_kr_t,
        hired=hired,
    )


def hired_in(
    first: date,
    last: date,
    months: Iterable[HiredMonth],
    depot_ids: frozenset[str],
    departments: frozenset[str],
) -> Hired | None:
    """What journeys of some depots and departments came to in the months that lie whole in a
    period; None: no list is of such a month."""
    found: dict[date, float] = {}
    for one in months:
        if one.month < first or next_month(one.month) - timedelta(days=1) > last:
            continue
        place = one.place
        is_of = (
            place.department in departments
            if place.depot_id is None
            else place.depot_id in depot_ids
        )
        if is_of:
            found[one.month] = found.get(one.month, 0.0) + one.kr
    return Hired(months=len(found), kr=sum(found.values())) if found else None


def doubts(
    before: PeriodMeasures | None, after: PeriodMeasures | None, known_min: float
) -> Sequence[Doubt]:
    """What does not compare. `known_min` is the share of the vehicles that must be known, for sums
    over what they drove to compare."""
    if before is None:
        return [Doubt.NO_BEFORE]
    found: list[Doubt] = []
    if _few_known(before, known_min):
        found.append(Doubt.FEW_KNOWN_BEFORE)
    if after is None:
        return [Doubt.NO_AFTER, *found]
    if _few_known(after, known_min):
        found.append(Doubt.FEW_KNOWN_AFTER)
    if before.first <= after.last and after.first <= before.last:
        found.append(Doubt.OVERLAP)
    if after.last < before.first:
        found.append(Doubt.BACKWARDS)
    if min(before.days, after.days) < DAYS_TELLING:
        found.append(Doubt.SHORT)
    if seasons_differ((before.first, before.last), (after.first, after.last)):
        found.append(Doubt.SEASONS)
    if before.hired is None or after.hired is None:
        found.append(Doubt.HIRED_UNKNOWN)
    return found


def _few_known(one: PeriodMeasures, known_min: float) -> bool:
    """Whether too few vehicles are known; where none is left, it is known that nothing was
    driven."""
    return one.known_share is not None and one.known_share < known_min


def seasons_differ(before: tuple[date, date], after: tuple[date, date]) -> bool:
    """Whether less than half of the days of the shorter period have their like, by day and month,
    in the other one."""
    one, other = _calendar_days(*before), _calendar_days(*after)
    return len(one & other) < _SAME_SEASON * min(len(one), len(other))


def _calendar_days(first: date, last: date) -> frozenset[tuple[int, int]]:
    days = min((last - first).days + 1, 366)
    found = (first + timedelta(days=number) for number in range(days))
    return frozenset((day.month, day.day) for day in found)
