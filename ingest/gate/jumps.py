"""Finds fixes that imply an impossible speed: they are refused, and real driving never is.

Each fix is compared with the last one of its device that was believed. The rule, in full:

- A fix that is not later than the last believed one is not judged: it came late or is a repeat.
- A fix that a vehicle could have reached at `speed_between_max_kmh`, or that lies within the noise
  of the receiver, is believed.
- Any other fix is held back. When `confirmations` fixes that were held back, one after the other,
  agree with each other, the vehicle is there: it was on a trailer or a ferry, the tracker sits in
  another vehicle now, or the fix believed before was the wrong one.

A fix that was held back is also refused when it is sent again. Each of several listeners knows only
the fixes that it was sent itself; an older last fix leaves more time, so it only makes the
judgement milder.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import cos, hypot, radians

from fleet.position import CLOCK_ROUNDING_S
from ingest.protocols.position_columns import Fix

#: Metres in a degree of latitude.
DEGREE_M = 111_195.0


#: Moments of refused fixes that are remembered for each device.
REMEMBERED = 16


@dataclass(frozen=True, slots=True)
class JumpLimits:
    """The limits of what can have been driven; the settings of the same names explain each."""

    speed_between_max_kmh: float
    noise_m: float
    confirmations: int


@dataclass(slots=True)
class BelievedFixes:
    """The fixes of one device: the `last` believed one, and those held back since. `refused` are
    the moments of the last ones that were refused."""

    last: Fix | None = None
    held: Fix | None = None
    agreeing: int = 0
    refused: list[datetime] = field(default_factory=list[datetime])


def find_jumps(
    believed: Mapping[str, BelievedFixes],
    devices: Sequence[str],
    fixes: Sequence[Fix],
    limits: JumpLimits,
) -> dict[int, tuple[float, float]]:
    """Find the fixes that are refused.

    The fixes of a device are judged in the order given, and `believed` is moved on with them. A fix
    that later ones confirm is not refused.

    Returns:
        Metres and seconds from the last believed fix, by the index of each refused one.
    """
    found: dict[int, tuple[float, float]] = {}
    held: defaultdict[str, list[int]] = defaultdict(list)
    near = limits.noise_m / DEGREE_M
    for index, (device, fix) in enumerate(zip(devices, fixes, strict=True)):
        known = believed[device]
        last = known.last
        if last is None:
            known.last = fix
            continue
        ts, lat, lon = fix
        last_ts, last_lat, last_lon = last
        if ts <= last_ts:
            if known.refused and ts in known.refused:
                found[index] = _apart(last, fix)
            continue
        # A degree of longitude is never longer than one of latitude.
        is_near = abs(lat - last_lat) + abs(lon - last_lon) <= near
        if is_near or _reachable(last, fix, limits):
            known.last = fix
            if known.held is not None:
                known.held, known.agreeing = None, 0
                held.pop(device, None)
            continue
        if known.held is None or not _reachable(known.held, fix, limits):
            known.agreeing = 0
            held.pop(device, None)
        if known.held is None or ts > known.held[0]:
            known.agreeing += 1
            known.held = fix
        if known.agreeing >= limits.confirmations:
            for confirmed in held.pop(device, ()):
                del found[confirmed]
                known.refused.remove(fixes[confirmed][0])
            known.last, known.held, known.agreeing = known.held, None, 0
            continue
        found[index] = _apart(last, fix)
        if ts not in known.refused:
            held[device].append(index)
            known.refused = [*known.refused[1 - REMEMBERED :], ts]
    return found


def _reachable(last: Fix, fix: Fix, limits: JumpLimits) -> bool:
    metres, seconds = _apart(last, fix)
    drivable_m = (abs(seconds) + CLOCK_ROUNDING_S) * limits.speed_between_max_kmh / 3.6
    return metres <= limits.noise_m + drivable_m


def _apart(last: Fix, fix: Fix) -> tuple[float, float]:
    """Metres and seconds between two fixes; the metres to about 1 % below 1,000 km."""
    last_ts, last_lat, last_lon = last
    ts, lat, lon = fix
    dlon = abs(lon - last_lon)
    east = min(dlon, 360 - dlon) * cos(radians((lat + last_lat) / 2))
    metres = DEGREE_M * hypot(lat - last_lat, east)
    return metres, (ts - last_ts).total_seconds()
