"""The views of the pages of trackers, keys and refused telemetry; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.views import BoundedCount, Choice, Section
from fleet.saying import Saying
from ingest.gate.refusal import Reason
from ingest.quarantine_items import EvictedItems
from register.contact import Contact
from register.keys import IssuedKey
from trips.stored.set_aside import TripTrouble


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    RELEASED = "released"
    DISCARDED = "discarded"
    KEY_REVOKED = "key_revoked"


class Remedy(StrEnum):
    """What a person can do about refused telemetry, the first thing to do first."""

    ENROL = "enrol"
    KEY = "key"
    NETWORK = "network"
    RELEASE = "release"
    DISCARD = "discard"


# Intake: GET /intake, POST /intake/release -----------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PingRow:
    """A last ping. Where the vehicle was and how fast it went is a track, which is read with a
    reason only."""

    device: str
    vehicle: Choice | None
    ts: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineGroup:
    """The telemetry that one device has in quarantine for one reason.

    `detail` is that of the latest item. `sent` is how often the counted messages came, for one that
    is sent again is kept once. `why` says in a sentence why it was refused and what helps;
    `remedies` are the things that can be done now. `network` is the address that it sent from,
    where that is why.
    """

    device: str
    vehicle: Choice | None
    reason: Reason
    detail: Saying
    messages: BoundedCount
    sent: BoundedCount
    last_received: datetime
    why: str
    remedies: Sequence[Remedy]
    network: str | None


@dataclass(frozen=True, slots=True)
class DroppedAttribute:
    """An attribute that is on no list of kept ones, by the name that its sender gives it."""

    protocol: str
    name: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideRow:
    """A device whose trips could not be found, `attempts` times in a row since `since`."""

    device: str
    vehicle: Choice | None
    trouble: TripTrouble
    error: str
    attempts: int
    since: datetime
    retry_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakePage:
    """The page of intake. `received_24h` positions came in within the last 24 hours, of
    `devices_24h` devices, however old they were. `evicted` are the items that had to make room
    within 30 days. `dropped` are the attributes that were dropped most often since this server
    started."""

    template: ClassVar[str] = "intake/intake.html"
    section: ClassVar[Section | None] = Section.INTAKE

    received_24h: int
    devices_24h: int
    latest: Sequence[PingRow]
    quarantine: ListPart[QuarantineGroup]
    set_aside: ListPart[SetAsideRow]
    evicted: Sequence[EvictedItems] = ()
    dropped: Sequence[DroppedAttribute] = ()
    notice: Notice | None = None


# Discarding: GET and POST /intake/discard --------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardPage:
    """The page that asks before the messages of a device that were refused for a reason are
    discarded; `values` and `errors` are those of the form."""

    template: ClassVar[str] = "intake/discard.html"
    section: ClassVar[Section | None] = Section.INTAKE

    group: QuarantineGroup
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


# Keys: GET and POST /intake/keys ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysPage:
    """The page of keys. `made` is the key that was made just now; `values` and `errors` are those
    of a refused form."""

    template: ClassVar[str] = "intake/keys.html"
    section: ClassVar[Section | None] = Section.INTAKE

    part: ListPart[IssuedKey]
    made: str | None = None
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None


# Last pings: GET /intake/live?show=late ---------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRow:
    """A device with its last ping. `interval_s` is the usual time between two pings, `silence_s`
    the time since the last one."""

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
    """The page of last pings. `part` is of the devices in the state `shown` (None: all), and
    `counts` are the numbers of devices in each state."""

    template: ClassVar[str] = "intake/live.html"
    section: ClassVar[Section | None] = Section.INTAKE

    part: ListPart[LiveRow]
    counts: Mapping[Contact, int]
    shown: Contact | None
    as_of: datetime
