"""The depots of a round, and the days at one before and after a proposal, for programs:
`/v1/rounds/{round_id}/depots` and `/v1/proposals/{proposal_id}/days`."""

from dataclasses import asdict
from datetime import date, datetime

from api.pages.depot_days.days import why_not
from api.pages.depot_days.views import DaysShown
from api.pages.proposals.depots import depot_rows
from api.pages.proposals.views import DepotRow
from api.pages.words.language import mark
from api.rest.frame.bodies import PageBody, PageQuery, Query, ResponseBody
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import page_of
from api.rest.frame.problems import Problem
from api.rest.rounds.rounds import BudgetYearTold, budget_told
from costs.peak_days import PeakDayName
from fleet.actor import Permission
from fleet.vehicle import Energy
from optimiser.days.depot_day import DayRow, DepotDay, RowKind, TripMark
from optimiser.days.stored_days import drawn_days, planned_depot
from optimiser.parts.depot_plan import FleetFigures
from optimiser.rounds.overview import done_version
from optimiser.rounds.proposals import one_proposal
from optimiser.rounds.studies import round_studies
from register.track_reasons import tracks_access
from register.vehicles import scope_of


class DepotFigures(ResponseBody):
    """The figures of a fleet of a depot, a year: cost in kr., with the value of the CO2e, and CO2e
    in tonnes."""

    vehicles: int
    green_vehicles: int
    cost_kr_year: float
    co2_t_year: float
    fallback_trips_year: float


class KindChange(ResponseBody):
    """The number of vehicles of a kind today and in the plan."""

    kind: str
    energy: Energy
    count_now: int
    count: int


class Charging(ResponseBody):
    """The charging need of the electric vehicles of a fleet. Without management, at most
    `charging_at_once` of them charge at one moment. `kwh` is the energy in the period."""

    vehicles: int
    charging_at_once: int
    unmanaged_kw: float
    managed_kw: float
    kwh: float


class PeakDayTold(ResponseBody):
    """A peak day that is laid over the busiest day of the depot: of its `trips` the proposed fleet
    has no vehicle for `without_vehicle`, and that of today for `without_vehicle_today`; of the
    former, nobody drives `not_driven`. The others cost `unserved_kr_year` by taxi, hire and own car
    on all such days of a year, and to be ready for them costs `ready_kr_year`; null: the kinds that
    may be bought cannot serve them."""

    name: PeakDayName
    days_year: float
    trips: int
    missing: int
    without_vehicle: int
    without_vehicle_today: int
    not_driven: int
    unserved_kr_year: float
    ready_kr_year: float | None


class DepotTold(ResponseBody):
    """A depot in the plan of a round. At most `peak_out` of today's `vehicles_known` of which the
    use is known were out at once (null in rounds of earlier software, whose peak is of all), and
    `tight_days` days are tight. `departments_apart`: they do not share its vehicles. Of
    `unknown_vehicles` too little is known. The charging is null, and the peak days are none, until
    they are worked out. `budget` is what the decisions there save in each of five calendar years.
    `going` and `coming` are the names of the vehicles that move."""

    depot_id: str
    name: str
    today: DepotFigures
    proposed: DepotFigures
    changes: list[KindChange]
    departments: list[str]
    departments_apart: bool
    peak_out: int
    vehicles_known: int | None
    tight_days: int
    unknown_vehicles: int
    charging_today: Charging | None
    charging_proposed: Charging | None
    peak_days: list[PeakDayTold]
    budget: list[BudgetYearTold]
    going: list[str]
    coming: list[str]


class DepotsTold(PageBody):
    """The depots of a round, in the order of their ids. Who sees some departments only is told of
    those at which no other vehicles stand."""

    items: list[DepotTold]


class DayTripTold(ResponseBody):
    """A round trip, and the name of the vehicle that drove it. `mark`: it is of the vehicle of the
    proposal, of another one that leaves, or of one that stays."""

    start: datetime
    end: datetime
    mark: TripMark
    driven_by: str


class DayRowTold(ResponseBody):
    """The trips of a vehicle, of one to be bought, or of the `fallback`, which has no name.
    `leaves`: the plan does not have the vehicle."""

    kind: RowKind
    name: str
    leaves: bool
    trips: list[DayTripTold]


class DepotDayTold(ResponseBody):
    """A day as it was driven (`before`) and as the plan has it (`after`). `still` vehicles did no
    trip on it. `found_since` trips are stored and not in the plan, and `uncounted` vehicles drove
    from the depot and are not in the calculation."""

    day: date
    typical: bool
    busiest: bool
    trips: int
    out_at_once: int
    to_fallback: int
    still: int
    found_since: int
    uncounted: int
    before: list[DayRowTold]
    after: list[DayRowTold]


class DepotDaysTold(ResponseBody):
    """A typical and the busiest day at the depot of a proposal, or the one that is both. `hidden`
    says why there is none: vehicles of other departments stand there, too (`shared`), the round is
    of earlier software, or no trip is stored."""

    hidden: DaysShown | None
    days: list[DepotDayTold]


async def list_depots(call: Call[PageQuery]) -> DepotsTold:
    round_id = call.id("round_id")
    found = await done_version(call.pool, round_id)
    if found is None:
        raise Problem(404, f"there is no round {round_id} that is done")
    studies = await round_studies(call.pool, round_id)
    rows = await depot_rows(call.pool, found, studies, await scope_of(call.pool, call.actor))
    items, more = page_of(rows, call.asked, lambda row: row.plan.depot_id)
    return DepotsTold(items=[_depot(row) for row in items], next=more)


async def show_days(call: Call[Query]) -> DepotDaysTold:
    proposal_id = call.id("proposal_id")
    scope = await scope_of(call.pool, call.actor)
    if await one_proposal(call.pool, proposal_id, scope) is None:
        raise Problem(404, f"there is no proposal {proposal_id}")
    depot = await planned_depot(call.pool, proposal_id)
    hidden = why_not(depot)
    if depot is None or depot.days is None or hidden is not None:
        return DepotDaysTold(hidden=hidden, days=[])
    access = await tracks_access(call.pool, call.actor, depot.drivers)
    if access is None:
        raise Problem(403, "say on the page of the days, once a day, why you look at its trips")
    typical, busiest = depot.days.typical.day, depot.days.busiest.day
    return DepotDaysTold(
        hidden=None,
        days=[
            _day(one, typical, busiest)
            for one in await drawn_days(call.pool, call.actor, depot, access)
        ],
    )


def _depot(row: DepotRow) -> DepotTold:
    plan, charging = row.plan, row.charging
    return DepotTold(
        depot_id=plan.depot_id,
        name=row.name,
        today=_figures(plan.baseline),
        proposed=_figures(plan.proposed),
        changes=[KindChange(**asdict(one)) for one in plan.changes],
        departments=list(plan.departments),
        departments_apart=plan.apart,
        peak_out=plan.peak,
        vehicles_known=plan.vehicles_known,
        tight_days=plan.tight_days_count,
        unknown_vehicles=len(plan.unknown),
        charging_today=None if charging is None else Charging(**asdict(charging.today)),
        charging_proposed=None if charging is None else Charging(**asdict(charging.proposed)),
        peak_days=[
            PeakDayTold(**{name: getattr(one, name) for name in PeakDayTold.model_fields})
            for one in row.peaks
        ],
        budget=budget_told(row.budget.years),
        going=list(row.going),
        coming=list(row.coming),
    )


def _figures(figures: FleetFigures) -> DepotFigures:
    return DepotFigures(**asdict(figures))


def _day(one: DepotDay, typical: date, busiest: date) -> DepotDayTold:
    return DepotDayTold(
        day=one.count.day,
        typical=one.count.day == typical,
        busiest=one.count.day == busiest,
        trips=one.count.trips,
        out_at_once=one.count.out,
        to_fallback=one.to_fallback,
        still=one.still,
        found_since=one.found_since,
        uncounted=one.uncounted,
        before=[_row(row) for row in one.before],
        after=[_row(row) for row in one.after],
    )


def _row(row: DayRow) -> DayRowTold:
    trips = [DayTripTold(**asdict(trip)) for trip in row.trips]
    return DayRowTold(kind=row.kind, name=row.name, leaves=row.leaves, trips=trips)


DEPOTS_OF_ROUNDS = (
    Operation(
        "GET",
        "/v1/rounds/{round_id}/depots",
        Permission.FIGURES_READ,
        mark("The depots in the plan of a round"),
        PageQuery,
        DepotsTold,
        list_depots,
    ),
    Operation(
        "GET",
        "/v1/proposals/{proposal_id}/days",
        Permission.TRACKS_READ,
        mark("A typical and the busiest day at the depot of a proposal, before and after"),
        Query,
        DepotDaysTold,
        show_days,
    ),
)
