"""The positions that a tracker sends: while driving, at ignition on and off, and while parked."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from fleet.arrays import Bools, Floats, Ints
from simulators.dispatch import SimulatedVehicle, Timetable
from simulators.kind import SECONDS_PER_HOUR, PilotKind
from simulators.motion import Motion
from simulators.municipality import Tracking
from simulators.streets import LocalPlane

#: Columns of the positions, a subset of `fleet.position.POSITION_FIELDS` with the same units.
SCHEMA = pa.schema(
    [
        ("device", pa.string()),
        ("ts", pa.timestamp("us", tz="UTC")),
        ("lat", pa.float64()),
        ("lon", pa.float64()),
        ("speed_kmh", pa.float64()),
        ("heading_deg", pa.float64()),
        ("satellites", pa.int16()),
        ("ignition", pa.bool_()),
        ("odometer_km", pa.float64()),
        ("engine_hours_h", pa.float64()),
        ("fuel_pct", pa.float64()),
        ("soc_pct", pa.float64()),
        ("charging", pa.bool_()),
        ("battery_v", pa.float64()),
    ]
)

MICROSECONDS = 1_000_000

# Readings of counters and meters that do not depend on the work.
ODOMETER_FIRST_KM = (8_000.0, 120_000.0)
ENGINE_FIRST_H = (200.0, 3_000.0)
SATELLITES = (8, 15)
SATELLITES_OUTLIER = (3, 5)
BATTERY_RUNNING_V = 14.1
BATTERY_PARKED_V = 12.6
BATTERY_SIGMA_V = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class _Legs:
    """The legs of one vehicle in order.

    `km_before`, `seconds_before` and `level_before` are the readings when each leg starts.
    """

    leg: Ints
    start: Ints
    seconds: Ints
    km: Floats
    use_km: Floats
    km_before: Floats
    seconds_before: Ints
    level_before: Floats
    returns: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class _TrueStates:
    """The true states of one vehicle at some moments, as equally long arrays.

    `level` is in litres or kWh; `km` and `engine_s` count from the start of the period.
    """

    ts: Ints
    xy: Floats
    kmh: Floats
    heading_deg: Floats
    ignition: Bools
    km: Floats
    engine_s: Ints
    level: Floats
    charging: Bools


def tracker_positions(
    driven: SimulatedVehicle,
    home: Floats,
    plane: LocalPlane,
    motion: Motion,
    timetable: Timetable,
    tracking: Tracking,
    period: tuple[int, int],
    rng: np.random.Generator,
) -> pa.Table:
    """The positions, in the columns `SCHEMA`, that the tracker of a vehicle sends in `period`.

    They are in the order of time. `home` is x and y of the vehicle's depot in metres. `period` is
    in epoch seconds, its end excluded.
    """
    legs = _legs_of(driven, motion, timetable)
    driving = _driving(legs, motion, tracking.cadence_s)
    first_beat = period[0] + int(rng.integers(tracking.heartbeat_s))
    parked = _parked(driven, legs, home, motion, (first_beat, period[1]), tracking.heartbeat_s)
    return _measured(_merged(driving, parked), driven, plane, tracking, rng)


def _legs_of(driven: SimulatedVehicle, motion: Motion, timetable: Timetable) -> _Legs:
    rides = np.array([ride.errand for ride in driven.rides], dtype=np.int64)
    first = timetable.first_leg[rides]
    count = timetable.first_leg[rides + 1] - first
    ride, step = _repeated(count)
    leg = first[ride] + step
    km, seconds = motion.km[leg], motion.seconds[leg]
    km_before = np.cumsum(km) - km
    km_in_ride = km_before - km_before[np.arange(len(leg)) - step]
    use_km = np.array([r.use_km for r in driven.rides], dtype=np.float64)[ride]
    level = np.array([r.level for r in driven.rides], dtype=np.float64)[ride]
    return _Legs(
        leg=leg,
        start=timetable.leg_start[leg],
        seconds=seconds,
        km=km,
        use_km=use_km,
        km_before=km_before,
        seconds_before=np.cumsum(seconds) - seconds,
        level_before=level - use_km * km_in_ride,
        returns=step + 1 == count[ride],
    )


def _driving(legs: _Legs, motion: Motion, cadence_s: int) -> _TrueStates:
    """The states at ignition on, every `cadence_s` after it, and at ignition off.

    At ignition off at the depot the driver plugs an electric vehicle in.
    """
    i, beat = _repeated(-(-legs.seconds // cadence_s) + 1)
    seconds = np.minimum(beat * cadence_s, legs.seconds[i])
    moments = motion.at(legs.leg[i], seconds)
    return _TrueStates(
        ts=legs.start[i] + seconds,
        xy=moments.xy,
        kmh=moments.kmh,
        heading_deg=moments.heading_deg,
        ignition=seconds < legs.seconds[i],
        km=legs.km_before[i] + moments.km,
        engine_s=legs.seconds_before[i] + seconds,
        level=legs.level_before[i] - legs.use_km[i] * moments.km,
        charging=(seconds == legs.seconds[i]) & legs.returns[i],
    )


def _parked(
    driven: SimulatedVehicle,
    legs: _Legs,
    home: Floats,
    motion: Motion,
    period: tuple[int, int],
    heartbeat_s: int,
) -> _TrueStates:
    """The states every `heartbeat_s` before the first leg, and after each leg until the next."""
    kind = driven.enrolled.kind
    arrived = motion.at(legs.leg, legs.seconds)
    since = np.concatenate([[period[0] - heartbeat_s], legs.start + legs.seconds])
    until = np.concatenate([legs.start, [period[1]]])
    i, beat = _repeated(np.maximum((until - since - 1) // heartbeat_s, 0))
    parked_s = (beat + 1) * heartbeat_s
    level = np.concatenate([[driven.first_level], legs.level_before - legs.use_km * legs.km])[i]
    charging = np.zeros(len(i), dtype=np.bool_)
    if kind.charge_kw is not None:
        at_home = np.concatenate([[True], legs.returns])[i]
        charged = np.minimum(level + kind.charge_kw * parked_s / SECONDS_PER_HOUR, kind.store)
        level = np.where(at_home, charged, level)
        charging = at_home & (level < kind.store)
    return _TrueStates(
        ts=since[i] + parked_s,
        xy=np.concatenate([home[None], arrived.xy])[i],
        kmh=np.zeros(len(i)),
        heading_deg=np.concatenate([[0.0], arrived.heading_deg])[i],
        ignition=np.zeros(len(i), dtype=np.bool_),
        km=np.concatenate([[0.0], legs.km_before + legs.km])[i],
        engine_s=np.concatenate([[0], legs.seconds_before + legs.seconds])[i],
        level=level,
        charging=charging,
    )


def _merged(a: _TrueStates, b: _TrueStates) -> _TrueStates:
    order = np.argsort(np.concatenate([a.ts, b.ts]), kind="stable")
    return _TrueStates(
        ts=np.concatenate([a.ts, b.ts])[order],
        xy=np.concatenate([a.xy, b.xy])[order],
        kmh=np.concatenate([a.kmh, b.kmh])[order],
        heading_deg=np.concatenate([a.heading_deg, b.heading_deg])[order],
        ignition=np.concatenate([a.ignition, b.ignition])[order],
        km=np.concatenate([a.km, b.km])[order],
        engine_s=np.concatenate([a.engine_s, b.engine_s])[order],
        level=np.concatenate([a.level, b.level])[order],
        charging=np.concatenate([a.charging, b.charging])[order],
    )


def _measured(
    log: _TrueStates,
    driven: SimulatedVehicle,
    plane: LocalPlane,
    tracking: Tracking,
    rng: np.random.Generator,
) -> pa.Table:
    """The positions that the tracker measures: with noise, outliers and rounded values."""
    kind: PilotKind = driven.enrolled.kind
    electric, by_hours = kind.charge_kw is not None, kind.unit == "hours"
    rows = len(log.ts)
    stray = rng.random(rows) < tracking.outlier_share
    xy = log.xy + _noise(log.ts, tracking, rng)
    xy[stray] += _strays(int(stray.sum()), tracking, rng)
    degrees = plane.to_degrees(xy).round(6)
    satellites = np.where(
        stray, rng.integers(*SATELLITES_OUTLIER, rows), rng.integers(*SATELLITES, rows)
    )
    odometer = rng.uniform(*ODOMETER_FIRST_KM) + log.km
    engine = rng.uniform(*ENGINE_FIRST_H) + log.engine_s / SECONDS_PER_HOUR
    battery = np.where(log.ignition | log.charging, BATTERY_RUNNING_V, BATTERY_PARKED_V)
    level_pct = (100 * log.level / kind.store).round(1)
    unknown = pa.nulls(rows)
    columns = {
        "device": [driven.enrolled.entry.device] * rows,
        "ts": log.ts * MICROSECONDS,
        "lat": degrees[:, 0],
        "lon": degrees[:, 1],
        "speed_kmh": log.kmh.round(1),
        "heading_deg": log.heading_deg.round(0) % 360,
        "satellites": satellites,
        "ignition": log.ignition,
        "odometer_km": odometer.round(3),
        "engine_hours_h": engine.round(3) if by_hours else unknown,
        "fuel_pct": unknown if electric else level_pct,
        "soc_pct": level_pct if electric else unknown,
        "charging": log.charging if electric else unknown,
        "battery_v": (battery + rng.normal(0.0, BATTERY_SIGMA_V, rows)).round(2),
    }
    return pa.Table.from_pydict(columns, schema=SCHEMA)


def _noise(ts: Ints, tracking: Tracking, rng: np.random.Generator) -> Floats:
    """Errors of position in metres, correlated over `noise_correlation_s` (Ornstein-Uhlenbeck)."""
    gap_s = np.diff(ts, prepend=-np.inf)
    kept = np.exp(-gap_s / tracking.noise_correlation_s)
    fresh = tracking.noise_m * np.sqrt(1 - kept**2)[:, None] * rng.normal(size=(len(ts), 2))
    x = y = 0.0
    noise: list[tuple[float, float]] = []
    for keep, (dx, dy) in zip(kept.tolist(), fresh.tolist(), strict=True):
        x, y = keep * x + dx, keep * y + dy
        noise.append((x, y))
    return np.array(noise).reshape(-1, 2)


def _strays(count: int, tracking: Tracking, rng: np.random.Generator) -> Floats:
    """Offsets of outliers in metres, (count, 2)."""
    far = rng.uniform(*tracking.outlier_m, count)
    angle = rng.uniform(0.0, 2 * np.pi, count)
    return np.column_stack((far * np.cos(angle), far * np.sin(angle)))


def _repeated(counts: Ints) -> tuple[Ints, Ints]:
    """Each index i of `counts`, repeated `counts[i]` times.

    Returns:
        The repeated indices, and the number of each repetition, from 0.
    """
    index = np.repeat(np.arange(len(counts)), counts)
    ends = np.cumsum(counts)
    return index, np.arange(len(index)) - np.repeat(ends - counts, counts)
