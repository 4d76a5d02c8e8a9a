"""Reads the ledger: every accepted proposal with its tasks, and what it saved by a day."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from costs.assumptions_stored import read_assumptions
from costs.budget import MONTHS
from costs.ownership import assumed_rules
from db.connect import Pool
from db.scope.read_once import read_once
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor
from fleet.localtime import local_day
from optimiser.carried.no_room import Unfit, without_room
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision
from optimiser.ledger.hired import HiredList, hired_lists, hired_months
from optimiser.ledger.leakage import Place
from optimiser.ledger.progress import (
    Account,
    Progress,
    TaskState,
    Undertaken,
    VehicleFacts,
    account,
)
from optimiser.ledger.steps import Step
from optimiser.rounds.decisions import Status, Verdict, status_of
from optimiser.rounds.proposals import Proposal, proposals_by_id
from optimiser.studies.budget import decision_budget
from optimiser.studies.read_bodies import decision_of
from register.vehicles import Scope

SQL = statements("ledger")

_DAYS_YEAR = 365.0
_G_PER_KG = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A step of an accepted proposal. `owner` is the name of the account `owner_account` or, where
    that is None, of a department; "": it has none. `revision` grows with each change. `planned` is
    the day that follows from the contract and the register; `due` is another one where a person
    chose it."""

    task_id: int
    step: Step
    due: date
    owner: str
    owner_account: int | None
    note: str
    done_on: date | None
    done_by: str | None
    revision: int
    planned: date

    def is_late(self, today: date) -> bool:
        return self.done_on is None and self.due < today

    def is_for(self, actor: Actor) -> bool:
        """Whether the actor is to do it: in person, or as the head of the department."""
        if self.owner_account is not None:
            return self.owner_account == actor.account_id
        return self.owner in (actor.departments or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTask:
    """A task that waits for who reads, with the proposal that it is of."""

    task: Task
    row: "LedgerRow"

    @property
    def is_late(self) -> bool:
        return self.task.is_late(self.row.today)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """An accepted proposal with what became of it. `is_closed`: its verdict is that it is carried
    out. `no_room` says why the plan of the latest round cannot have it; None: it has it, or it is
    carried out."""

    proposal: Proposal
    progress: Progress
    tasks: Sequence[Task]
    accepted_at: datetime
    accepted_by: str
    is_closed: bool
    no_room: Unfit | None = None

    @property
    def status(self) -> Status:
        """The status of the decision, as every page and document tells it."""
        if self.no_room is not None:
            return Status.NO_ROOM
        return status_of(
            Verdict.DONE if self.is_closed else Verdict.ACCEPTED,
            is_changed=False,
            register_follows=self.proposal.register_follows,
            is_leaving=self.proposal.decision.action is Action.DISPOSE,
        )

    @property
    def late_tasks(self) -> Sequence[Task]:
        return [one for one in self.tasks if one.is_late(self.today)]

    @property
    def next_task(self) -> Task | None:
        return next((one for one in self.tasks if one.done_on is None), None)

    @property
    def today(self) -> date:
        return self.progress.today


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The accepted proposals that are seen, and their account. `lists` are those of journeys."""

    account: Account
    rows: Sequence[LedgerRow]
    lists: Sequence[HiredList]

    def row_of(self, proposal_id: int) -> LedgerRow | None:
        """The row of a proposal; None: it is not accepted, or not seen."""
        return next((one for one in self.rows if one.proposal.proposal_id == proposal_id), None)

    def by_key(self) -> Mapping[DecisionKey, LedgerRow]:
        """The latest row of each decision, in whichever round it was accepted."""
        return {one.proposal.decision.key: one for one in self.rows}

    def waiting_for(self, actor: Actor) -> Sequence[OwnTask]:
        """The tasks that the actor is to do and that are not done, in the order of their days."""
        found = [
            OwnTask(task=task, row=row)
            for row in self.rows
            if not row.is_closed
            for task in row.tasks
            if task.done_on is None and task.is_for(actor)
        ]
        return sorted(found, key=lambda one: (one.task.due, one.task.task_id))

    @property
    def unknown_places(self) -> frozenset[Place]:
        return self.account.leakage.unknown


@read_once
async def read_ledger(
    pool: Pool, scope: Scope | None, today: date, silent_days: int, depot_id: str | None = None
) -> Ledger:
    """The ledger on a day, of the decisions that are seen in the `scope`; those of a depot only,
    where one is given."""
    found, stood_in, no_room, hired, lists, assumptions = await asyncio.gather(
        pool.fetch(SQL["undertakings"]),
        _stood_in(pool),
        without_room(pool, scope),
        hired_months(pool),
        hired_lists(pool),
        read_assumptions(pool),
    )
    proposals = {
        one.proposal_id: one
        for one in await proposals_by_id(pool, [row["proposal_id"] for row in found], scope)
        if depot_id is None or depot_id in _depots(one.decision)
    }
    rows = [row for row in found if row["proposal_id"] in proposals]
    tasks = _tasks(await pool.fetch(SQL["tasks"], [row["undertaking_id"] for row in rows]))
    leak_kg_km = assumed_rules(assumptions.at(today.year))["fallback_co2_g_km"] / _G_PER_KG
    undertaken = [
        _undertaken(
            row,
            tasks.get(row["undertaking_id"], ()),
            is_stood_in=row["undertaking_id"] in stood_in,
            is_shared=proposals[row["proposal_id"]].shared,
            has_no_room=DecisionKey.parse(row["key"]) in no_room,
        )
        for row in rows
    ]
    kept = account(undertaken, hired, today, silent_days=silent_days, leak_kg_km=leak_kg_km)
    return Ledger(
        account=kept,
        rows=[
            LedgerRow(
                proposal=proposals[row["proposal_id"]],
                progress=progress,
                tasks=tasks.get(row["undertaking_id"], ()),
                accepted_at=row["accepted_at"],
                accepted_by=row["accepted_by"],
                is_closed=row["done_at"] is not None,
                no_room=None
                if progress.carried_on is not None
                else no_room.get(DecisionKey.parse(row["key"])),
            )
            for row, progress in zip(rows, kept.rows, strict=True)
        ],
        lists=lists,
    )


@unscoped
async def _stood_in(pool: Pool) -> frozenset[int]:
    """The undertakings instead of which another vehicle goes, whoever sees that one. A vehicle goes
    instead of one other."""
    instead: dict[int, int] = {}
    for row in await pool.fetch(SQL["standing_in"]):
        if row["stands_in"] not in instead.values():
            instead.setdefault(row["undertaking_id"], row["stands_in"])
    return frozenset(instead)


def _undertaken(
    row: asyncpg.Record,
    tasks: Sequence[Task],
    *,
    is_stood_in: bool,
    is_shared: bool,
    has_no_room: bool,
) -> Undertaken:
    decision = decision_of(row["content"])
    departments = {*decision.departments, *([row["department"]] if row["department"] else [])}
    if decision.arrival is not None and decision.arrival.department:
        departments.add(decision.arrival.department)
    leaves = decision.action in (Action.DISPOSE, Action.REPLACE)
    return Undertaken(
        number=row["undertaking_id"],
        action=decision.action,
        accepted_on=local_day(row["accepted_at"]),
        takes_hold=row["takes_hold"],
        terms=decision_budget(decision, row["takes_hold"]).terms,
        co2_t_year=decision.saving_co2_t_year,
        co2_kr_t=row["co2_kr_t"] or 0.0,
        depot_ids=_depots(decision),
        departments=frozenset(departments),
        whole=decision.whole,
        tasks=[
            TaskState(step=one.step, due=one.due, owner=one.owner, done_on=one.done_on)
            for one in tasks
        ],
        vehicle=VehicleFacts(
            retired_at=row["retired_at"],
            contract_end=row["contract_end"],
            heard_on=row["heard_on"],
            drove_on=row["drove_on"],
        )
        if leaves
        else None,
        is_at_old_depot=decision.action is Action.MOVE and row["at_depot"] == decision.depot_id,
        closed_on=None if row["done_at"] is None else local_day(row["done_at"]),
        planned_kr_month=_planned_kr_month(decision, row),
        is_stood_in=is_stood_in,
        is_shared=is_shared,
        has_no_room=has_no_room,
    )


def _planned_kr_month(decision: Decision, row: asyncpg.Record) -> float:
    """What the proposal counts for its trips that go by taxi, each as long as the vehicle's are."""
    days = row["period_days"]
    if not decision.to_fallback or not days:
        return 0.0
    km = decision.km / decision.trips if decision.trips else 0.0
    kr = (row["fallback_kr_trip"] or 0.0) + km * (row["fallback_kr_km"] or 0.0)
    return decision.to_fallback * kr * _DAYS_YEAR / days / MONTHS


def _depots(decision: Decision) -> frozenset[str]:
    """The depots that a decision is of."""
    return frozenset(end.depot_id for end in decision.by_depot)


def _tasks(rows: Iterable[asyncpg.Record]) -> Mapping[int, Sequence[Task]]:
    """Tasks by the numbers of their undertakings."""
    found: dict[int, list[Task]] = {}
    for row in rows:
        found.setdefault(row["undertaking_id"], []).append(
            Task(
                task_id=row["task_id"],
                step=Step(row["step"]),
                due=row["due"],
                owner=row["owner"],
                owner_account=row["owner_account"],
                note=row["note"],
                done_on=row["done_on"],
                done_by=row["done_by"],
                revision=row["revision"],
                planned=row["planned"],
            )
        )
    return found
