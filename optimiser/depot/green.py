"""The check whether a green kind could replace a vehicle: the first obstacle, with its figures.

The check judges a vehicle by itself, on the trips that it drove; proposals may give trips to other
vehicles. The range is the planning range in winter. So a day that is too long for winter is an
obstacle, whatever the season was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from costs.kind_figures import KindFigures
from fleet.localtime import local_day
from fleet.vehicle import GREEN_ENERGIES, Energy
from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import DrivenTrip, PoolVehicle

HOUR = timedelta(hours=1)


class Obstacle(StrEnum):
    """The obstacles to a green kind, in the order in which the check looks for them.

    Only a plan knows the last four: a green vehicle would do, but somebody decided that this one
    stays, trips of the fleet would have no vehicle, the fleet is cheaper with it, or it is dearer
    with it by less than a proposal has to save.
    """

    GREEN = "green"
    MACHINE = "machine"
    NEED = "need"
    UNKNOWN = "unknown"
    RANGE = "range"
    CHARGING = "charging"
    CONTRACT = "contract"
    REJECTED = "rejected"
    FLEET = "fleet"
    COST = "cost"
    SMALL = "small"


@dataclass(frozen=True, slots=True, kw_only=True)
class GreenCheck:
    """The result of the check: the obstacle to a green kind, with its figures.

    - None: `kind`, the cheapest one, could replace the vehicle.
    - NEED: no green kind on offer has the capabilities `missing`; none `missing`: no green motor
      vehicle is on offer.
    - RANGE: the round trip of `day` is `km` long, and the longest range on offer is `range_km`,
    that
      of `kind`.
    - CHARGING: `kind` would run empty on `day`, as it has no time to charge.
    - CONTRACT: `kind` could replace the vehicle when its contract ends.

    `able` are all kinds that could. `extra_kr_year` and `saved_co2_t_year` compare a year with
    `kind` to a year with the vehicle, at the same km.
    """

    obstacle: Obstacle | None
    kind: str | None = None
    able: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    day: date | None = None
    km: float | None = None
    range_km: float | None = None
    extra_kr_year: float | None = None
    saved_co2_t_year: float | None = None


def green_check(
    vehicle: PoolVehicle,
    trips: Sequence[DrivenTrip],
    kinds: Mapping[str, KindFigures],
    year_factor: float,
) -> GreenCheck:
    """Check whether a green kind on offer could replace `vehicle`, which drove `trips`.

    `year_factor` is the factor from the km of the period to those of a year.
    """
    own = kinds[vehicle.kind]
    if own.energy in GREEN_ENERGIES:
        return GreenCheck(obstacle=Obstacle.GREEN)
    if vehicle.fate is Fate.MACHINE:
        return GreenCheck(obstacle=Obstacle.MACHINE)
    needs = own.offers if vehicle.needs is None else vehicle.needs
    green = [
        kind
        for kind in kinds.values()
        if kind.offered and kind.energy in GREEN_ENERGIES and kind.energy is not Energy.BICYCLE
    ]
    fitting = [kind for kind in green if needs <= kind.offers]
    if not fitting:
        gaps = [needs - kind.offers for kind in green]
        nearest = min(gaps, key=lambda gap: (len(gap), sorted(gap)), default=frozenset[str]())
        return GreenCheck(obstacle=Obstacle.NEED, missing=tuple(sorted(nearest)))
    if vehicle.fate is Fate.UNKNOWN:
        return GreenCheck(obstacle=Obstacle.UNKNOWN)
    longest = max(trips, key=lambda trip: trip.km, default=None)
    reaching = [k for k in fitting if longest is None or _range(k) >= longest.km]
    if longest is not None and not reaching:
        best = max(fitting, key=_range)
        return GreenCheck(
            obstacle=Obstacle.RANGE,
            kind=best.name,
            day=local_day(longest.start),
            km=longest.km,
            range_km=best.range_km,
        )
    empty = {kind.kind: first_empty_at(kind, trips) for kind in reaching}
    able = [kind for kind in reaching if empty[kind.kind] is None]
    if not able:
        best = max(reaching, key=lambda kind: (empty[kind.kind], kind.range_km or 0))
        moment = empty[best.kind]
        assert moment is not None
        return GreenCheck(obstacle=Obstacle.CHARGING, kind=best.name, day=local_day(moment))
    km_year = sum(trip.km for trip in trips) * year_factor
    cheapest = min(able, key=lambda kind: (_kr_year(kind, km_year), kind.kind))
    return GreenCheck(
        obstacle=Obstacle.CONTRACT if vehicle.fate is Fate.CONTRACT else None,
        kind=cheapest.name,
        able=tuple(kind.kind for kind in able),
        range_km=cheapest.range_km,
        extra_kr_year=_kr_year(cheapest, km_year) - _kr_year(own, km_year),
        saved_co2_t_year=(own.co2_g_km - cheapest.co2_g_km) * km_year / 1e6,
    )


def first_empty_at(kind: KindFigures, trips: Iterable[DrivenTrip]) -> datetime | None:
    """The start of the trip on which a vehicle of `kind` first runs empty; None if it never does.

    The vehicle drives all `trips`, begins full, and charges whenever it is at its depot.
    """
    if kind.range_km is None:
        return None
    level, home = kind.range_km, None
    for trip in sorted(trips, key=lambda trip: trip.start):
        if home is not None:
            hours = max(0.0, (trip.start - home) / HOUR)
            level = min(kind.range_km, level + hours * (kind.charge_km_h or 0.0))
        level -= trip.km
        if level < 0:
            return trip.start
        home = trip.end if home is None else max(home, trip.end)
    return None


def _range(kind: KindFigures) -> float:
    return float("inf") if kind.range_km is None else kind.range_km


def _kr_year(kind: KindFigures, km_year: float) -> float:
    return kind.fixed_kr_year + kind.kr_km * km_year
