"""Impossible speed between fixes: what cannot have been driven is refused, real driving never is.

Each fix is compared with the last one of its device that was believed. The rule, in full:

- A fix that is not later than the last believed one is not judged: it came late or is a repeat.
- One that could have been reached at `speed_between_max_kmh`, or lies within the noise of the
  receiver, is believed.
- Any other is held back; when `confirmations` of those that were held back, one after the other,
  agree with each other, the vehicle is there: it was on a trailer or a ferry, the tracker sits in
  another vehicle now, or the fix believed before was the wrong one.

What is held back is also refused when it is sent again. With several listeners each knows only what
it was sent itself; an older last fix leaves more time, so it only makes the judgement milder.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import cos, hypot, radians

from fleet.position import Position

#: Metres in a degree of latitude.
DEGREE_M = 111_195.0

#: Trackers round their clock to the second: so much time may be missing between two fixes.
CLOCK_S = 1.0

#: Moments of refused fixes that are remembered for each device.
REMEMBERED = 16


@dataclass(frozen=True, slots=True)
class JumpLimits:
    """What counts as impossible; the settings of the same names explain each."""

    speed_between_max_kmh: float
    noise_m: float
    confirmations: int


@dataclass(slots=True)
class Believed:
    """What is known of one device: the last fix believed, and those held back since."""

    last: Position | None = None
    held: Position | None = None
    agreeing: int = 0
    refused: list[datetime] = field(default_factory=list[datetime])


def jumps(
    known: Believed, positions: Sequence[Position], limits: JumpLimits
) -> dict[int, tuple[float, float]]:
    """Which positions of one device are refused: index -> (metres, seconds) from the last believed.

    The positions are judged in the order given, and `known` moves on with them. Those of them that
    later ones confirm are not refused.
    """
    if positions and known.last is not None and _calm(known.last, positions, limits):
        known.last, known.held, known.agreeing = positions[-1], None, 0
        return {}
    found: dict[int, tuple[float, float]] = {}
    held: list[int] = []
    for index, position in enumerate(positions):
        last = known.last
        if last is None:
            known.last = position
            continue
        if position.ts <= last.ts:
            if position.ts in known.refused:
                found[index] = _apart(last, position)
            continue
        if _reachable(last, position, limits):
            known.last = position
            known.held, known.agreeing = None, 0
            held.clear()
            continue
        if known.held is None or not _reachable(known.held, position, limits):
            known.agreeing = 0
            held.clear()
        if known.held is None or position.ts > known.held.ts:
            known.agreeing += 1
            known.held = position
        if known.agreeing >= limits.confirmations:
            for confirmed in held:
                del found[confirmed]
                known.refused.remove(positions[confirmed].ts)
            known.last, known.held, known.agreeing = known.held, None, 0
            held.clear()
            continue
        found[index] = _apart(last, position)
        if position.ts not in known.refused:
            held.append(index)
            known.refused = [*known.refused[1 - REMEMBERED :], position.ts]
    return found


def _calm(last: Position, positions: Sequence[Position], limits: JumpLimits) -> bool:
    """Whether each position is later than the one before and near it, as almost all are."""
    near = limits.noise_m / DEGREE_M
    at, lat, lon = last.ts, last.lat, last.lon
    for position in positions:
        # A degree of longitude is never longer than one of latitude.
        if abs(position.lat - lat) + abs(position.lon - lon) > near or position.ts <= at:
            return False
        at, lat, lon = position.ts, position.lat, position.lon
    return True


def _reachable(last: Position, position: Position, limits: JumpLimits) -> bool:
    metres, seconds = _apart(last, position)
    drivable_m = (abs(seconds) + CLOCK_S) * limits.speed_between_max_kmh / 3.6
    return metres <= limits.noise_m + drivable_m


def _apart(last: Position, position: Position) -> tuple[float, float]:
    """Metres and seconds between two fixes; the metres to about 1 % below 1,000 km."""
    dlon = abs(position.lon - last.lon)
    east = min(dlon, 360 - dlon) * cos(radians((position.lat + last.lat) / 2))
    metres = DEGREE_M * hypot(position.lat - last.lat, east)
    return metres, (position.ts - last.ts).total_seconds()
