"""Who may send, and what is plausible. What does not pass is quarantined with its reason."""

import ipaddress
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import isnan

from fleet.moments import NO_MOMENT
from fleet.position import BOUNDS, POSITION_FIELDS, REQUIRED_FIELDS, Position
from fleet.saying import Saying
from fleet.settings import Network
from ingest.gate.detail import Detail
from ingest.gate.refusal import Reason
from ingest.protocols.message import Extremes
from ingest.protocols.position_columns import Columns

#: Addresses of senders that are remembered, for they send again and again.
_ADDRESSES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a key belongs to: one device, or a gateway that may send for every enrolled one."""

    device: str | None
    gateway: str | None

    def may_send_for(self, device: str) -> bool:
        return self.gateway is not None or self.device == device


def sender_by_address(address: str, device: str, networks: Sequence[Network]) -> Sender | None:
    """Who a tracker without a key is: the device it names, if it speaks from an allowed network."""
    ip = _ip(address)
    return Sender(device, None) if any(ip in network for network in networks) else None


def plain_address(address: str) -> str:
    """An address as people write it: IPv4 as such, also where it comes in a form of IPv6."""
    return str(_ip(address)) if ":" in address else address


@lru_cache(maxsize=_ADDRESSES_MAX)
def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address.partition("%")[0])
    return getattr(ip, "ipv4_mapped", None) or ip


_SOUTH, _NORTH = BOUNDS["lat"]
_WEST, _EAST = BOUNDS["lon"]

_SPEED = POSITION_FIELDS.index("speed_kmh")
#: Optional fields by their place among all, with what each can say.
_OPTIONAL = {
    POSITION_FIELDS.index(name): bounds
    for name, bounds in BOUNDS.items()
    if name not in REQUIRED_FIELDS
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plausible position looks like."""

    earliest: datetime
    future_max: timedelta
    speed_max_kmh: float


def implausible(position: Position, limits: Limits, now: datetime) -> tuple[Reason, Saying] | None:
    """Why a position cannot be true, or None when it can, apart from its optional values.

    No comparison holds for NaN, so that is refused with the rest.
    """
    ts = position.ts
    if ts == NO_MOMENT:
        return Reason.CLOCK, Saying(Detail.NO_MOMENT)
    if ts < limits.earliest:
        return Reason.CLOCK, Saying(
            Detail.TOO_EARLY,
            {"ts": ts.isoformat(), "earliest": limits.earliest.isoformat()},
        )
    if ts > now + limits.future_max:
        return Reason.CLOCK, Saying(Detail.FUTURE, {"ts": ts.isoformat()})
    if position.satellites == 0:
        return None  # without a fix: its place is not believed, whatever it is
    lat, lon = position.lat, position.lon
    if isnan(lat) or isnan(lon):
        return Reason.COORDINATES, Saying(Detail.NO_PLACE)
    if not (_SOUTH <= lat <= _NORTH and _WEST <= lon <= _EAST):
        return Reason.COORDINATES, Saying(Detail.COORDINATES, {"lat": lat, "lon": lon})
    if lat == 0 and lon == 0:
        return Reason.ZERO_ISLAND, Saying(Detail.ZERO_ISLAND)
    return None


def is_place(lat: float, lon: float) -> bool:
    """Whether these are a place on earth, other than that of trackers that know none."""
    on_earth = _SOUTH <= lat <= _NORTH and _WEST <= lon <= _EAST
    return on_earth and not (lat == 0 and lon == 0)


def without_impossible(positions: Columns, limits: Limits) -> tuple[Columns, Counter[str]]:
    """The positions without the optional values that no sensor can say, and how many those were
    of each field. No comparison holds for NaN, so that goes with them."""
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
    return (Columns(fields) if dropped else positions), dropped


def all_plausible(known: Extremes | None, limits: Limits, now: datetime) -> bool:
    """Whether the decoder knows enough of the positions to say so; if not, each is looked at."""
    return (
        known is not None
        and known.first >= limits.earliest
        and known.last <= now + limits.future_max
        and known.fastest_kmh <= limits.speed_max_kmh
    )
