"""The tables of the transition for Excel, of the values that the page shows."""

from collections.abc import Sequence

from api.pages.reports.tables import KR, KW, Words, budget_amounts, budget_columns
from api.pages.transition.picture import HAPPENINGS
from api.pages.transition.views import TransitionTold
from api.pages.words.language import Language, mark
from optimiser.transition.stored import CalendarRow
from optimiser.transition.years import TransitionYear
from reports.workbook import Column, Sheet, Unit, Value


def transition_sheets(told: TransitionTold, language: Language) -> Sequence[Sheet]:
    """The years, the years of each depot, and every vehicle with its contract."""
    words = Words(language)
    sheets = [] if told.years is None else [_years(told, words), _depots(told, words)]
    return [*sheets, _calendar(told, words)]


def _power_columns(words: Words) -> list[Column]:
    return [
        Column(words(mark("Charge points")), Unit.COUNT),
        Column(words(mark("More power from the grid"), KW), Unit.KW),
        Column(words(mark("The same, managed"), KW), Unit.KW),
        Column(words(mark("Grid connection"), KR), Unit.KR),
        Column(words(mark("Saved, with the grid paid"), KR), Unit.KR),
    ]


def _power(year: TransitionYear) -> Sequence[Value]:
    return (
        *(year.charge_points, year.grid_kw, year.grid_managed_kw),
        *(year.grid_kr, year.with_grid_kr),
    )


def _years(told: TransitionTold, words: Words) -> Sheet:
    columns = [
        *budget_columns(words),
        Column(words(mark("As the round proposed"), KR), Unit.KR),
        Column(words(mark("Of which rejected"), KR), Unit.KR),
        Column(words(mark("Taking effect at another time"), KR), Unit.KR),
        *_power_columns(words),
    ]
    assert told.years is not None, "the caller has seen that there are some"
    rows = [
        (
            *budget_amounts(year.planned),
            year.proposed.total_kr,
            0.0 - year.rejected.total_kr,
            year.moved_kr,
            *_power(year),
        )
        for year in told.years.years
    ]
    return Sheet(words(mark("Year by year")), columns, rows)


def _depots(told: TransitionTold, words: Words) -> Sheet:
    columns = [Column(words(mark("Depot"))), *budget_columns(words), *_power_columns(words)]
    rows = [
        (row.depot.name, *budget_amounts(row.year.planned), *_power(row.year))
        for row in told.depot_years
    ]
    return Sheet(words(mark("Depots by year")), columns, rows)


def _calendar(told: TransitionTold, words: Words) -> Sheet:
    columns = [
        Column(words(mark("Vehicle"))),
        Column(words(mark("Depot"))),
        Column(words(mark("Department"))),
        Column(words(mark("How it is held"))),
        Column(words(mark("Contract ends")), Unit.DAY),
        Column(words(mark("Last day to give notice")), Unit.DAY),
        Column(words(mark("What happens"))),
        Column(words(mark("New kind"))),
        Column(words(mark("Takes effect")), Unit.DAY),
        Column(words(mark("Decision"))),
    ]
    return Sheet(
        words(mark("Contracts and changes")),
        columns,
        [_vehicle(row, words) for row in told.fleet.rows],
    )


def _vehicle(row: CalendarRow, words: Words) -> Sequence[Value]:
    contract, turn, proposal = row.contract, row.turn, row.proposal
    happening = None if turn is None else HAPPENINGS.get(turn.change.action)
    decided = None if proposal is None else words.decided(proposal)
    return (
        row.name,
        row.depot,
        None if row.vehicle is None else row.vehicle.details.department,
        None if contract is None else words.label(contract.holding),
        None if contract is None else contract.end,
        row.notice_by,
        None if happening is None else words.label(happening),
        None if proposal is None else proposal.decision.new_kind,
        row.goes_on,
        decided,
    )
