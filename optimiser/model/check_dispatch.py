"""Hands out vehicles to trips as they begin, for the checker of `WORKSHOP.json`.

Like `check`, this module shares no code with the solver. Each trip gets a vehicle when it begins:
of those that are free and can drive it, of the kind that offers fewest capabilities, then of that
with the cheapest km, then of that which stands first in the fleet file, and of these the one that
went out first. No later trip is known.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import inf
from typing import Any

from optimiser.model.check_duty import ZONE, Cells, is_inside, limit, number, words

#: The km that the rounding of sums explains. It is finer than that of a given duty, as which trip
#: a vehicle gets here decides which others it can drive.
_KM_NOISE = 1e-9

#: Counts by label; inf stands for as many as are of any use.
Counts = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class DispatchedTrip:
    """A trip at some times; `driver` is the vehicle that drove it."""

    id: str
    driver: str
    start: datetime
    end: datetime
    km: float
    needs: frozenset[str]

    @property
    def day(self) -> date:
        return self.start.astimezone(ZONE).date()


class DispatchedKind:
    """Kinds that serve alike at the same cost of a km, which are one here, of the fleet file."""

    def __init__(self, label: str, row: Cells, rules: Mapping[str, Any]) -> None:
        self.label = label
        self.is_motor = row["energy"] != "bicycle"
        self.offers = words(row.get("offers", ""))
        self.kr_km = number(row["kr_km"]) + rules["co2_kr_t"] * number(row["co2_g_km"]) / 1_000_000
        self.range_km, self.day_km = limit(row, "range_km"), limit(row, "max_day_km")
        self.trip_km = min(self.range_km, self.day_km, limit(row, "max_trip_km"))
        self.charge_km_h = number(row.get("charge_km_h", "").strip() or "0")
        self.window = row.get("window", "").strip()

    def may_drive(self, trip: DispatchedTrip) -> bool:
        """Whether a vehicle with a full battery may drive a trip, if it drives no other."""
        return (
            trip.needs <= self.offers
            and trip.km <= self.trip_km
            and (not self.window or is_inside(trip.start, trip.end, self.window))
        )


@dataclass(slots=True)
class _Vehicle:
    """A vehicle as it stands: when it may leave again and since when it stands, how many km are
    missing from its full battery, and what it has driven on its latest day."""

    free_from: datetime | None = None
    stands_since: datetime | None = None
    missing_km: float = 0.0
    day: date | None = None
    day_km: float = 0.0

    def drives(self, trip: DispatchedTrip, kind: DispatchedKind, pause: timedelta) -> bool:
        """Whether it can drive a trip now, which it then does."""
        if self.free_from is not None and self.free_from > trip.start:
            return False
        missing_km, day_km, day = 0.0, 0.0, None
        if kind.range_km < inf:
            hours = 0.0
            if self.stands_since is not None:
                hours = (trip.start - self.stands_since) / timedelta(hours=1)
            missing_km = max(0.0, self.missing_km - kind.charge_km_h * hours) + trip.km
            if missing_km > kind.range_km + _KM_NOISE:
                return False
        if kind.day_km < inf:
            day = trip.day
            day_km = trip.km + (self.day_km if self.day == day else 0.0)
            if day_km > kind.day_km + _KM_NOISE:
                return False
        self.free_from, self.stands_since = trip.end + pause, trip.end
        self.missing_km, self.day, self.day_km = missing_km, day, day_km
        return True


class Dispatcher:
    """Hands out vehicles to the trips of a pool as they begin, for any fleet of its kinds."""

    def __init__(
        self, kinds: Sequence[DispatchedKind], trips: Iterable[DispatchedTrip], pause: timedelta
    ) -> None:
        in_order = sorted(kinds, key=lambda kind: (len(kind.offers), kind.kr_km))
        ordered = sorted(trips, key=lambda trip: (trip.start, trip.end, trip.id))
        self._trips = [(trip, [k for k in in_order if k.may_drive(trip)]) for trip in ordered]
        self._pause = pause

    def lacking(self, counts: Counts) -> int:
        """The number of trips that get no vehicle."""
        fleet: dict[str, list[_Vehicle]] = {label: [] for label in counts}
        lacking = 0
        for trip, able in self._trips:
            lacking += not any(
                self._leaves(fleet[kind.label], counts[kind.label], trip, kind)
                for kind in able
                if counts.get(kind.label)
            )
        return lacking

    def _leaves(
        self, vehicles: list[_Vehicle], count: float, trip: DispatchedTrip, kind: DispatchedKind
    ) -> bool:
        """Whether one of a kind drives a trip; `vehicles` are those that have driven before."""
        if any(vehicle.drives(trip, kind, self._pause) for vehicle in vehicles):
            return True
        if len(vehicles) >= count:
            return False
        vehicles.append(fresh := _Vehicle())
        return fresh.drives(trip, kind, self._pause)
