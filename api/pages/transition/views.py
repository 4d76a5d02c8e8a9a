"""The view of the page of the transition; see `frame.views`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.views import Choice, Section
from api.pages.transition.picture import CalendarPicture, calendar_picture, calendar_years
from costs.assumptions import Figure, quantities
from costs.budget import BudgetYear
from optimiser.rounds.overview import Round
from optimiser.transition.contracts import Holding
from optimiser.transition.stored import CalendarRow, DepotTransition, FleetTransition
from optimiser.transition.years import Transition, TransitionYear

#: The rows of a picture in the report: more would not fit on a sheet of paper.
SHEET_ROWS = 14


class Shown(StrEnum):
    """Which vehicles the calendar has."""

    ALL = "all"
    CHANGING = "changing"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DepotYear:
    """A year of a depot in which something is paid, built or saved."""

    depot: DepotTransition
    year: TransitionYear


@dataclass(frozen=True, kw_only=True)
class TransitionTold:
    """The transition of a fleet, as pages and the report tell it."""

    fleet: FleetTransition
    round: Round | None

    @property
    def years(self) -> Transition | None:
        """Its years; None where nothing is proposed."""
        found = self.fleet.years
        return found if found is not None and found.turns else None

    @property
    def figures(self) -> Sequence[tuple[Figure, str]]:
        """The assumptions that it rests on, each with its unit."""
        return [(one, quantities()[one.key].unit) for one in self.fleet.figures]

    @property
    def planned(self) -> Sequence[BudgetYear]:
        """The years as they are planned now."""
        return () if self.years is None else [year.planned for year in self.years.years]

    @property
    def begins(self) -> date:
        """The first day of the years."""
        assert self.years is not None, "there are years to show"
        begins, first = self.years.begins, self.years.years[0].year
        return begins if begins.year == first else date(first, 1, 1)

    @property
    def rejected(self) -> Sequence[CalendarRow]:
        """The rows of what was rejected, without the further parts of what was one proposal."""
        found: dict[object, CalendarRow] = {}
        for row in self.fleet.rows:
            if row.turn is not None and row.turn.planned is None and row.proposal is not None:
                decision = row.proposal.decision
                found.setdefault(decision.bundle or decision.key, row)
        return list(found.values())

    @property
    def investing(self) -> bool:
        """Whether anything is built or paid for the grid, beside what the years tell."""
        return self.years is not None and any(
            year.charge_points or year.grid_kw or year.invested_kr for year in self.years.years
        )

    @cached_property
    def depot_years(self) -> Sequence[DepotYear]:
        """The years of the depots in which anything changes."""
        return list(self._depot_years())

    def _depot_years(self) -> Iterator[DepotYear]:
        if self.years is None:
            return
        for depot in self.fleet.depots:
            for year in self.years.depots[depot.depot_id]:
                if year.planned != BudgetYear(year=year.year) or year.charge_points or year.grid_kw:
                    yield DepotYear(depot, year)

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last year of the calendar."""
        return calendar_years(
            self.fleet.today, None if self.fleet.years is None else self.fleet.years.begins
        )

    @property
    def sheets(self) -> Sequence[CalendarPicture]:
        """Pictures of all changes, each of as many rows as fit on a sheet of paper."""
        rows = self.fleet.changing
        return [
            calendar_picture(rows[at : at + SHEET_ROWS], self.fleet.today, self.span)
            for at in range(0, len(rows), SHEET_ROWS)
        ]


@dataclass(frozen=True, kw_only=True)
class TransitionPage:
    """The page of the transition. `empty` are depots with changes at which no vehicle stands."""

    template: ClassVar[str] = "transition/transition.html"
    section: ClassVar[Section | None] = Section.PROPOSALS
    choices: ClassVar[Sequence[Shown]] = tuple(Shown)

    told: TransitionTold
    rows: ListPart[CalendarRow]
    depot_years: ListPart[DepotYear]
    depots: Sequence[Choice]
    depot_id: str | None
    shown: Shown
    #: The address asks for a depot that is not in the list.
    is_depot_unknown: bool = False

    @property
    def fleet(self) -> FleetTransition:
        return self.told.fleet

    @property
    def held(self) -> Mapping[Holding, int]:
        return self.fleet.held()

    @property
    def vehicles(self) -> int:
        """The vehicles of the fleet that are seen."""
        return sum(self.held.values())

    @property
    def empty(self) -> Sequence[DepotTransition]:
        return [depot for depot in self.fleet.depots if depot.is_empty]

    @property
    def picture(self) -> CalendarPicture:
        return calendar_picture(self.rows.rows, self.fleet.today, self.told.span)
