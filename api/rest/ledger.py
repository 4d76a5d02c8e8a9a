"""What became of accepted proposals, for programs: `/v1/ledger`, `/v1/tasks`, `/v1/journeys`."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from api.pages.frame.uploads import TABLE_READER
from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Day,
    FileQuery,
    FreeText,
    Name,
    Nothing,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from api.rest.frame.problems import Problem
from fleet.actor import Permission
from fleet.files.cells import unpack_rows
from fleet.localtime import local_now
from optimiser.carried.no_room import Unfit
from optimiser.ledger.bridge import read_bridge
from optimiser.ledger.hired import hired_lists, import_hired_list, remove_hired_list
from optimiser.ledger.hired_list import RowFault
from optimiser.ledger.progress import MonthSaving, Sign, State, proposals_of
from optimiser.ledger.steps import Step
from optimiser.ledger.stored import Ledger, LedgerRow, Task, read_ledger
from optimiser.ledger.tasks import (
    TaskPlan,
    finish_task,
    plan_task,
    reopen_task,
    task_history,
)
from optimiser.rounds.decisions import Status
from register.vehicles import scope_of

_RANK: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=0)])

#: The most refused rows of a list that are told.
REFUSED_MAX = 100


class LedgerQuery(Query):
    """Of which depot; of all without one."""

    depot_id: Name | None = None


class AcceptedQuery(PageQuery):
    """Of which depot; of all without one."""

    depot_id: Name | None = None


class TasksQuery(PageQuery):
    """Which tasks: those that are open (or not), and those of a proposal; or all."""

    open: bool | None = None
    proposal_id: int | None = None


class MonthTold(ResponseBody):
    """What accepted proposals promised and achieved in a month (its first day), in kr. that a
    budget sees, in tonnes, and the value of CO2e apart. `once` are sales and purchases. What leaked
    is taken off what is achieved."""

    month: date
    promised_kr: float
    promised_once_kr: float
    promised_co2_t: float
    promised_co2_kr: float
    achieved_kr: float
    achieved_once_kr: float
    achieved_co2_t: float
    achieved_co2_kr: float
    leaked_kr: float
    leaked_co2_t: float


class BridgeTold(ResponseBody):
    """How `accepted_kr_year` of the ledger comes from the proposals of the latest round: what of
    these is accepted, with the figures of the round and the value of CO2e, with what is accepted
    beside them (`earlier`) and what they saved more when they were accepted (`moved_kr_year`), and
    without the value of CO2e (`co2_kr_year`)."""

    number: int
    version: int
    in_round: int
    in_round_kr_year: float
    earlier: int
    earlier_kr_year: float
    moved_kr_year: float
    co2_kr_year: float


class LedgerTold(ResponseBody):
    """What the accepted proposals of all rounds save a year, as a budget has it, what those of them
    save that are carried out, and the months that have ended. `bridge` tells what of that the
    latest round has; null: nothing is accepted, or not all is seen. `watched_until` is the last
    month with figures of taxi, hire and own car; null: none was imported. `unwatched` are months
    before it of which no list says anything. For `without_room` of the accepted ones the latest
    plan has no room: they would save `without_room_kr_year`, which no other sum has. The head of a
    department has `shared` changes beside these, which other departments share and no sum
    has. The numbers are those of changes, which are carried out one by one: the `accepted` ones are
    of so many `proposals`."""

    accepted: int
    proposals: int
    shared: int
    carried_out: int
    late: int
    accepted_kr_year: float
    without_room: int
    without_room_kr_year: float
    bridge: BridgeTold | None
    carried_kr_year: float
    promised_kr: float
    achieved_kr: float
    leaked_kr: float
    watched_until: date | None
    unwatched: list[date]
    months: list[MonthTold]


class AcceptedTold(ResponseBody):
    """An accepted proposal: its state, what is missing (`signs`), and its money until now. It is
    not `counted` in `accepted_kr_year` of the ledger while another vehicle goes instead
    (`stood_in`), or the latest plan has no room for it (`no_room`, which says why). `status` is
    that of the decision. It was promised to save from `holds_from` on, and does so from
    `planned_from` on by the day of its last task; null: that is done."""

    proposal_id: int
    key: str
    depot_id: str
    status: Status
    state: State
    signs: list[Sign]
    no_room: Unfit | None
    accepted_at: datetime
    accepted_by: str
    holds_from: date
    planned_from: date | None
    carried_on: date | None
    paid_kr_year: float
    counted: bool
    promised_kr: float
    achieved_kr: float
    leaked_kr: float
    promised_co2_t: float
    achieved_co2_t: float


class AcceptedProposals(PageBody):
    """The accepted proposals, in the order of their acceptance."""

    items: list[AcceptedTold]


class TaskToldOf(ResponseBody):
    """A task of an accepted proposal. `owner` is the name of a person or of a department; empty:
    nobody has it yet. `planned` is the day that follows from the contract and the register; where
    nobody chose another one, `due` follows it. `late`: it is not done, and its day has passed."""

    id: int
    proposal_id: int
    step: Step
    due: date
    planned: date
    owner: str
    note: str
    done_on: date | None
    done_by: str | None
    late: bool
    revision: int


class Tasks(PageBody):
    """The tasks of accepted proposals."""

    items: list[TaskToldOf]


class TaskPlanBody(RequestBody):
    """By when a task is to be done, and by whom. `revision` is the one that was read."""

    model_config = example(due="2027-03-01", owner="Vej og Park", note="", revision=1)

    due: Annotated[Day, Field(strict=False)]
    owner: Annotated[FreeText, Field(max_length=100)] = ""
    note: FreeText = ""
    revision: Revision
    id: Told = None
    proposal_id: Told = None
    step: Told = None
    planned: Told = None
    done_on: Told = None
    done_by: Told = None
    late: Told = None


class TaskDone(RequestBody):
    """The day on which a task was done. `revision` is the one that was read."""

    model_config = example(done_on="2026-11-30", revision=1)

    done_on: Annotated[Day, Field(strict=False)]
    revision: Revision


class TaskReopened(RequestBody):
    """A task is not done after all, and why. `revision` is the one that was read."""

    model_config = example(reason="The vehicle is still in use", revision=2)

    reason: Annotated[FreeText, Field(min_length=1)]
    revision: Revision


class TaskChangeTold(ResponseBody):
    """What a change of a task set, by whom and when. `follows`: the day of the vehicle in the
    register that changed, so that the task got another day."""

    due: date | None
    owner: str | None
    note: str | None
    done_on: date | None
    reason: str | None
    follows: Literal["contract_end", "retired_at"] | None
    actor: str
    at: datetime


class TaskHistory(ResponseBody):
    """The changes of a task, the latest first. What a change left as it was is null."""

    items: list[TaskChangeTold]


class RefusedJourneys(ResponseBody):
    """A row of a list that was not taken in, and why."""

    row: int
    reason: RowFault


class JourneysTold(ResponseBody):
    """How many sums of months were taken in, and the first rows that were not."""

    months: int
    refused: list[RefusedJourneys]


class JourneyListTold(ResponseBody):
    """A list of journeys of which `rows` sums of months are in use, from `first` to `last`."""

    id: int
    source: str
    imported_by: str
    imported_at: datetime
    first: date
    last: date
    rows: int


class JourneyLists(ResponseBody):
    """The lists of journeys whose figures are in use, the latest first."""

    items: list[JourneyListTold]


async def show_ledger(call: Call[LedgerQuery]) -> LedgerTold:
    found = await _ledger(call, call.asked.depot_id)
    account = found.account
    total = account.total
    is_whole = call.asked.depot_id is None and call.actor.departments is None
    told = await read_bridge(call.pool, found) if is_whole else None
    return LedgerTold(
        accepted=len(account.own),
        proposals=proposals_of(account.own),
        shared=len(account.shared),
        carried_out=len(account.carried),
        late=len(account.late),
        accepted_kr_year=account.accepted_kr_year,
        without_room=len(account.without_room),
        without_room_kr_year=account.without_room_kr_year,
        bridge=None if told is None else BridgeTold(**asdict(told)),
        carried_kr_year=account.carried_kr_year,
        promised_kr=total.promised_kr,
        achieved_kr=total.achieved_kr,
        leaked_kr=total.leaked_kr,
        watched_until=account.leakage.watched_until,
        unwatched=list(account.leakage.gaps),
        months=[_month(one) for one in account.months],
    )


async def list_accepted(call: Call[AcceptedQuery]) -> AcceptedProposals:
    after = key_after(call.asked, _RANK)
    rows = (await _ledger(call, call.asked.depot_id)).rows
    found = [(rank, row) for rank, row in enumerate(rows) if after is None or rank > after]
    items, more = cut(found, call.asked.limit, lambda ranked: ranked[0])
    return AcceptedProposals(items=[_accepted(row) for _, row in items], next=more)


async def list_tasks(call: Call[TasksQuery]) -> Tasks:
    asked, after = call.asked, key_after(call.asked, _RANK)
    ledger = await _ledger(call)
    found = [
        (row, task)
        for row in ledger.rows
        for task in row.tasks
        if asked.open in (None, task.done_on is None)
        and asked.proposal_id in (None, row.proposal.proposal_id)
    ]
    ranked = [(rank, one) for rank, one in enumerate(found) if after is None or rank > after]
    items, more = cut(ranked, asked.limit, lambda one: one[0])
    return Tasks(items=[_task(row, task) for _, (row, task) in items], next=more)


async def show_task(call: Call[Any]) -> TaskToldOf:
    return _task(*await _found(call))


async def put_task(call: Call[TaskPlanBody]) -> TaskToldOf:
    asked = call.asked
    plan = TaskPlan(asked.due, asked.owner, asked.note)
    await plan_task(call.pool, call.actor, call.id("task_id"), plan, seen=asked.revision)
    return await show_task(call)


async def say_done(call: Call[TaskDone]) -> TaskToldOf:
    asked = call.asked
    await finish_task(call.pool, call.actor, call.id("task_id"), asked.done_on, seen=asked.revision)
    return await show_task(call)


async def say_open(call: Call[TaskReopened]) -> TaskToldOf:
    asked = call.asked
    await reopen_task(call.pool, call.actor, call.id("task_id"), asked.reason, seen=asked.revision)
    return await show_task(call)


async def show_history(call: Call[Query]) -> TaskHistory:
    _, task = await _found(call)
    return TaskHistory(
        items=[
            TaskChangeTold.model_validate(
                dict.fromkeys(("due", "owner", "note", "done_on", "reason", "follows"))
                | {name: value for name, value in one.content.items() if name != "step"}
                | {"actor": one.actor, "at": one.at}
            )
            for one in await task_history(call.pool, task.task_id)
        ]
    )


async def send_journeys(call: Call[FileQuery]) -> JourneysTold:
    name = call.asked.name
    read = await call.context.read_in_own_process(TABLE_READER, name, call.content)
    taken = await import_hired_list(call.pool, call.actor, name, unpack_rows(read.beside))
    return JourneysTold(
        months=len(taken.months),
        refused=[
            RefusedJourneys(row=row, reason=fault)
            for row, fault in sorted(taken.refused.items())[:REFUSED_MAX]
        ],
    )


async def list_journeys(call: Call[Query]) -> JourneyLists:
    return JourneyLists(items=await _lists(call))


async def remove_journeys(call: Call[Nothing]) -> JourneyLists:
    await remove_hired_list(call.pool, call.actor, call.id("list_id"))
    return JourneyLists(items=await _lists(call))


async def _lists(call: Call[Any]) -> list[JourneyListTold]:
    return [
        JourneyListTold(
            id=one.list_id,
            source=one.source,
            imported_by=one.imported_by,
            imported_at=one.imported_at,
            first=one.first,
            last=one.last,
            rows=one.rows,
        )
        for one in await hired_lists(call.pool)
    ]


async def _ledger(call: Call[Any], depot_id: str | None = None) -> Ledger:
    scope = await scope_of(call.pool, call.actor)
    silent_days = call.context.settings.ledger_silent_days
    return await read_ledger(call.pool, scope, local_now().date(), silent_days, depot_id)


async def _found(call: Call[Any]) -> tuple[LedgerRow, Task]:
    """The task in the address, with its proposal.

    Raises:
        Problem: there is none that the actor sees.
    """
    task_id = call.id("task_id")
    for row in (await _ledger(call)).rows:
        for task in row.tasks:
            if task.task_id == task_id:
                return row, task
    raise Problem(404, f"there is no task {task_id}")


def _month(one: MonthSaving) -> MonthTold:
    return MonthTold(**{name: getattr(one, name) for name in MonthTold.model_fields})


def _accepted(row: LedgerRow) -> AcceptedTold:
    progress, proposal = row.progress, row.proposal
    total = progress.total
    return AcceptedTold(
        proposal_id=proposal.proposal_id,
        key=str(proposal.decision.key),
        depot_id=proposal.depot_id,
        status=row.status,
        state=progress.state,
        signs=list(progress.signs),
        no_room=row.no_room,
        accepted_at=row.accepted_at,
        accepted_by=row.accepted_by,
        holds_from=progress.undertaken.takes_hold,
        planned_from=progress.undertaken.planned_from,
        carried_on=progress.carried_on,
        paid_kr_year=progress.undertaken.terms.paid_kr_year,
        counted=progress.is_counted,
        promised_kr=total.promised_kr,
        achieved_kr=total.achieved_kr,
        leaked_kr=total.leaked_kr,
        promised_co2_t=total.promised_co2_t,
        achieved_co2_t=total.achieved_co2_t,
    )


def _task(row: LedgerRow, task: Task) -> TaskToldOf:
    return TaskToldOf(
        id=task.task_id,
        proposal_id=row.proposal.proposal_id,
        step=task.step,
        due=task.due,
        planned=task.planned,
        owner=task.owner,
        note=task.note,
        done_on=task.done_on,
        done_by=task.done_by,
        late=task.is_late(row.today) and not row.is_closed,
        revision=task.revision,
    )


_TASK = "/v1/tasks/{task_id}"
_CHANGED = "somebody changed the task since, or decided on its proposal"

LEDGER: Sequence[Operation[Any, Any]] = (
    Operation(
        "GET",
        "/v1/ledger",
        Permission.FIGURES_READ,
        mark("What the accepted proposals promised and achieved, by month"),
        LedgerQuery,
        LedgerTold,
        show_ledger,
    ),
    Operation(
        "GET",
        "/v1/ledger/proposals",
        Permission.FIGURES_READ,
        mark("The accepted proposals with their state and what they saved"),
        AcceptedQuery,
        AcceptedProposals,
        list_accepted,
    ),
    Operation(
        "GET",
        "/v1/tasks",
        Permission.FIGURES_READ,
        mark("The tasks of accepted proposals"),
        TasksQuery,
        Tasks,
        list_tasks,
    ),
    Operation(
        "GET",
        _TASK,
        Permission.FIGURES_READ,
        mark("One task"),
        Query,
        TaskToldOf,
        show_task,
    ),
    Operation(
        "PUT",
        _TASK,
        Permission.PROPOSALS_DECIDE,
        mark("Say who does a task, and by when"),
        TaskPlanBody,
        TaskToldOf,
        put_task,
        conflict=_CHANGED,
    ),
    Operation(
        "POST",
        f"{_TASK}/done",
        Permission.PROPOSALS_DECIDE,
        mark("Say that a task is done"),
        TaskDone,
        TaskToldOf,
        say_done,
        conflict=_CHANGED,
    ),
    Operation(
        "POST",
        f"{_TASK}/reopen",
        Permission.PROPOSALS_DECIDE,
        mark("Say that a task is not done after all"),
        TaskReopened,
        TaskToldOf,
        say_open,
        conflict=_CHANGED,
    ),
    Operation(
        "GET",
        f"{_TASK}/history",
        Permission.FIGURES_READ,
        mark("Who changed a task, the latest first"),
        Query,
        TaskHistory,
        show_history,
    ),
    Operation(
        "POST",
        "/v1/journeys",
        Permission.LOGS_IMPORT,
        mark("Import a list of journeys by taxi, hire and own car"),
        FileQuery,
        JourneysTold,
        send_journeys,
        takes_file=True,
    ),
    Operation(
        "GET",
        "/v1/journeys",
        Permission.FIGURES_READ,
        mark("The lists of journeys by taxi, hire and own car whose figures are in use"),
        Query,
        JourneyLists,
        list_journeys,
    ),
    Operation(
        "DELETE",
        "/v1/journeys/{list_id}",
        Permission.LOGS_IMPORT,
        mark("Remove the figures of a list of journeys by taxi, hire and own car"),
        Nothing,
        JourneyLists,
        remove_journeys,
    ),
)
