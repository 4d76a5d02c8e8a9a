"""Why a vehicle is not green: the first obstacle, with the figures that show it.

The check judges a vehicle by itself, on the trips that it drove; proposals may hand trips to other
vehicles. The range is the planning range, in winter. So a day that is too long for winter is an
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
from optimiser.depot.vehicle_pool import Candidate, DrivenTrip

HOUR = timedelta(hours=1)


class Obstacle(StrEnum):
    """What stands in the way of a green kind, in the order in which the check looks for it.

    Only a plan knows the last two: a green vehicle would do, but somebody decided that this one
    stays, or the fleet is cheaper with it.
    """

    GREEN = "green"
    MACHINE = "machine"
    NEED = "need"
    UNKNOWN = "unknown"
    RANGE = "range"
    CHARGING = "charging"
    CONTRACT = "contract"
    REJECTED = "rejected"
    COST = "cost"


@dataclass(frozen=True, slots=True, kw_only=True)
class GreenCheck:
    """Whether a green kind could do what a vehicle did.

    `obstacle` None: nothing stands in the way of `kind`. NEED: no green kind on offer has
    `missing`. RANGE: the round trip of `day` is `km` long, and `range_km` the longest range on
    offer, that of `kind`. CHARGING: `kind` would run empty on `day`, having had no time to charge.
    CONTRACT: `kind` could when the contract ends. `able` are all kinds that could. `extra_kr_year`
    and `saved_co2_t_year` compare a year with `kind`, the cheapest of them, to one with the vehicle
    as it is, at the same km.
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
    vehicle: Candidate,
    trips: Sequence[DrivenTrip],
    kinds: Mapping[str, KindFigures],
    year_factor: float,
) -> GreenCheck:
    """Whether a green kind on offer could replace `vehicle`, which drove `trips`.

    `year_factor` is what turns the period's km into a year's.
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
        gaps = [needs - kind.offers for kind in green] or [needs]
        nearest = min(gaps, key=lambda gap: (len(gap), sorted(gap)))
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
    empty = {kind.kind: runs_empty(kind, trips) for kind in reaching}
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


def runs_empty(kind: KindFigures, trips: Iterable[DrivenTrip]) -> datetime | None:
    """When a vehicle of `kind` that drives `trips` alone would first run empty; None: never.

    It begins full and charges whenever it is at its depot.
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
