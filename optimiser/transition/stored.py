"""Reads the transition of a round: every vehicle with its contract, and the money by year."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from costs.assumptions import Figure, FigureKey
from costs.assumptions_stored import read_assumptions
from costs.budget import MoneyTerms, next_month
from db.connect import Pool
from fleet.names.order import name_order
from optimiser.depot.charge_points import PointsNeed
from optimiser.depot.decisions import Decision
from optimiser.ledger.steps import Step
from optimiser.ledger.stored import LedgerRow, Task, read_ledger
from optimiser.rounds.decisions import Verdict
from optimiser.rounds.overview import Round
from optimiser.rounds.proposals import Proposal
from optimiser.rounds.studies import RoundStudies, depot_plans, round_studies
from optimiser.studies.budget import decision_budget
from optimiser.studies.grid import electric_coming, grid_needs
from optimiser.transition.contracts import Contract, Holding, contract_of
from optimiser.transition.remembered import Remembered
from optimiser.transition.years import Change, ChangeEnd, Transition, Turn, transition
from register.inventory.stored import RegisteredVehicle, registered_vehicles
from register.vehicles import Scope
from register.zones_stored import depots

#: The figures of the assumptions that the transition rests on.
FIGURES = (FigureKey.NOTICE_MONTHS, FigureKey.CHARGE_POINT_KR, FigureKey.GRID_KR_KW)

#: The transitions that are remembered: of who sees all, and of some heads of departments.
TRANSITIONS_KEPT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRow:
    """A vehicle with its contract and what is proposed for it, or what a round buys or shares.

    Attributes:
        vehicle: None for what is about no vehicle that is there.
        contract: None for the same, and for a vehicle that has left the fleet.
        left_on: the day from which it is out of the fleet.
        changed_end: the register has another end of its contract than the round had.
        notice: the task to give notice, if what is proposed is accepted.
    """

    vehicle: RegisteredVehicle | None
    depot_id: str
    depot: str
    contract: Contract | None
    proposal: Proposal | None = None
    turn: Turn | None = None
    ledger: LedgerRow | None = None
    left_on: date | None = None
    changed_end: bool = False

    @property
    def name(self) -> str:
        """The name of the vehicle, of the kind that is bought, or of those who share."""
        if self.vehicle is not None:
            return self.vehicle.details.name
        assert self.proposal is not None, "a row is about a vehicle or a proposal"
        decision = self.proposal.decision
        return decision.vehicle or decision.new_kind or ", ".join(decision.departments)

    @property
    def notice(self) -> Task | None:
        tasks = () if self.ledger is None else self.ledger.tasks
        return next((one for one in tasks if one.step is Step.GIVE_NOTICE), None)

    @property
    def goes_on(self) -> date | None:
        """The first of the month in which its change takes hold; None: it stays as it is."""
        planned = None if self.turn is None else self.turn.planned
        return None if planned is None else planned.day

    @property
    def notice_by(self) -> date | None:
        """The last day to give notice: that of the task, or else by its contract."""
        if self.notice is not None:
            return self.notice.due
        return None if self.contract is None else self.contract.notice_by

    def next_day(self, today: date) -> date:
        """The next day on which something is to be done about it; `date.max`: there is none."""
        if self.contract is not None and self.contract.holding is Holding.ENDED:
            return today
        contract_end = None if self.contract is None else self.contract.end
        days = [self.notice_by, self.goes_on, contract_end]
        return min((day for day in days if day is not None and day >= today), default=date.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotTransition:
    """A depot of the transition: its charge points, and whether no vehicle stands there any more,
    as where it closed."""

    depot_id: str
    name: str
    points: PointsNeed | None
    is_empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetTransition:
    """The transition as it is seen on a day. `years` is None where there is no round; `depots` are
    those with changes."""

    today: date
    years: Transition | None
    rows: Sequence[CalendarRow]
    depots: Sequence[DepotTransition]
    figures: Sequence[Figure]

    def held(self) -> Mapping[Holding, int]:
        """How many vehicles of the fleet are held in each way."""
        return Counter(row.contract.holding for row in self.rows if row.contract is not None)

    @property
    def changing(self) -> Sequence[CalendarRow]:
        """The rows with a change that is planned, in the order in which they take hold."""
        going = [row for row in self.rows if row.goes_on is not None]
        return sorted(going, key=lambda row: (row.goes_on or date.max, name_order(row.name)))


async def read_transition(
    pool: Pool, found: Round | None, scope: Scope | None, today: date, silent_days: int
) -> FleetTransition:
    """The transition by a round on a day, of the vehicles that are seen in the `scope`."""
    assumptions, vehicles, every_depot = await asyncio.gather(
        read_assumptions(pool), registered_vehicles(pool), depots(pool)
    )
    at_today = assumptions.at(today.year)
    names = {depot.depot_id: depot.name for depot in every_depot}
    figures = [at_today.figure(key) for key in FIGURES]
    if found is None:
        months = int(at_today[FigureKey.NOTICE_MONTHS])
        seen = _seen(vehicles, scope).values()
        rows = [_vehicle_row(one, today, months) for one in seen if one.is_in_fleet(today)]
        return FleetTransition(
            today=today, years=None, rows=_in_order(rows, today), depots=(), figures=figures
        )
    ledger, studies, plans = await asyncio.gather(
        read_ledger(pool, scope, today, silent_days),
        round_studies(pool, found.round_id),
        depot_plans(pool, found.round_id),
    )
    return _transition_of(
        _Inputs(
            today=today,
            scope=scope,
            figures=figures,
            vehicles=vehicles,
            depot_names=names,
            begins=found.begins,
            proposals=[
                one for whole in found.proposals if whole.is_change for one in whole.singles
            ],
            ledger=ledger.rows,
            studies=studies,
            points={plan.depot_id: plan.charge_points for plan in plans},
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inputs:
    """All that the transition of a round follows from, on a day."""

    today: date
    scope: Scope | None
    figures: Sequence[Figure]
    vehicles: Sequence[RegisteredVehicle]
    depot_names: Mapping[str, str]
    begins: date
    #: The proposed changes, each by itself.
    proposals: Sequence[Proposal]
    ledger: Sequence[LedgerRow]
    studies: RoundStudies
    points: Mapping[str, PointsNeed | None]


def _worked_out(known: _Inputs) -> FleetTransition:
    today, scope, proposals = known.today, known.scope, known.proposals
    figures = {figure.key: figure.value for figure in known.figures}
    months = int(figures[FigureKey.NOTICE_MONTHS])
    seen = _seen(known.vehicles, scope)
    by_key = {one.proposal.decision.key: one for one in known.ledger}
    kept = {one.proposal_id: by_key.get(one.decision.key) for one in proposals if one.accepted}
    grid = grid_needs(known.studies.charging.values())
    years = transition(
        [_change(one, kept.get(one.proposal_id), known.begins) for one in proposals],
        grid,
        known.begins,
        today,
        figures[FigureKey.GRID_KR_KW],
    )
    turns = {turn.change.proposal_id: turn for turn in years.turns}
    about = {one.decision.vehicle_id: one for one in proposals if one.decision.vehicle_id}
    rows = [
        _vehicle_row(one, today, months, about.get(one.vehicle_id), turns, kept)
        for one in seen.values()
        if one.is_in_fleet(today) or one.vehicle_id in about
    ]
    rows += [
        CalendarRow(
            vehicle=None,
            depot_id=one.depot_id,
            depot=one.depot,
            contract=None,
            proposal=one,
            turn=turns[one.proposal_id],
            ledger=kept.get(one.proposal_id),
        )
        for one in proposals
        if one.decision.vehicle_id not in seen
    ]
    stand = {one.details.depot_id for one in known.vehicles if one.is_in_fleet(today)}
    return FleetTransition(
        today=today,
        years=years,
        rows=_in_order(rows, today),
        depots=sorted(
            (
                DepotTransition(
                    depot_id=depot_id,
                    name=known.depot_names.get(depot_id, depot_id),
                    points=known.points.get(depot_id),
                    # Who sees some departments does not see who else stands there.
                    is_empty=scope is None and depot_id not in stand,
                )
                for depot_id in years.depots
            ),
            key=lambda depot: name_order(depot.name),
        ),
        figures=known.figures,
    )


_transition_of = Remembered(_worked_out, TRANSITIONS_KEPT)


def _seen(
    vehicles: Sequence[RegisteredVehicle], scope: Scope | None
) -> Mapping[str, RegisteredVehicle]:
    """The vehicles that are seen in a scope, by id."""
    return {
        one.vehicle_id: one
        for one in vehicles
        if scope is None or one.vehicle_id in scope.vehicle_ids
    }


def _vehicle_row(
    vehicle: RegisteredVehicle,
    today: date,
    notice_months: int,
    proposal: Proposal | None = None,
    turns: Mapping[int, Turn] | None = None,
    kept: Mapping[int, LedgerRow | None] | None = None,
) -> CalendarRow:
    in_fleet = vehicle.is_in_fleet(today)
    number = None if proposal is None else proposal.proposal_id
    return CalendarRow(
        vehicle=vehicle,
        depot_id=vehicle.details.depot_id,
        depot=vehicle.depot_name,
        contract=contract_of(vehicle.details, today, notice_months) if in_fleet else None,
        proposal=proposal,
        turn=None if number is None or turns is None else turns[number],
        ledger=None if number is None or kept is None else kept.get(number),
        left_on=None if in_fleet else vehicle.retired_at,
        changed_end=proposal is not None
        and in_fleet
        and proposal.decision.contract_end != vehicle.details.contract_end,
    )


def _change(proposal: Proposal, kept: LedgerRow | None, begins: date) -> Change:
    decision = proposal.decision
    carried = None if kept is None else kept.progress.carried_on
    undertaken = None if kept is None else kept.progress.undertaken
    settled = None if undertaken is None else undertaken.planned_from or undertaken.takes_hold
    if carried is not None:
        settled = carried if carried.day == 1 else next_month(carried)
    return Change(
        proposal_id=proposal.proposal_id,
        action=decision.action,
        terms=_terms(decision, begins),
        ends=[
            ChangeEnd(
                depot_id=end.depot_id,
                terms=_terms(end, begins),
                charge_points=end.charge_points,
                electric=electric_coming(end, decision),
            )
            for end in decision.by_depot
        ],
        is_rejected=proposal.verdict is Verdict.REJECTED,
        settled=settled,
        is_carried=carried is not None,
        is_shared=proposal.shared,
    )


def _terms(decision: Decision, begins: date) -> MoneyTerms:
    return decision_budget(decision, begins).terms


def _in_order(rows: Iterable[CalendarRow], today: date) -> Sequence[CalendarRow]:
    """The rows in the order of the next day on which something is to be done."""
    return sorted(rows, key=lambda row: (row.next_day(today), name_order(row.name)))
