"""The views of the pages of trackers; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar

from api.pages.choices.list_parts import PART_ROWS, ListPart
from api.pages.frame.views import Choice, Section
from api.pages.intake.views import QuarantineGroup
from api.pages.trackers.phone_setup import Reach, Setup
from ingest.watch.received import FirstPosition
from register.contact import Contact, Tracker
from register.devices import NAME_MAX
from register.enrolment.enrol import EnrolmentReport
from register.enrolment.imei import ImeiDoubt, imei_doubt
from register.keys import IssuedKey
from register.naming.look_up import FoundVehicle


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    MOVED = "moved"
    NETWORKS_SET = "networks_set"
    KEY_REVOKED = "key_revoked"


# Trackers: GET and POST /intake/trackers --------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackersPage:
    """The page of trackers.

    `part` is of the trackers that the search finds, of all that are `enrolled`. `strangers` are
    devices that sent lately and are not enrolled. `report` is the outcome of a list that was just
    handed over; `values` and `errors` are those of the form for a list.
    """

    template: ClassVar[str] = "trackers/trackers.html"
    section: ClassVar[Section | None] = Section.INTAKE

    part: ListPart[Tracker]
    enrolled: int
    asked: str
    shown: Contact | None
    counts: Mapping[Contact, int]
    strangers: Sequence[QuarantineGroup]
    report: EnrolmentReport | None = None
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None
    #: The most lines of each sort of outcome that are told.
    lines_shown: int = PART_ROWS


# A tracker: GET /intake/trackers/{device}, and the changes to it -------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatRow:
    """A vehicle that the tracker sat in (None: none), from a local day until before another."""

    vehicle: Choice | None
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerPage:
    """The page of a tracker.

    `first` is its first stored position, and `refused` what waits of it in quarantine: by these the
    page says whether it is heard. `setup` is what an app is set up with, with a key that was made
    just now. `found` are the vehicles that a refused text may mean.
    """

    template: ClassVar[str] = "trackers/tracker.html"
    section: ClassVar[Section | None] = Section.INTAKE

    tracker: Tracker
    first: FirstPosition | None
    refused: Sequence[QuarantineGroup]
    seats: Sequence[SeatRow]
    keys: Sequence[IssuedKey]
    networks: Sequence[str]
    reach: Reach
    ports: Sequence[tuple[str, int]]
    today: date
    setup: Setup | None = None
    found: Sequence[FoundVehicle] = ()
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None

    @property
    def doubt(self) -> ImeiDoubt | None:
        """Why its id looks like an IMEI and is none."""
        return imei_doubt(self.tracker.device)

    @property
    def looks_like_imei(self) -> bool:
        """Whether it is a tracker of hardware, which cannot carry a key."""
        return self.tracker.device.isdecimal() and 14 <= len(self.tracker.device) <= NAME_MAX
