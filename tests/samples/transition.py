"""Sample views of the transition year by year, and the report with it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from api.pages.choices.list_parts import asked_part
from api.pages.frame.views import Choice, PageView
from api.pages.reports.views import ReportPage
from api.pages.transition.transition import ROWS_SHOWN
from api.pages.transition.views import Shown, TransitionPage, TransitionTold
from costs.assumptions import shipped_assumptions
from costs.budget import MoneyTerms
from fleet.vehicle import Energy
from optimiser.depot.charge_points import PointsNeed
from optimiser.depot.decision_key import Action
from optimiser.rounds.decisions import Verdict
from optimiser.transition.contracts import contract_of
from optimiser.transition.stored import FIGURES, CalendarRow, DepotTransition, FleetTransition
from optimiser.transition.years import Change, ChangeEnd, GridNeed, transition
from register.inventory.details import VehicleDetails
from register.inventory.stored import RegisteredVehicle
from tests.samples.ledger import ROWS as LEDGER_ROWS
from tests.samples.places import CAR, ROADS, TOWN_HALL
from tests.samples.proposals import PROPOSAL_PAGES, PROPOSALS, ROUND

TODAY = date(2026, 11, 30)
NOTICE_MONTHS = 3


def registered(
    number: int,
    contract_end: date | None = None,
    cost_kr_year: float | None = None,
    sale_value_kr: float | None = None,
    retired_at: date | None = None,
) -> RegisteredVehicle:
    """A vehicle of the register."""
    depot = ROADS if number % 2 else TOWN_HALL
    return RegisteredVehicle(
        vehicle_id=f"LTK-{number:03}",
        details=VehicleDetails(
            name=CAR.name if number == 1 else f"Varevogn, el {number}",
            kind="van",
            department="Vej & Park",
            depot_id=depot.id,
            contract_end=contract_end,
            cost_kr_year=cost_kr_year,
            sale_value_kr=sale_value_kr,
        ),
        kind_name="Varevogn",
        energy=Energy.ELECTRIC,
        depot_name=depot.name,
        retired_at=retired_at,
        revision=1,
    )


#: Contracts of every sort.
VEHICLES = [
    registered(1, contract_end=date(2027, 4, 30)),
    registered(2, contract_end=date(2026, 6, 30)),
    registered(3, cost_kr_year=48_000.0),
    registered(4, sale_value_kr=65_000.0),
    registered(5),
    registered(6, contract_end=date(2027, 1, 31)),
    registered(7, retired_at=date(2026, 11, 1)),
    *(registered(number, contract_end=date(2028, 1 + number % 12, 15)) for number in range(8, 24)),
]


def change(number: int, terms: MoneyTerms, **more: object) -> Change:
    """The change of a proposal at one depot, where an electric vehicle comes."""
    proposal = PROPOSALS[number]
    end = ChangeEnd(
        depot_id=proposal.depot_id,
        terms=terms,
        charge_points=1 if terms.charge_points_kr else 0,
        electric=1 if terms.price_kr else 0,
    )
    found = Change(
        proposal_id=proposal.proposal_id,
        action=proposal.decision.action,
        terms=terms,
        ends=[end],
    )
    return replace(found, **more)


GRID = {
    ROADS.id: GridNeed(today_kw=11.0, unmanaged_kw=22.0, managed_kw=8.5),
    TOWN_HALL.id: GridNeed(today_kw=0.0, unmanaged_kw=33.0, managed_kw=14.2),
}
BOUGHT = MoneyTerms(
    saving_kr_year=-1_250.0,
    unpaid_kr_year=-42_000.0,
    contract_end=date(2027, 9, 30),
    price_kr=420_000.0,
    charge_points_kr=40_000.0,
)
SOLD = MoneyTerms(
    saving_kr_year=47_907.0, contract_end=date(2027, 4, 30), exit_kr=90_000.0, sale_kr=40_000.0
)
CHANGES = [
    change(0, MoneyTerms(saving_kr_year=12_400.0)),
    change(1, SOLD),
    change(2, BOUGHT),
    change(3, replace(BOUGHT, contract_end=None), is_rejected=True),
]
YEARS = transition(CHANGES, GRID, date(2026, 12, 1), TODAY, 2_050.0)
ASSUMED = shipped_assumptions().at(TODAY.year)


def row(vehicle: RegisteredVehicle, number: int | None = None) -> CalendarRow:
    """The row of a vehicle, and of the proposal with a number about it."""
    left = vehicle.retired_at
    found = CalendarRow(
        vehicle=vehicle,
        depot_id=vehicle.details.depot_id,
        depot=vehicle.depot_name,
        contract=contract_of(vehicle.details, TODAY, NOTICE_MONTHS) if left is None else None,
        left_on=left,
    )
    if number is None:
        return found
    return replace(found, proposal=PROPOSALS[number], turn=YEARS.turns[number])


SHARED = YEARS.turns[0]
ROWS: Sequence[CalendarRow] = [
    replace(row(VEHICLES[0], 1), ledger=LEDGER_ROWS[0], changed_end=True),
    row(VEHICLES[1], 2),
    CalendarRow(
        vehicle=None,
        depot_id=ROADS.id,
        depot=ROADS.name,
        contract=None,
        proposal=PROPOSALS[0],
        turn=replace(SHARED, change=replace(SHARED.change, is_shared=True)),
    ),
    row(VEHICLES[2], 3),
    *(row(vehicle) for vehicle in VEHICLES[3:]),
]
FLEET = FleetTransition(
    today=TODAY,
    years=YEARS,
    rows=ROWS,
    depots=[
        DepotTransition(
            depot_id=depot.id,
            name=depot.name,
            points=PointsNeed(
                existing=2, today=2, proposed=3, to_build=1, kr=40_000.0, is_known=known
            ),
            is_empty=not known,
        )
        for depot, known in ((TOWN_HALL, True), (ROADS, False))
    ],
    figures=[ASSUMED.figure(key) for key in FIGURES],
)


def page_of(fleet: FleetTransition, rows: Sequence[CalendarRow]) -> TransitionPage:
    """The page of a transition with some rows of its calendar."""
    told = TransitionTold(fleet=fleet, round=None if fleet.years is None else ROUND)
    return TransitionPage(
        told=told,
        rows=asked_part(rows, {}, "/proposals/transition", most=ROWS_SHOWN),
        depot_years=asked_part(told.depot_years, {}, "/proposals/transition", most=ROWS_SHOWN),
        depots=[Choice(ROADS.id, ROADS.name)],
        depot_id=None,
        shown=Shown.ALL,
    )


AS_PROPOSED = transition(CHANGES[:2], {}, date(2027, 1, 1), date(2026, 11, 30), 2_050.0)
MOVING = replace(CHANGES[0], action=Action.MOVE, settled=date(2026, 11, 1), is_carried=True)
CARRIED = transition([MOVING], GRID, date(2026, 12, 1), TODAY, 2_050.0)
DONE = replace(PROPOSALS[0], verdict=Verdict.DONE)
REPORT = PROPOSAL_PAGES["report-long"]
assert isinstance(REPORT, ReportPage)

TRANSITION_PAGES: dict[str, PageView] = {
    "transition": page_of(FLEET, ROWS),
    "transition-as-proposed": page_of(
        replace(FLEET, years=AS_PROPOSED, rows=ROWS[3:], depots=FLEET.depots[1:]), ROWS[3:]
    ),
    "transition-carried": page_of(
        replace(FLEET, years=CARRIED, depots=FLEET.depots[1:]),
        [replace(ROWS[2], proposal=DONE, turn=CARRIED.turns[0])],
    ),
    "transition-no-round": page_of(replace(FLEET, years=None, depots=(), rows=ROWS[4:]), ROWS[4:]),
    "transition-no-change": page_of(
        replace(
            FLEET,
            years=transition([], GRID, date(2026, 12, 1), TODAY, 2_050.0),
            depots=(),
            rows=ROWS[4:],
        ),
        (),
    ),
    "transition-empty": page_of(replace(FLEET, years=None, depots=(), rows=()), ()),
    "report-transition": replace(REPORT, transition=TransitionTold(fleet=FLEET, round=ROUND)),
}
