"""What each page shows, as plain values: the handler fills a view, the template draws it.

A view names its template and its place in the navigation. Times are timezone-aware, days are local
(Europe/Copenhagen), shares run from 0 to 1, kr. and tonnes are per year, and None means "not
known", never zero. Ids are those of the database. Names of depots, kinds and milestones are the
municipality's own words; everything else is translated by the template.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Protocol


class Section(StrEnum):
    """The entries of the navigation."""

    OVERVIEW = "overview"
    VEHICLES = "vehicles"
    USE = "use"
    PROPOSALS = "proposals"
    ASSUMPTIONS = "assumptions"
    PLAN = "plan"
    INTAKE = "intake"


class Page(Protocol):
    """What `render.page` takes: every `…Page` below."""

    template: ClassVar[str]
    section: ClassVar[Section | None]


class Notice(StrEnum):
    """What the request before this one did, said once at the top of the page (`?done=…`)."""

    ROUND_REQUESTED = "round_requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    QUESTION = "question"
    CARRIED_OUT = "carried_out"
    VERSION_REQUESTED = "version_requested"
    ROUND_CANCELLED = "round_cancelled"
    MILESTONE_SAVED = "milestone_saved"
    RELEASED = "released"
    KEY_REVOKED = "key_revoked"
    PRIVATE_SET = "private_set"
    PRIVATE_ENDED = "private_ended"
    ZONE_SAVED = "zone_saved"
    ZONE_REMOVED = "zone_removed"
    DAY_CLOSED = "day_closed"
    DAY_OPENED = "day_opened"
    FIGURE_SAVED = "figure_saved"
    FIGURE_WITHDRAWN = "figure_withdrawn"
    KIND_SAVED = "kind_saved"
    KINDS_OFFERED = "kinds_offered"
    CAPABILITIES_NAMED = "capabilities_named"
    RULED = "ruled"
    TRIP_CLASS_SAVED = "trip_class_saved"


class Status(StrEnum):
    """How a vehicle is used. UNKNOWN: its tracker was silent too long to say."""

    IN_USE = "in_use"
    SELDOM = "seldom"
    UNKNOWN = "unknown"


# Shared parts ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to link to or to choose: its id and its name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Period:
    """The data period, both days included, and how many of its days were working days."""

    first: date
    last: date
    working_days: int


# Errors ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A page that could not be shown; `status` is the HTTP status."""

    template: ClassVar[str] = "error.html"
    section: ClassVar[Section | None] = None

    status: int
