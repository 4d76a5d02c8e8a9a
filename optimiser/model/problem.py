"""The fleet composition problem: round trips, kinds of vehicle and the rules between them.

This module refuses impossible values with a `ProblemError`, so that the solver may trust its input.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from costs.limits import KindLimits, LimitFault, LimitRefusal
from fleet.errors import ExpectedError
from fleet.localtime import local_day
from fleet.saying import Saying
from fleet.vehicle import GREEN_ENERGIES, GREEN_MOTOR_ENERGIES, Energy
from optimiser.model.remark import Remark, in_english, of_kind, of_rules, of_trip, remark
from optimiser.model.vehicle_slot import VehicleSlot, kind_label

#: The years that a moment may have; at the ends of the calendar local time has no UTC counterpart.
YEAR_MIN, YEAR_MAX = 1990, 2200

SEED_MAX = 2**31 - 1

#: The greatest km, kr, minutes and so on: more is a typing mistake, and sums of it mean nothing.
NUMBER_MOST = 1e9


class ProblemError(ExpectedError, ValueError):
    """A problem is not well-posed.

    `remark` names the row, the field and the value; the message says the same in English.
    """

    def __init__(self, said: Saying) -> None:
        super().__init__(in_english(said))
        self.remark = said

    def __reduce__(self) -> tuple[type["ProblemError"], tuple[Saying]]:
        return (type(self), (self.remark,))


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """A drive from the depot back to the depot, which one vehicle or the fallback serves.

    `start` and `end` are timezone-aware and `end` is later. `pool` is the pool whose vehicles may
    serve it; "" is the common pool. `needs` are the capabilities that such a vehicle must offer.
    `vehicle` is the vehicle that drove it, if that is known.
    """

    trip_id: str
    start: datetime
    end: datetime
    km: float
    pool: str = ""
    needs: frozenset[str] = frozenset()
    vehicle: str | None = None

    def __post_init__(self) -> None:
        row = of_trip(self.trip_id)
        if not self.trip_id:
            raise ProblemError(remark(Remark.EMPTY, name="trip_id"))
        for name, moment in (("start", self.start), ("end", self.end)):
            if moment.utcoffset() is None:
                raise ProblemError(
                    remark(Remark.NO_ZONE, row=row, name=name, moment=moment.isoformat())
                )
            if not YEAR_MIN <= moment.year <= YEAR_MAX:
                raise ProblemError(
                    remark(
                        Remark.YEAR,
                        row=row,
                        name=name,
                        moment=moment.isoformat(),
                        least=YEAR_MIN,
                        most=YEAR_MAX,
                    )
                )
        if self.end <= self.start:
            end, start = self.end.isoformat(), self.start.isoformat()
            raise ProblemError(remark(Remark.ENDS_BEFORE, row=row, end=end, start=start))
        _refuse_senseless(row, "km", self.km)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of vehicle in one pool: its counts, its capabilities and limits, and its costs.

    None means no limit, except in `charge_km_h` (range regained per hour at the depot), where it
    means that the vehicles do not charge.
    """

    type: str
    pool: str = ""
    count_now: int
    min_count: int
    max_count: int | None = None
    offers: frozenset[str] = frozenset()
    energy: Energy
    fixed_kr_year: float
    kr_km: float
    co2_g_km: float
    range_km: float | None = None
    charge_km_h: float | None = None
    limits: KindLimits = field(default_factory=KindLimits)

    def __post_init__(self) -> None:
        row = of_kind(self.label)
        if not self.type:
            raise ProblemError(remark(Remark.EMPTY, name="type"))
        for name in ("count_now", "min_count", "max_count"):
            count: int | None = getattr(self, name)
            if count is not None and count < 0:
                raise ProblemError(remark(Remark.NEGATIVE, row=row, name=name, value=count))
        if self.max_count is not None and self.min_count > self.max_count:
            least, most = self.min_count, self.max_count
            raise ProblemError(remark(Remark.MIN_ABOVE_MAX, row=row, least=least, most=most))
        for name in ("fixed_kr_year", "kr_km", "co2_g_km", "charge_km_h"):
            value: float | None = getattr(self, name)
            if value is not None:
                _refuse_senseless(row, name, value)
        if self.range_km is not None:
            _refuse_senseless(row, "range_km", self.range_km)
            if self.range_km == 0:
                raise ProblemError(remark(Remark.ZERO_LIMIT, row=row, name="range_km"))
        refusal = self.limits.refusal()
        if refusal is not None:
            raise ProblemError(_limit_remark(row, refusal))

    @property
    def label(self) -> str:
        """The label of the kind, with which the names of its vehicles begin."""
        return kind_label(self.pool, self.type)

    @property
    def is_motor(self) -> bool:
        """Whether its vehicles are motor vehicles, as all but bicycles are."""
        return self.energy is not Energy.BICYCLE

    @property
    def is_green_motor(self) -> bool:
        return self.energy in GREEN_MOTOR_ENERGIES

    @property
    def is_fossil(self) -> bool:
        """Whether its vehicles run on petrol, diesel or HVO."""
        return self.energy not in GREEN_ENERGIES

    def with_count(self, count: int) -> "Kind":
        """This kind with exactly `count` vehicles, today and in the plan."""
        return replace(self, count_now=count, min_count=count, max_count=count)

    def slot(self, number: int) -> VehicleSlot:
        """The slot of vehicle `number`, counted from 1."""
        return VehicleSlot(self.pool, self.type, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules for the whole fleet.

    `period_days` is None for the days from the first trip to the last. `rules_default.toml` has the
    defaults with their sources; `optimiser.model.files` reads them.

    `reserve` is the number of motor vehicles of a pool that are never needed at once, for all pools
    or by pool. Trips that need one of `no_fallback_needs`, or are of one of `no_fallback_pools`,
    may not use the fallback. With `moves`, a vehicle may stand in another pool than today. With
    `green_keep`, the green motor vehicles are no fewer than today as long as a fossil one is left.
    """

    turnaround_min: float
    period_days: float | None = None
    fallback_kr_trip: float
    fallback_kr_km: float
    fallback_co2_g_km: float
    co2_kr_t: float
    co2_max_t_year: float | None = None
    green_only_new: bool
    reserve: int | Mapping[str, int] = 0
    no_fallback_needs: tuple[str, ...] = ()
    no_fallback_pools: tuple[str, ...] = ()
    moves: bool = False
    green_keep: bool = False
    count_most: int
    seed: int

    def __post_init__(self) -> None:
        for name in (
            "turnaround_min",
            "period_days",
            "fallback_kr_trip",
            "fallback_kr_km",
            "fallback_co2_g_km",
            "co2_kr_t",
            "co2_max_t_year",
        ):
            value: float | None = getattr(self, name)
            if value is not None:
                _refuse_senseless(of_rules(), name, value)
        if self.period_days == 0:
            raise ProblemError(remark(Remark.ZERO, row=of_rules(), name="period_days"))
        if self.count_most < 0:
            raise ProblemError(
                remark(Remark.NEGATIVE, row=of_rules(), name="count_most", value=self.count_most)
            )
        if not 0 <= self.seed <= SEED_MAX:
            raise ProblemError(remark(Remark.SEED, value=self.seed, most=SEED_MAX))
        of_pools = self.reserve if isinstance(self.reserve, Mapping) else {"": self.reserve}
        for count in of_pools.values():
            _refuse_senseless(of_rules(), "reserve", count)
            if count > self.count_most:
                raise ProblemError(remark(Remark.RESERVE_MOST, value=count, most=self.count_most))
        if "" in self.no_fallback_needs:
            raise ProblemError(remark(Remark.EMPTY, name="no_fallback_needs"))

    def reserve_of(self, pool: str) -> int:
        """The number of motor vehicles of `pool` that are never needed at once."""
        if isinstance(self.reserve, Mapping):
            return self.reserve.get(pool, 0)
        return self.reserve

    def must_be_served(self, trip: RoundTrip) -> bool:
        """Whether `trip` may not use the fallback."""
        return trip.pool in self.no_fallback_pools or not trip.needs.isdisjoint(
            self.no_fallback_needs
        )


@dataclass(frozen=True, kw_only=True)
class Problem:
    """The whole input of the solver: at least one trip, any number of kinds, and the rules.

    `notes` tell of doubtful readings of the files.
    """

    trips: tuple[RoundTrip, ...]
    kinds: tuple[Kind, ...]
    rules: Rules
    notes: tuple[Saying, ...] = ()

    def __post_init__(self) -> None:
        if not self.trips:
            raise ProblemError(remark(Remark.NO_TRIPS))
        _refuse_repeats("trip_id", (trip.trip_id for trip in self.trips))
        _refuse_repeats("type and pool", (kind.label for kind in self.kinds))
        for kind in self.kinds:
            if max(kind.count_now, kind.min_count, kind.max_count or 0) > self.rules.count_most:
                most = self.rules.count_most
                raise ProblemError(remark(Remark.COUNT_MOST, row=of_kind(kind.label), most=most))
        if self.rules.moves or self.rules.green_keep:
            self._refuse_two_energies()

    @cached_property
    def period_days(self) -> float:
        """The length of the period: that of the rules, or the days from first trip to last."""
        if self.rules.period_days is not None:
            return self.rules.period_days
        days = [local_day(trip.start) for trip in self.trips]
        return (max(days) - min(days)).days + 1

    @property
    def year_factor(self) -> float:
        """The factor by which a sum over the period becomes a sum over a year."""
        return 365 / self.period_days

    def count_max(self, kind: Kind) -> int | None:
        """The most vehicles of `kind` by its bound and the purchase policy; None if no limit."""
        if self.rules.green_only_new and kind.is_fossil:
            now = self.type_count_now(kind.type) if self.rules.moves else kind.count_now
            limits = (now, kind.max_count)
            return min(limit for limit in limits if limit is not None)
        return kind.max_count

    def type_count_now(self, type_: str) -> int:
        """Today's number of vehicles of a type in all pools."""
        return sum(kind.count_now for kind in self.kinds if kind.type == type_)

    def _refuse_two_energies(self) -> None:
        """Refuse a type with two energies: rules that tie pools together count types by energy."""
        energies: dict[str, Energy] = {}
        for kind in self.kinds:
            energy = energies.setdefault(kind.type, kind.energy)
            if energy is not kind.energy:
                raise ProblemError(
                    remark(
                        Remark.TWO_ENERGIES,
                        row=of_kind(kind.label),
                        value=kind.energy.value,
                        other=energy.value,
                    )
                )


def _refuse_senseless(row: tuple[Saying], name: str, value: float) -> None:
    if not math.isfinite(value):
        raise ProblemError(remark(Remark.NO_NUMBER, row=row, name=name, value=str(value)))
    if value < 0:
        raise ProblemError(remark(Remark.NEGATIVE, row=row, name=name, value=value))
    if value > NUMBER_MOST:
        raise ProblemError(
            remark(Remark.NUMBER_MOST, row=row, name=name, value=value, most=NUMBER_MOST)
        )


def _limit_remark(row: tuple[Saying], refusal: LimitRefusal) -> Saying:
    """The remark on a refused limit of the kind in `row`."""
    name, value = refusal.limit.value, refusal.value
    match refusal.fault:
        case LimitFault.NO_NUMBER:
            return remark(Remark.NO_NUMBER, row=row, name=name, value=str(value))
        case LimitFault.NEGATIVE:
            return remark(Remark.NEGATIVE, row=row, name=name, value=value)
        case LimitFault.ZERO:
            return remark(Remark.ZERO_LIMIT, row=row, name=name)
        case LimitFault.ENDS_BEFORE:
            return remark(Remark.WINDOW, row=row, window=value)


def _refuse_repeats(name: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise ProblemError(remark(Remark.TWICE, name=name, value=value))
        seen.add(value)
