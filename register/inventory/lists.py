"""Keeps lists of vehicles that people upload while they say how each is read, and imports them."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
import orjson
import structlog

from costs.catalogue_stored import hold_catalogue, put_kind_within
from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.job import PeriodicJob
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from fleet.files import refusal
from fleet.files.cells import sayings_of, table_of, unpack_rows
from fleet.files.own_process import ReadFile
from fleet.files.refusal import FileRefusedError
from fleet.localtime import local_now
from fleet.saying import Saying
from register.history import RegisterSubject, hold_subject
from register.inventory.changes import VehicleChange, lock_inventory, put_details
from register.inventory.import_plan import RegisterIndex
from register.inventory.list_fields import IDENTIFYING, ListField, guess_fields
from register.inventory.list_preview import ListPreview, first_cells, preview_of
from register.inventory.list_rows import BadCell
from register.inventory.list_values import (
    ChosenSort,
    ListLayout,
    MadeValue,
)
from register.inventory.made_values import MadeRefusedError, made_faults
from register.inventory.stored import register_choices, registered_vehicles
from register.places.waiting import WaitingDepot, add_waiting_within, zone_names

SQL = statements("inventory")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class NoListError(ExpectedError, LookupError):
    """There is no such list that waits for this: not any more, or not yet."""


class ColumnsRefusedError(ExpectedError, ValueError):
    """The fields of a list's columns do not do: none tells vehicles apart, or one stands twice."""

    def __init__(self, twice: ListField | None) -> None:
        super().__init__("no column tells vehicles apart" if twice is None else f"{twice} twice")
        self.twice = twice


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOutcome:
    """The outcome of an import: how many vehicles are new, changed and as they were, how many rows
    were no vehicles, the bad cells that kept their rows out, and how many depots and kinds were
    made on the way."""

    new: int
    changed: int
    unchanged: int
    left_out: int
    new_depots: int = 0
    new_kinds: int = 0
    bad: Sequence[BadCell] = field(default_factory=list[BadCell])

    @property
    def bad_rows(self) -> int:
        return len({cell.row for cell in self.bad})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSummary:
    """A list among the latest ones; the outcome is None until it is imported."""

    list_id: int
    name: str
    uploaded_at: datetime
    uploaded_by: str
    outcome: ListOutcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingList:
    """A list that waits for its import.

    Attributes:
        headings: the headings with the first cell below each that is one of a vehicle.
        rows: the number of rows below the headings.
        notes: how the file was read, where that is not plain; `said` those with values.
        layout: how it is read, as a person said or as lists with its headings were read before;
            None: nobody said so yet.
        is_remembered: it is read as an earlier list was.
        guessed: the fields of its columns by their headings.
    """

    name: str
    headings: Sequence[tuple[str, str]]
    rows: int
    notes: Sequence[str]
    said: Sequence[Saying]
    layout: ListLayout | None
    is_remembered: bool
    guessed: Mapping[str, ListField]


async def keep_list(pool: Pool, actor: Actor, name: str, read: ReadFile, rows_max: int) -> int:
    """Keep a list that `fleet.files.cells.read_packed` read until it is imported. A list with the
    headings of an earlier one is read as that one was. Returns its id.

    Raises:
        FileRefusedError: it has more rows than `rows_max`.
    """
    actor.require(Permission.REGISTER_CHANGE)
    rows = read.answer["rows"] - 1
    if rows > rows_max:
        raise FileRefusedError(refusal.TOO_MANY_ROWS, rows=rows, most=rows_max)
    async with pool.acquire() as connection, connection.transaction():
        layout = await connection.fetchval(SQL["remembered_layout"], _key(read.answer))
        list_id: int = await connection.fetchval(
            SQL["keep_list"], name, str(actor), read.beside, orjson.dumps(read.answer), layout
        )
        detail = {"name": name, "rows": rows}
        await record(connection, actor, Act.UPLOADED, Subject.VEHICLE_LIST, list_id, detail)
    return list_id


async def latest_lists(pool: Pool, most: int) -> list[ListSummary]:
    """The latest lists, the last one first."""
    return [
        ListSummary(
            list_id=row["list_id"],
            name=row["name"],
            uploaded_at=row["uploaded_at"],
            uploaded_by=row["uploaded_by"],
            outcome=_outcome(row["outcome"]),
        )
        for row in await pool.fetch(SQL["lists"], most)
    ]


async def list_of(pool: Pool, list_id: int) -> WaitingList | ListSummary | None:
    """A list as far as it has come; None: there is no such list, or no longer."""
    row = await pool.fetchrow(SQL["list"], list_id)
    if row is None:
        return None
    if row["outcome"] is not None:
        return ListSummary(
            list_id=list_id,
            name=row["name"],
            uploaded_at=row["uploaded_at"],
            uploaded_by=row["uploaded_by"],
            outcome=_outcome(row["outcome"]),
        )
    seen: Mapping[str, Any] = row["preview"]
    headings = seen["first"][0]
    guessed = guess_fields([str(heading) for heading in headings], seen.get("filled"))
    shown = first_cells(table_of(seen, seen["first"]), guessed)
    return WaitingList(
        name=row["name"],
        headings=[
            (str(heading), cell)
            for heading, cell in zip(headings, shown, strict=True)
            if str(heading)
        ],
        rows=seen["rows"] - 1,
        notes=seen["notes"],
        said=sayings_of(seen),
        layout=_layout(row),
        is_remembered=row["is_remembered"],
        guessed=guessed,
    )


async def set_columns(
    pool: Pool, actor: Actor, list_id: int, columns: Mapping[str, ListField]
) -> None:
    """Say which field each heading of a list holds.

    Raises:
        NoListError: there is no such list that waits.
        ColumnsRefusedError: the fields do not do.
    """
    actor.require(Permission.REGISTER_CHANGE)
    given = list(columns.values())
    twice = next((one for one in given if given.count(one) > 1), None)
    if twice is not None or not set(given) & set(IDENTIFYING):
        raise ColumnsRefusedError(twice)
    await _set_layout(
        pool, actor, list_id, lambda layout: replace(layout, columns=dict(columns)), own=True
    )


async def set_values(
    pool: Pool,
    actor: Actor,
    list_id: int,
    chosen: Mapping[ChosenSort, Mapping[str, str]],
    made: Mapping[ChosenSort, Mapping[str, MadeValue]] | None = None,
) -> None:
    """Say what texts of a list stand for, or what is to be made for them when the list is imported.
    Texts that are not named keep what they stood for.

    Raises:
        NoListError: there is no such list that waits.
        MadeRefusedError: something cannot be made.
    """
    actor.require(Permission.REGISTER_CHANGE)
    new = made or {}
    if new.get(ChosenSort.KIND):
        actor.require(Permission.COSTS_CHANGE)
    if any(new.values()):
        faults = made_faults(new, await register_choices(pool), await zone_names(pool))
        if faults:
            raise MadeRefusedError(faults)

    await _set_layout(
        pool, actor, list_id, lambda layout: layout.with_values(chosen, new), own=False
    )


async def preview_list(pool: Pool, actor: Actor, list_id: int) -> ListPreview:
    """What the import of a list would do now.

    Raises:
        NoListError: there is no such list that waits, or nobody said what its columns are.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection:
        row = await connection.fetchrow(SQL["list"], list_id)
        return await _preview(connection, actor, row)


async def import_list(pool: Pool, actor: Actor, list_id: int) -> ListOutcome:
    """Import a list that waits: its good rows are taken, with the depots and kinds that are made
    for them, its bad ones stay out, and how it was read is remembered for lists with the same
    headings.

    Raises:
        NoListError: there is no such list that waits.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        await lock_inventory(connection)
        await hold_subject(connection, RegisterSubject.ZONE)
        await hold_catalogue(connection)
        row = await connection.fetchrow(SQL["lock_list"], list_id)
        seen = await _preview(connection, actor, row)
        assert row is not None
        plan = seen.plan
        if seen.new_kinds:
            actor.require(Permission.COSTS_CHANGE)
        for depot in seen.new_depots:
            made = WaitingDepot(depot_id=depot.depot_id, name=depot.name)
            await add_waiting_within(connection, actor, made)
        for kind in seen.new_kinds:
            await put_kind_within(connection, actor, kind)
        new = {one.vehicle_id: one.details for one in plan.new}
        changes = [VehicleChange(one.before, one.details) for one in plan.changed]
        await put_details(connection, actor, new, changes)
        outcome = ListOutcome(
            new=len(plan.new),
            changed=len(plan.changed),
            unchanged=plan.unchanged,
            left_out=len(plan.left_out),
            new_depots=len(seen.new_depots),
            new_kinds=len(seen.new_kinds),
            bad=plan.bad,
        )
        await connection.execute(SQL["finish_list"], list_id, orjson.dumps(asdict(outcome)))
        await connection.execute(
            SQL["remember_layout"],
            _key(row["preview"]),
            orjson.dumps(seen.settled.to_json()),
            str(actor),
        )
        detail = {"new": outcome.new, "changed": outcome.changed, "bad": len(outcome.bad)}
        await record(connection, actor, Act.IMPORTED, Subject.VEHICLE_LIST, list_id, detail)
    return outcome


def lists_job(pool: Pool, keep_days: int) -> PeriodicJob:
    """The job that forgets lists that are `keep_days` old; the vehicles stay."""

    async def forget() -> None:
        before = datetime.now(UTC) - timedelta(days=keep_days)
        LOG.info("vehicle lists forgotten", lists=await pool.fetchval(SQL["forget_lists"], before))

    return PeriodicJob("vehicle_lists", "37 3 * * *", forget)


async def _set_layout(
    pool: Pool,
    actor: Actor,
    list_id: int,
    change: Callable[[ListLayout], ListLayout],
    *,
    own: bool,
) -> None:
    """Change the layout of a list; `own`: it is no longer read as an earlier list was."""
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL["lock_list"], list_id)
        if row is None or row["content"] is None:
            raise NoListError(f"{actor}: there is no list {list_id} that waits")
        layout = change(_layout(row) or ListLayout())
        await connection.execute(SQL["set_layout"], list_id, orjson.dumps(layout.to_json()), own)
        await record(connection, actor, Act.CHANGED, Subject.VEHICLE_LIST, list_id)


async def _preview(
    connection: PooledConnection, actor: Actor, row: asyncpg.Record | None
) -> ListPreview:
    layout = None if row is None or row["content"] is None else _layout(row)
    if row is None or layout is None or not layout.columns:
        raise NoListError("there is no such list that waits")
    choices = await register_choices(connection)
    names = await zone_names(connection)
    present = await registered_vehicles(connection)
    today = local_now().date()

    def read() -> ListPreview:
        table = table_of(row["preview"], unpack_rows(row["content"]))
        index = RegisterIndex(present, today)
        may = partial(_acts_for, actor)
        return preview_of(table, layout, choices, names, index, today, may)

    return await asyncio.to_thread(read)


def _acts_for(actor: Actor, department: str) -> bool:
    return actor.departments is None or department in actor.departments


def _layout(row: asyncpg.Record) -> ListLayout | None:
    return None if row["layout"] is None else ListLayout.from_json(row["layout"])


def _outcome(content: Mapping[str, Any] | None) -> ListOutcome | None:
    if content is None:
        return None
    counts = {name: value for name, value in content.items() if name != "bad"}
    return ListOutcome(bad=[BadCell(**cell) for cell in content["bad"]], **counts)


def _key(answer: Mapping[str, Any]) -> bytes:
    """The hash of the headings of a list."""
    headings = [str(heading) for heading in answer["first"][0]]
    return hashlib.sha256(orjson.dumps(headings)).digest()
