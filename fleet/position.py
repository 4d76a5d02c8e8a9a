"""A position of one device at one moment, as every protocol delivers it, and the bounds of its
values."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec


class Position(msgspec.Struct, frozen=True, gc=False):
    """A position of one device. `ts` is timezone-aware; coordinates are degrees, WGS 84.

    Optional values are None when the tracker did not send them. The unit is in the name:
    `_kmh`, `_deg`, `_m`, `_km`, `_h` (hours), `_pct` (0 to 100), `_v` (volt). `attrs` is the text
    of a JSON object in UTF-8.
    """

    device: str
    ts: datetime
    lat: float
    lon: float
    speed_kmh: float | None = None
    heading_deg: float | None = None
    altitude_m: float | None = None
    accuracy_m: float | None = None
    satellites: int | None = None
    ignition: bool | None = None
    odometer_km: float | None = None
    engine_hours_h: float | None = None
    fuel_pct: float | None = None
    soc_pct: float | None = None
    charging: bool | None = None
    battery_v: float | None = None
    attrs: bytes | None = None


#: Columns of a position in the order of the `position` table, without `received_at`.
POSITION_FIELDS: tuple[str, ...] = Position.__struct_fields__

#: The fields that a log of positions must have; all others are optional.
REQUIRED_FIELDS: tuple[str, ...] = ("device", "ts", "lat", "lon")

#: The least and the greatest value that a sensor can report and that the columns of `position`
#: hold. The bounds are the same for every protocol. An optional value beyond them is left out. The
#: speed above which a position is implausible is a setting.
SENSOR_BOUNDS: Mapping[str, tuple[float, float]] = {
    "lat": (-90, 90),
    "lon": (-180, 180),
    "speed_kmh": (0, 1e6),
    "heading_deg": (0, 360),
    "altitude_m": (-1_000, 20_000),
    "accuracy_m": (0, 1e6),
    "satellites": (0, 200),
    # A counter of 4 bytes in metres with all bits set says more, and means that there is no value.
    "odometer_km": (0, 4e6),
    "engine_hours_h": (0, 1e6),
    "fuel_pct": (0, 100),
    "soc_pct": (0, 100),
    "battery_v": (0, 1_500),
}

#: The default of the setting above which a reported speed is implausible.
SPEED_MAX_KMH = 250.0

#: Seconds that may be missing between two fixes, because trackers round their clock to the second.
CLOCK_ROUNDING_S = 1.0


class SpeedUnit(StrEnum):
    """The unit that a tracker is set up to send its speed in."""

    KNOTS = "knots"
    M_S = "m/s"
    KM_H = "km/h"
