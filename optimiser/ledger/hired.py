"""The act of importing a list of journeys by taxi, hire or own car, and what was imported."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.scope.read_once import read_once
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from fleet.localtime import local_now
from optimiser.ledger.hired_list import ReadList, read_hired_list
from optimiser.ledger.leakage import HiredMonth, Means, Place

SQL = statements("ledger")


class NoSourceError(ExpectedError, ValueError):
    """A list comes without a word on where it is from."""


class NoListError(ExpectedError, LookupError):
    """There is no such list, or none of its figures is in use."""


class NothingReadError(ExpectedError, ValueError):
    """No row of a list can be read. `read` has why."""

    def __init__(self, read: ReadList) -> None:
        super().__init__("no row of the list can be read")
        self.read = read


@dataclass(frozen=True, slots=True, kw_only=True)
class HiredList:
    """A list whose figures are in use, with the months that it has."""

    list_id: int
    source: str
    imported_by: str
    imported_at: datetime
    first: date
    last: date
    rows: int


@unscoped
async def import_hired_list(
    pool: Pool, actor: Actor, source: str, rows: Iterable[Sequence[object]]
) -> ReadList:
    """Import the rows of a list, the headings first, that is from `source`. Its figures take the
    place of those of earlier lists of the same months.

    Raises:
        NoSourceError: `source` says nothing.
        HeadingsError: a column is missing.
        NothingReadError: every row is refused.
    """
    actor.require(Permission.LOGS_IMPORT)
    if not source.strip():
        raise NoSourceError("say where the list is from")
    async with pool.acquire() as connection, connection.transaction():
        departments = [row["department"] for row in await connection.fetch(SQL["departments"])]
        depots = {row["name"]: row["depot_id"] for row in await connection.fetch(SQL["places"])}
        read = read_hired_list(rows, departments, depots, local_now().date())
        if not read.months:
            raise NothingReadError(read)
        list_id = await connection.fetchval(SQL["add_hired_list"], source.strip(), str(actor))
        await connection.executemany(
            SQL["put_hired_month"],
            [
                (
                    *(one.month, one.means.value, one.place.department, one.place.depot_id),
                    *(one.journeys, one.km, one.kr, list_id),
                )
                for one in read.months
            ],
        )
        detail = {"source": source.strip(), "rows": len(read.months)}
        await record(connection, actor, Act.IMPORTED, Subject.HIRED_LIST, list_id, detail)
    return read


@unscoped
async def remove_hired_list(pool: Pool, actor: Actor, list_id: int) -> None:
    """Remove the figures of a list. Those of earlier lists that they replaced do not come back.

    Raises:
        NoListError: there is no such list, or none of its figures is in use.
    """
    actor.require(Permission.LOGS_IMPORT)
    async with pool.acquire() as connection, connection.transaction():
        source = await connection.fetchval(SQL["hired_source"], list_id)
        gone = await connection.fetch(SQL["remove_hired_months"], list_id)
        if not gone:
            raise NoListError(f"there is no list {list_id} whose figures are in use")
        detail = {"source": source, "rows": len(gone)}
        await record(connection, actor, Act.REMOVED, Subject.HIRED_LIST, list_id, before=detail)


@read_once
async def hired_months(pool: Pool) -> Sequence[HiredMonth]:
    """What journeys came to by month, as far as it is seen."""
    return [
        HiredMonth(
            month=row["month"],
            means=Means(row["means"]),
            place=Place(row["department"], row["depot_id"]),
            kr=row["kr"],
            km=row["km"],
            journeys=row["journeys"],
        )
        for row in await pool.fetch(SQL["hired_months"])
    ]


async def hired_lists(pool: Pool) -> list[HiredList]:
    """The lists whose figures are in use, the latest first."""
    return [
        HiredList(
            list_id=row["list_id"],
            source=row["source"],
            imported_by=row["imported_by"],
            imported_at=row["imported_at"],
            first=row["first_month"],
            last=row["last_month"],
            rows=row["rows"],
        )
        for row in await pool.fetch(SQL["hired_lists"])
    ]
