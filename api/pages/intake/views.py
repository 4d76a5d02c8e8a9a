"""What the pages of trackers, keys and refused telemetry show: plain values, see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from api.pages.frame.views import Choice, Counted, Section
from fleet.saying import Saying
from ingest.gate.refusal import Reason
from ingest.quarantine_items import EvictedItems
from register.contact import Contact
from register.keys import Key
from trips.stored.set_aside import Trouble


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    RELEASED = "released"
    KEY_REVOKED = "key_revoked"


# Intake: GET /intake, POST /intake/release -----------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PingRow:
    device: str
    vehicle: Choice | None
    ts: datetime
    received_at: datetime
    lat: float
    lon: float
    speed_kmh: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineGroup:
    """What one device has in quarantine for one reason.

    `detail` is that of the latest. `sent` is how often the messages that were counted came: one
    that is sent again is kept once. `releasable`: releasing it now can succeed, for example because
    the device has been enrolled since.
    """

    device: str
    reason: Reason
    detail: Saying
    messages: Counted
    sent: Counted
    last_received: datetime
    releasable: bool


@dataclass(frozen=True, slots=True)
class DroppedAttribute:
    """An attribute by the name that its sender gives it, which is on no list of what is kept."""

    protocol: str
    name: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSetAside:
    """A device whose trips could not be found, `attempts` times in a row since `since`."""

    device: str
    vehicle: Choice | None
    trouble: Trouble
    error: str
    attempts: int
    since: datetime
    retry_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakePage:
    """`pings_24h` and `devices_24h` are of the last 24 hours; `more_pings` than were counted.
    `evicted` is what had to make room within 30 days; `dropped` are the attributes that were left
    out most often since this server began."""

    template: ClassVar[str] = "intake/intake.html"
    section: ClassVar[Section | None] = Section.INTAKE

    pings_24h: int
    more_pings: bool
    devices_24h: int
    latest: Sequence[PingRow]
    quarantine: Sequence[QuarantineGroup]
    evicted: Sequence[EvictedItems] = ()
    set_aside: Sequence[DeviceSetAside] = ()
    dropped: Sequence[DroppedAttribute] = ()
    notice: Notice | None = None


# Keys: GET and POST /intake/keys ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysPage:
    """`made` is the key that was made just now; `values` and `errors` are of a refused form."""

    template: ClassVar[str] = "intake/keys.html"
    section: ClassVar[Section | None] = Section.INTAKE

    keys: Sequence[Key]
    made: str | None = None
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None


# Last pings: GET /intake/live?show=late ---------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRow:
    """`interval_s` is how often the device usually sends, `silence_s` how long ago it did last."""

    device: str
    vehicle: Choice | None
    contact: Contact
    last_ping: datetime | None
    silence_s: float | None
    interval_s: float | None
    protocol: str | None
    soc_pct: float | None
    charging: bool | None
    battery_v: float | None
    tracker_battery_pct: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePage:
    """`rows` are those of the state `shown` (None: all), `counts` those of every state."""

    template: ClassVar[str] = "intake/live.html"
    section: ClassVar[Section | None] = Section.INTAKE

    rows: Sequence[LiveRow]
    counts: Mapping[Contact, int]
    shown: Contact | None
    as_of: datetime
