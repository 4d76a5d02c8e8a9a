"""The parameters of trip detection for each class of vehicle: what counts as a stop and as a
trip."""

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class TripParameters:
    """The parameters that decide what counts as a stop and as a trip. The defaults suit cars and
    vans.

    Attributes:
        stop_s: a stop of this many seconds ends a trip.
        stop_radius_m: a standing vehicle's fixes lie within a box of this diagonal.
        trip_min_m: the least extent of a trip; less is a parked tracker's drift.
        silence_speed_ms: a vehicle that was silent for `stop_s` or more and comes back this fast or
            faster, measured as the crow flies, was driving through; slower, it had stopped.
        speed_max_ms: fixes that are further apart than this speed allows are an error of the
            receiver.
        standing_speed_ms: below this reported speed a vehicle stands: receivers report up to
            walking pace when parked.
        drift_radius_m: as `stop_radius_m`, where the tracker itself says that the vehicle stands
            (by speed, ignition or movement): a poor receiver drifts that far.
        gap_s: a silence longer than this, within a trip or beside its ends, is noted in the trip's
            quality.
    """

    stop_s: float = 300.0
    stop_radius_m: float = 80.0
    trip_min_m: float = 150.0
    silence_speed_ms: float = 3.0
    speed_max_ms: float = 70.0
    standing_speed_ms: float = 1.5
    drift_radius_m: float = 250.0
    gap_s: float = 120.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")


@cache
def parameters_by_class() -> dict[str, TripParameters]:
    """The parameters of every vehicle class in `vehicle_classes.toml`, which gives the reasons."""
    text = files("trips.detect").joinpath("vehicle_classes.toml").read_text(encoding="utf-8")
    classes: dict[str, dict[str, Any]] = tomllib.loads(text)
    return {
        name: replace(
            TripParameters(), **{key: value for key, value in row.items() if key != "because"}
        )
        for name, row in classes.items()
    }
