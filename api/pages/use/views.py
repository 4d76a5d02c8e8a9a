"""The views of the pages of use; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.views import Choice, PeriodChoice, Section, ShownPeriod
from register.contact import Contact, LastingContact
from trips.use.usage import GroupUse, UseStatus, VehicleFigures

#: The width and the height of the drawing of a curve, in its own units.
CURVE_WIDTH = 480
CURVE_HEIGHT = 160


@dataclass(frozen=True, slots=True)
class VehicleChoice:
    """The choice of the vehicles that are shown; None means all. Depots and kinds are by id."""

    department: str | None = None
    depot: str | None = None
    kind: str | None = None

    @property
    def query(self) -> dict[str, str]:
        """The choice as it stands in an address."""
        pairs = {"department": self.department, "depot": self.depot, "kind": self.kind}
        return {name: value for name, value in pairs.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRow:
    """A vehicle, its use, and the contact of its tracker (None: it has none). `by_hours`: the
    vehicle is a machine, whose measure is engine hours."""

    vehicle: Choice
    kind: str
    department: str
    depot: str
    by_hours: bool
    contact: Contact | LastingContact | None
    last_ping: datetime | None
    status: UseStatus
    figures: VehicleFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """The vehicles of one department, depot or kind; `query` leads to their own page."""

    name: str
    query: Mapping[str, str]
    group: GroupUse


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The chosen vehicles by one of "department", "depot", "kind"."""

    by: str
    rows: Sequence[GroupRow]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time in which most vehicles were away."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UsePage:
    """The page of GET /use?department=…&depot=…&kind=…&from=…&to=…. `period` and `days` are None
    before the first trip.

    `peaks` are the first stretches of the peak, of `peaks_total`; there are none for who sees no
    single trips, to whom hours are shown (`hours_shown`) of all vehicles together only, if they are
    many. `has_data` says whether anything was heard in the period.
    """

    template: ClassVar[str] = "use/use.html"
    section: ClassVar[Section | None] = Section.USE

    chosen: VehicleChoice
    departments: Sequence[str]
    depots: Sequence[Choice]
    kinds: Sequence[Choice]
    period: ShownPeriod | None
    days: PeriodChoice | None
    has_data: bool
    group: GroupUse
    working_hours_away: float
    hours_shown: bool
    peaks: Sequence[Stretch]
    peaks_total: int
    breakdowns: Sequence[Breakdown]
    part: ListPart[UseRow]

    @property
    def query(self) -> dict[str, str]:
        """The choice and the period, as they stand in an address."""
        if self.days is None:
            return self.chosen.query
        days = {"from": self.days.first.isoformat(), "to": self.days.last.isoformat()}
        return self.chosen.query | days

    @property
    def mean_area(self) -> str:
        """The points of a polygon that draws the mean of the curve."""
        steps = self._steps(self.group.curve.mean_out)
        return f"0,{CURVE_HEIGHT} {steps} {CURVE_WIDTH},{CURVE_HEIGHT}"

    @property
    def most_line(self) -> str:
        """The points of a line that draws the most of the curve."""
        return self._steps(self.group.curve.most_out)

    def _steps(self, values: Sequence[float]) -> str:
        width, top = CURVE_WIDTH / len(values), max(self.group.fleet, 1)
        heights = [round(CURVE_HEIGHT * (1 - value / top), 1) for value in values]
        return " ".join(f"{i * width:g},{y} {(i + 1) * width:g},{y}" for i, y in enumerate(heights))
