"""The transition year by year for programs: `/v1/transition`."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from api.pages.words.language import mark
from api.pages.words.seasons import Season, seasons_untold
from api.rest.frame.bodies import Name, PageBody, PageQuery, Query, ResponseBody
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from costs.assumptions import FigureKey
from costs.budget import Leaving
from fleet.actor import Permission
from fleet.localtime import local_now
from optimiser.depot.decision_key import Action
from optimiser.rounds.decisions import Verdict
from optimiser.rounds.overview import Round, latest_round
from optimiser.transition.contracts import Holding
from optimiser.transition.stored import CalendarRow, FleetTransition, read_transition
from optimiser.transition.years import TransitionYear
from register.vehicles import scope_of

_RANK: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=0)])


class YearTold(ResponseBody):
    """What a budget saves in a year by the changes as they are planned now, in kr.; what is paid is
    below 0. `proposed_kr` is the whole as the round proposed it, `rejected_kr` the part of that
    which was rejected: its own share, while the plan without it is known once it is calculated
    again (`left_out_kr_year` of the proposal is what it costs alone). The kW and what they cost
    once (`grid_kr`, in no other amount) are null where the charging is not studied."""

    year: int
    running_kr: float
    sale_kr: float
    exit_kr: float
    price_kr: float
    charge_points_kr: float
    planned_kr: float
    proposed_kr: float
    rejected_kr: float
    charge_points: int
    grid_kw: float | None
    grid_managed_kw: float | None
    grid_kr: float | None


class DepotYears(ResponseBody):
    """The years of a depot. `empty`: no vehicle stands there any more."""

    depot_id: str
    empty: bool
    years: list[YearTold]


class TransitionTold(ResponseBody):
    """The transition by the latest round: its years, those of each depot with changes, and what a
    budget saves in a full year once all is in place, as proposed and as planned now. `held` counts
    the vehicles by how they are held. A full year is the days of the round, scaled up: it tells
    nothing of the seasons `seasons_untold`. `round_id` is null where there is no round."""

    round_id: int | None
    begins: date | None
    paid_kr_year: float
    planned_kr_year: float
    notice_months: int
    seasons_untold: list[Season]
    held: dict[Holding, int]
    years: list[YearTold]
    depots: list[DepotYears]


class ContractTold(ResponseBody):
    """A vehicle with its contract and what the latest round proposes for it; a proposal that buys
    or shares vehicles has no `vehicle_id`. `notice_by` is the last day to give notice, and
    `holds_from` the first of the month in which the change takes hold: null where it does not."""

    vehicle_id: str | None
    depot_id: str
    holding: Holding | None
    contract_end: date | None
    notice_by: date | None
    notice_given_on: date | None
    left_on: date | None
    proposal_id: int | None
    action: Action | None
    verdict: Verdict | None
    holds_from: date | None
    leaving: Leaving | None
    new_kind: str | None


class ContractsQuery(PageQuery):
    """Of which depot; of all without one."""

    depot_id: Name | None = None


class Contracts(PageBody):
    """The vehicles with their contracts, first those about which something is to be done next."""

    items: list[ContractTold]


async def show_transition(call: Call[Query]) -> TransitionTold:
    found = await latest_round(call.pool)
    fleet = await _read(call, found)
    years = fleet.years
    notice = next(one for one in fleet.figures if one.key is FigureKey.NOTICE_MONTHS)
    return TransitionTold(
        round_id=None if found is None else found.round_id,
        begins=None if years is None else years.begins,
        paid_kr_year=0.0 if years is None else years.paid_kr_year,
        planned_kr_year=0.0 if years is None else years.planned_kr_year,
        notice_months=int(notice.value),
        seasons_untold=[]
        if found is None
        else seasons_untold(found.period.first, found.period.last),
        held=dict(fleet.held()),
        years=[] if years is None else [_year(one) for one in years.years],
        depots=[]
        if years is None
        else [
            DepotYears(
                depot_id=one.depot_id,
                empty=one.is_empty,
                years=[_year(year) for year in years.depots[one.depot_id]],
            )
            for one in fleet.depots
        ],
    )


async def list_contracts(call: Call[ContractsQuery]) -> Contracts:
    after, depot_id = key_after(call.asked, _RANK), call.asked.depot_id
    fleet = await _read(call, await latest_round(call.pool))
    ranked = [
        (rank, row)
        for rank, row in enumerate(fleet.rows)
        if (after is None or rank > after) and depot_id in (None, row.depot_id)
    ]
    items, more = cut(ranked, call.asked.limit, lambda one: one[0])
    return Contracts(items=[_contract(row) for _, row in items], next=more)


async def _read(call: Call[Any], found: Round | None) -> FleetTransition:
    return await read_transition(
        call.pool,
        found,
        await scope_of(call.pool, call.actor),
        local_now().date(),
        call.context.settings.ledger_silent_days,
    )


def _year(one: TransitionYear) -> YearTold:
    planned = one.planned
    return YearTold(
        year=one.year,
        running_kr=planned.running_kr,
        sale_kr=planned.sale_kr,
        exit_kr=planned.exit_kr,
        price_kr=planned.price_kr,
        charge_points_kr=planned.charge_points_kr,
        planned_kr=planned.total_kr,
        proposed_kr=one.proposed.total_kr,
        rejected_kr=one.rejected.total_kr,
        charge_points=one.charge_points,
        grid_kw=one.grid_kw,
        grid_managed_kw=one.grid_managed_kw,
        grid_kr=one.grid_kr,
    )


def _contract(row: CalendarRow) -> ContractTold:
    contract, proposal = row.contract, row.proposal
    planned = None if row.turn is None else row.turn.planned
    return ContractTold(
        vehicle_id=None if row.vehicle is None else row.vehicle.vehicle_id,
        depot_id=row.depot_id,
        holding=None if contract is None else contract.holding,
        contract_end=None if contract is None else contract.end,
        notice_by=row.notice_by,
        notice_given_on=None if row.notice is None else row.notice.done_on,
        left_on=row.left_on,
        proposal_id=None if proposal is None else proposal.proposal_id,
        action=None if proposal is None else proposal.decision.action,
        verdict=None if proposal is None else proposal.verdict,
        holds_from=row.goes_on,
        leaving=None if planned is None else planned.leaving,
        new_kind=None if proposal is None else proposal.decision.new_kind,
    )


TRANSITION: Sequence[Operation[Any, Any]] = (
    Operation(
        "GET",
        "/v1/transition",
        Permission.FIGURES_READ,
        mark("The transition year by year: savings, investments and power by budget year"),
        Query,
        TransitionTold,
        show_transition,
    ),
    Operation(
        "GET",
        "/v1/transition/contracts",
        Permission.FIGURES_READ,
        mark("The contracts of all vehicles, and what happens to each when"),
        ContractsQuery,
        Contracts,
        list_contracts,
    ),
)
