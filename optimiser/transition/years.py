"""When each change of a round takes hold, and what that means for each budget year. It is pure.

A round tells when its changes would take hold if all were accepted when it ended. Time goes on: a
change that nobody decided on cannot take hold before the next month, one that is accepted takes
hold when its tasks say so, one that is carried out did so, and one that is rejected does not. So
each year has the money as proposed, what of it is rejected, and the money as it is planned now; the
rest of the difference is what takes hold at another time than proposed.

What a grid connection costs is no part of the saving of a round, which is found before the charging
is studied. It stands apart, at the depot and in the years in which electric vehicles come there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from costs.budget import (
    BUDGET_YEARS,
    BudgetYear,
    Departure,
    MoneyTerms,
    budget_from,
    departure,
    departure_on,
    next_month,
    summed,
)
from optimiser.depot.decision_key import Action
from optimiser.studies.grid import GridNeed, grid_shares


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEnd:
    """What a change is at a depot: its money, the charge points to be built for it, and how many
    electric vehicles come."""

    depot_id: str
    terms: MoneyTerms
    charge_points: int
    electric: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that a round proposes, and what became of it.

    Attributes:
        ends: its parts at one depot, or at the two between which a vehicle moves.
        settled: the first of the month in which it takes hold, as its tasks say or it was carried
            out; None: nobody accepted it.
        is_shared: other departments share it, so its money counts in no sum of those who see it.
    """

    proposal_id: int
    action: Action
    terms: MoneyTerms
    ends: Sequence[ChangeEnd]
    is_rejected: bool = False
    settled: date | None = None
    is_carried: bool = False
    is_shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When a change takes hold: as the round proposed it, and as it is planned now; None: it was
    rejected."""

    change: Change
    proposed: Departure
    planned: Departure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionYear:
    """A budget year of the transition. `rejected` is the part of `proposed` that was rejected. The
    kW are those that come on in the year; they are None where the charging is not studied yet."""

    year: int
    proposed: BudgetYear
    rejected: BudgetYear
    planned: BudgetYear
    charge_points: int
    grid_kw: float | None
    grid_managed_kw: float | None
    grid_kr: float | None

    @property
    def moved_kr(self) -> float:
        """What is saved more in the year because changes take hold at another time."""
        return self.planned.total_kr - self.proposed.total_kr + self.rejected.total_kr

    @property
    def invested_kr(self) -> float:
        """What is paid for vehicles, charge points and the grid."""
        paid = self.planned.price_kr + self.planned.charge_points_kr
        return (self.grid_kr or 0.0) - paid

    @property
    def with_grid_kr(self) -> float:
        """What is saved in the year when the grid connection is paid, too."""
        return self.planned.total_kr - (self.grid_kr or 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """The transition of a fleet.

    Attributes:
        years: the sums over the changes that are seen, without those that others share.
        depots: the years of each depot with changes, by its id.
        paid_kr_year, planned_kr_year: what a budget saves in a full year once all is in place, as
            proposed and as planned now.
        after: how many changes take hold after the last of the years.
        grid_unknown: whether the charging of a depot with changes is not studied.
    """

    begins: date
    turns: Sequence[Turn]
    years: Sequence[TransitionYear]
    depots: Mapping[str, Sequence[TransitionYear]]
    paid_kr_year: float
    planned_kr_year: float
    after: int
    grid_unknown: bool

    @property
    def is_as_proposed(self) -> bool:
        """Whether each year is as the round proposed it, to the øre."""
        return all(
            round(100 * (year.planned.total_kr - year.proposed.total_kr)) == 0
            for year in self.years
        )


def turn_of(change: Change, begins: date, today: date) -> Turn:
    """When a change takes hold that a round proposes from the month `begins` on."""
    proposed = departure(change.terms, begins)
    soonest = next_month(today)
    if change.is_rejected:
        planned = None
    elif change.settled is None:
        planned = departure(change.terms, max(begins, soonest))
    elif change.is_carried:
        planned = departure_on(change.terms, change.settled)
    else:
        # What should be done by now and is not happens next month at the soonest.
        planned = departure_on(change.terms, max(change.settled, soonest))
    return Turn(change=change, proposed=proposed, planned=planned)


def transition(
    changes: Iterable[Change],
    grid: Mapping[str, GridNeed],
    begins: date,
    today: date,
    grid_kr_kw: float,
) -> Transition:
    """The transition by the changes of a round, on a day. A kW more from the grid costs
    `grid_kr_kw` once."""
    turns = [turn_of(change, begins, today) for change in changes]
    own = [turn for turn in turns if not turn.change.is_shared]
    days = [turn.planned.day for turn in own if turn.planned is not None]
    first, last = min([begins, *days]).year, begins.year + BUDGET_YEARS - 1
    span = range(first, last + 1)
    parts: defaultdict[str, list[tuple[Turn, ChangeEnd]]] = defaultdict(list)
    for turn in own:
        for end in turn.change.ends:
            parts[end.depot_id].append((turn, end))
    depots = {
        depot_id: _depot_years(rows, grid.get(depot_id), span, grid_kr_kw)
        for depot_id, rows in parts.items()
    }
    whole = [(turn, turn.change.terms) for turn in own]
    proposed, rejected, planned = _money(whole, span)
    return Transition(
        begins=begins,
        turns=turns,
        years=[
            TransitionYear(
                year=year,
                proposed=proposed[at],
                rejected=rejected[at],
                planned=planned[at],
                charge_points=sum(years[at].charge_points for years in depots.values()),
                grid_kw=sum(years[at].grid_kw or 0.0 for years in depots.values()),
                grid_managed_kw=sum(years[at].grid_managed_kw or 0.0 for years in depots.values()),
                grid_kr=sum(years[at].grid_kr or 0.0 for years in depots.values()),
            )
            for at, year in enumerate(span)
        ],
        depots=depots,
        paid_kr_year=sum(turn.change.terms.paid_kr_year for turn in own),
        planned_kr_year=sum(
            turn.change.terms.paid_kr_year for turn in own if turn.planned is not None
        ),
        after=sum(day.year > last for day in days),
        grid_unknown=any(depot_id not in grid for depot_id in depots),
    )


Money = tuple[Sequence[BudgetYear], Sequence[BudgetYear], Sequence[BudgetYear]]


def _money(rows: Sequence[tuple[Turn, MoneyTerms]], span: range) -> Money:
    """The years as proposed, what of them is rejected, and the years as planned."""
    years = len(span)
    begins = date(span[0], 1, 1)
    proposed = [budget_from(terms, turn.proposed, span[0], years) for turn, terms in rows]
    rejected = [one for one, (turn, _) in zip(proposed, rows, strict=True) if turn.planned is None]
    planned = [
        budget_from(terms, turn.planned, span[0], years)
        for turn, terms in rows
        if turn.planned is not None
    ]
    return (
        summed(proposed, begins, years),
        summed(rejected, begins, years),
        summed(planned, begins, years),
    )


def _depot_years(
    rows: Sequence[tuple[Turn, ChangeEnd]], grid: GridNeed | None, span: range, kr_kw: float
) -> Sequence[TransitionYear]:
    proposed, rejected, planned = _money([(turn, end.terms) for turn, end in rows], span)
    of_rows = grid_shares([end.electric for _, end in rows])
    kept = [
        (turn.planned.day.year, end, share)
        for (turn, end), share in zip(rows, of_rows, strict=True)
        if turn.planned is not None
    ]
    shares = [sum(share for own, _, share in kept if own == year) for year in span]
    return [
        TransitionYear(
            year=year,
            proposed=proposed[at],
            rejected=rejected[at],
            planned=planned[at],
            charge_points=sum(end.charge_points for own, end, _ in kept if own == year),
            grid_kw=None if grid is None else grid.more_kw * shares[at],
            grid_managed_kw=None if grid is None else grid.more_managed_kw * shares[at],
            grid_kr=None if grid is None else grid.more_kw * shares[at] * kr_kw,
        )
        for at, year in enumerate(span)
    ]
