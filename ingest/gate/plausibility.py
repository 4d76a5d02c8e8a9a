"""Decides whether a position is plausible; an implausible one is quarantined with its reason."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan

from fleet.moments import NO_MOMENT
from fleet.position import POSITION_FIELDS, REQUIRED_FIELDS, SENSOR_BOUNDS, Position
from fleet.saying import Saying
from ingest.gate.detail import RefusalDetail
from ingest.gate.refusal import Reason
from ingest.protocols.message import Extremes
from ingest.protocols.position_columns import PositionColumns

_SOUTH, _NORTH = SENSOR_BOUNDS["lat"]
_WEST, _EAST = SENSOR_BOUNDS["lon"]

_SPEED = POSITION_FIELDS.index("speed_kmh")
#: The bounds of each optional field, by its place among all fields.
_OPTIONAL = {
    POSITION_FIELDS.index(name): bounds
    for name, bounds in SENSOR_BOUNDS.items()
    if name not in REQUIRED_FIELDS
}


@dataclass(frozen=True, slots=True)
class PlausibleLimits:
    """The limits of moment and speed within which a position is plausible."""

    earliest: datetime
    future_max: timedelta
    speed_max_kmh: float


def implausible(
    position: Position, limits: PlausibleLimits, now: datetime
) -> tuple[Reason, Saying] | None:
    """The reason why a position cannot be true, apart from its optional values, with its detail;
    None: it can be true.

    NaN, for which no comparison holds, is refused with the rest.
    """
    ts = position.ts
    if ts == NO_MOMENT:
        return Reason.CLOCK, Saying(RefusalDetail.NO_MOMENT)
    if ts < limits.earliest:
        return Reason.CLOCK, Saying(
            RefusalDetail.TOO_EARLY,
            {"ts": ts.isoformat(), "earliest": limits.earliest.isoformat()},
        )
    if ts > now + limits.future_max:
        return Reason.CLOCK, Saying(RefusalDetail.FUTURE, {"ts": ts.isoformat()})
    if position.satellites == 0:
        return None  # without a fix: its place is not believed, whatever it is
    lat, lon = position.lat, position.lon
    if isnan(lat) or isnan(lon):
        return Reason.COORDINATES, Saying(RefusalDetail.NO_PLACE)
    if not (_SOUTH <= lat <= _NORTH and _WEST <= lon <= _EAST):
        return Reason.COORDINATES, Saying(RefusalDetail.COORDINATES, {"lat": lat, "lon": lon})
    if lat == 0 and lon == 0:
        return Reason.ZERO_ISLAND, Saying(RefusalDetail.ZERO_ISLAND)
    return None


def is_place(lat: float, lon: float) -> bool:
    """Whether a latitude and a longitude are a place on earth; 0, 0 is not, for trackers send it
    that know no place."""
    on_earth = _SOUTH <= lat <= _NORTH and _WEST <= lon <= _EAST
    return on_earth and not (lat == 0 and lon == 0)


def without_impossible(
    positions: PositionColumns, limits: PlausibleLimits
) -> tuple[PositionColumns, Counter[str]]:
    """Leave out the optional values that no sensor can report. NaN is left out with them, for no
    comparison holds for it.

    Returns:
        The positions, and how many values were left out of each field.
    """
    fields = [*positions.fields]
    dropped: Counter[str] = Counter()
    for at, (low, high) in _OPTIONAL.items():
        if at == _SPEED:
            high = limits.speed_max_kmh
        column = fields[at]
        kept = [None if one is None or not low <= one <= high else one for one in column]
        count = kept.count(None) - column.count(None)
        if count:
            fields[at] = kept
            dropped[POSITION_FIELDS[at]] = count
    return (PositionColumns(fields) if dropped else positions), dropped


def all_plausible(known: Extremes | None, limits: PlausibleLimits, now: datetime) -> bool:
    """Whether all positions are plausible by their extremes. Where those are not known, the caller
    looks at each position."""
    return (
        known is not None
        and known.first >= limits.earliest
        and known.last <= now + limits.future_max
        and known.fastest_kmh <= limits.speed_max_kmh
    )
