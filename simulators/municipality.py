"""The pilot's municipality as `data/pilot.toml` states it: town, kinds, depots and their work."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time
from importlib.resources import files
from typing import Literal

from pydantic import ConfigDict, TypeAdapter

from fleet.localtime import LOCAL_ZONE
from simulators.kind import PilotFigures, PilotKind, PilotKindRow

#: Latitude and longitude, degrees WGS 84.
LatLon = tuple[float, float]
LowHigh = tuple[float, float]

#: The fewest vehicles of a pilot: one of each row of a fleet in `data/pilot.toml`.
VEHICLES_MIN = 22

EVERY_MONTH = (1.0,) * 12
EVERY_WEEKDAY = (1.0,) * 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Arterial:
    """A main road: its approximate course and the speed on it."""

    name: str
    kmh: float
    course: tuple[LatLon, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """The area in which streets may be, and the properties of the streets."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    source: str
    outline: tuple[LatLon, ...]
    without_streets: tuple[tuple[LatLon, ...], ...]
    seed: int
    block_m: float
    jitter_m: float
    street_max_m: float
    dropped_share: float
    street_kmh: LowHigh
    arterial: tuple[Arterial, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Driving:
    """Parameters of the vehicles' motion and of the time between their round trips."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    source: str
    accel_m_s2: float
    corner_share_min: float
    signal_share: float
    signal_wait_s: LowHigh
    pace_sigma: float
    field_kmh: float
    turnaround_min: float
    level_min_pct: float
    refuel_below_pct: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Parameters of how the amount of work and the use of the vehicles vary, and of leases."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    source: str
    week_sigma: float
    day_sigma: float
    popularity_sigma: float
    reserve_use_share: float
    leased_share: float
    lease_months: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """Parameters of when the trackers send positions and of their errors."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    source: str
    cadence_s: int
    heartbeat_s: int
    noise_m: float
    noise_correlation_s: float
    outlier_share: float
    outlier_m: LowHigh
    silence: LowHigh


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRow:
    """Vehicles of one kind at one depot, counted at the pilot's own size.

    They belong to the depot's own department unless `department` names another.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: str
    count: int
    department: str = ""
    silent: bool = False
    reserve: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Round trips that a depot makes regularly; the data file explains the fields."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    days: Literal["working", "off"]
    start: tuple[time, time]
    a_day: float
    stops: tuple[int, int]
    stay_min: LowHigh
    field_min: LowHigh | None = None
    needs: frozenset[str] = frozenset()
    department: str = ""
    speed_max_kmh: float = 70.0
    months: tuple[float, ...] = EVERY_MONTH

    def window(self, day: date) -> tuple[float, float]:
        """Earliest and latest departure on `day`, epoch seconds."""
        first, last = (
            datetime.combine(day, at, tzinfo=LOCAL_ZONE).timestamp() for at in self.start
        )
        return first, last


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotDepotRow:
    """A depot with its vehicles, its addresses and its work."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    name: str
    short: str
    department: str
    lat: float
    lon: float
    radius_m: float
    addresses: int
    reach_km: float
    drivers_share: float
    fleet: tuple[FleetRow, ...]
    work: tuple[Work, ...]
    weekdays: tuple[float, ...] = EVERY_WEEKDAY

    def department_of(self, row: FleetRow | Work) -> str:
        """The department whose vehicles or work a row is about."""
        return row.department or self.department

    @property
    def departments(self) -> list[str]:
        """The departments that have vehicles at the depot, in the order of the file."""
        return list(dict.fromkeys(self.department_of(row) for row in self.fleet))


@dataclass(frozen=True, slots=True, kw_only=True)
class Municipality:
    """All data from which the pilot is generated."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    figures: PilotFigures
    town: Town
    driving: Driving
    demand: Demand
    tracking: Tracking
    kind: tuple[PilotKindRow, ...]
    depot: tuple[PilotDepotRow, ...]

    def kinds(self) -> dict[str, PilotKind]:
        """Every kind by its type."""
        return {row.type: PilotKind.derive(row, self.figures) for row in self.kind}

    def catalogue(self) -> tuple[PilotKind, ...]:
        """The kinds that can be bought."""
        return tuple(PilotKind.derive(row, self.figures) for row in self.kind if row.on_market)


def load_municipality() -> Municipality:
    """The municipality in `data/pilot.toml`.

    Raises:
        pydantic.ValidationError: the file lacks a field, has an unknown one or a wrong value.
    """
    text = (files("simulators") / "data" / "pilot.toml").read_text(encoding="utf-8")
    return TypeAdapter(Municipality).validate_python(tomllib.loads(text))
