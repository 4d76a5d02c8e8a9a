"""The view of the page of days at a depot: GET and POST /proposals/{proposal_id}/days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from api.pages.depot_days.picture import DayPicture, day_picture, hours_of
from api.pages.frame.views import Section
from optimiser.days.depot_day import DepotDay
from optimiser.rounds.proposals import Proposal


class DaysShown(StrEnum):
    """Whether days are shown, and why not: the visitor has yet to say why they look, vehicles of
    others stand at the depot, the round is of earlier software, or no trip is stored."""

    SHOWN = "shown"
    ASKS_WHY = "asks-why"
    SHARED = "shared"
    EARLIER = "earlier"
    NO_TRIPS = "no-trips"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDay:
    """A day with what it stands for: typical, or the busiest, or both."""

    day: DepotDay
    is_typical: bool
    is_busiest: bool

    @property
    def pictures(self) -> tuple[DayPicture, DayPicture]:
        """The pictures of today's fleet and of the proposed one, over the same hours."""
        at = self.day.count.day
        hours = hours_of(at, self.day.before)
        return day_picture(at, self.day.before, hours), day_picture(at, self.day.after, hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotDaysPage:
    """The page of the days at the depot of a proposal. `values` and `errors` are those of a refused
    reason."""

    template: ClassVar[str] = "depot_days/depot_days.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    row: Proposal
    shown: DaysShown
    days: Sequence[ShownDay] = ()
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
