"""Views: the values that a page shows. A handler fills the view, and its template renders it.

A view names its template and its place in the navigation. Times are timezone-aware, days are local
(Europe/Copenhagen), shares run from 0 to 1, kr. and tonnes are per year, and None means "not
known", never zero. Ids are those of the database. Names of depots, kinds and milestones are the
municipality's own words; everything else is translated by the template.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Protocol

from access.roles import Role
from api.pages.words.calendar_periods import CalendarPeriod, DayRange
from fleet.actor import Permission


class Section(StrEnum):
    """The entries of the navigation."""

    OVERVIEW = "overview"
    VEHICLES = "vehicles"
    USE = "use"
    PROPOSALS = "proposals"
    LEDGER = "ledger"
    ASSUMPTIONS = "assumptions"
    PLAN = "plan"
    INTAKE = "intake"


#: The address of each entry of the navigation.
SECTION_URLS: Mapping[Section, str] = {
    Section.OVERVIEW: "/",
    Section.VEHICLES: "/vehicles",
    Section.USE: "/use",
    Section.PROPOSALS: "/proposals",
    Section.LEDGER: "/ledger",
    Section.ASSUMPTIONS: "/assumptions",
    Section.PLAN: "/plan",
    Section.INTAKE: "/intake",
}


class PageView(Protocol):
    """A view of a whole page, which `render.page` takes."""

    template: ClassVar[str]
    section: ClassVar[Section | None]


# Shared parts ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """A thing to link to, or an option to choose, by its id and its name."""

    id: str
    name: str


def vehicle_choice(vehicle_id: str | None, name: str | None) -> Choice | None:
    """The vehicle that a tracker sits in; None: it sits in none."""
    return None if vehicle_id is None or name is None else Choice(vehicle_id, name)


#: The number up to which pages count the items that wait in quarantine; a full one is not counted
#: at each view.
COUNTED_MAX = 1_000


@dataclass(frozen=True, slots=True)
class BoundedCount:
    """A count that ends at `COUNTED_MAX`; `more`: there are more than that."""

    number: int
    more: bool = False

    @classmethod
    def up_to_max(cls, found: int) -> "BoundedCount":
        """The count of `found` things, which were counted up to one more than `COUNTED_MAX`."""
        return cls(min(found, COUNTED_MAX), more=found > COUNTED_MAX)


@dataclass(frozen=True, slots=True)
class ShownPeriod:
    """The period that a page shows, both days included, and the number of its working days."""

    first: date
    last: date
    working_days: int


@dataclass(frozen=True, slots=True)
class PeriodLink:
    """The query of an address with the days of a period; `current`: that period is shown."""

    query: Mapping[str, str]
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodChoice:
    """The control for choosing the days of a page; its state is in the address of the page alone.

    `latest` leads to the latest `latest_weeks`, `spans` to the week, month, quarter and year in
    which the shown period ends, `earlier` and `later` to its neighbours where there is data.
    `counted` are the days with data where they are fewer than the days asked for; `outside`: there
    are none. `typed` are the days in the fields, and `errors` what is wrong with them, so that the
    latest weeks are shown. `in_weeks`: the visitor sees whole weeks only, of which those in
    `told` are over and have data; None: none is.
    """

    address: str
    first: date
    last: date
    typed: DayRange
    errors: Mapping[str, str]
    latest: PeriodLink
    latest_weeks: int
    spans: Mapping[CalendarPeriod, PeriodLink]
    earlier: PeriodLink | None
    later: PeriodLink | None
    data: DayRange
    counted: DayRange | None
    outside: bool
    in_weeks: bool = False
    told: DayRange | None = None


# Errors ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """The page that tells of an error.

    Attributes:
        status: the HTTP status.
        unknown: whether it is not known if a change was made.
        back: the address of the page of the form that was sent; None: there is none.
        limit_mb: the most that may be sent, in millions of bytes, where more was.
    """

    template: ClassVar[str] = "frame/error.html"
    section: ClassVar[Section | None] = None

    status: int
    unknown: bool = False
    back: str | None = None
    limit_mb: float | None = None


@dataclass(frozen=True, slots=True)
class NotAllowedPage:
    """The page that tells a visitor that they may not do something: the permission that they lack,
    and the roles that have it. None: it belongs to another department."""

    template: ClassVar[str] = "frame/not_allowed.html"
    section: ClassVar[Section | None] = None

    permission: Permission | None
    roles: Sequence[Role] = ()
