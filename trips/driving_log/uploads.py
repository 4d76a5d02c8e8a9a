"""Keeps uploads of driving logs until somebody says what the columns are, and then imports them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.files.cells import sayings_of, table_of, unpack_rows
from fleet.files.notation import NotationMark
from fleet.files.own_process import ReadFile
from fleet.saying import Saying
from register.private_log_rows import private_names, without_private_rows
from trips.driving_log.log_columns import LogField
from trips.driving_log.log_import import import_log
from trips.driving_log.log_row import LogLimits
from trips.driving_log.log_sheet import LogSheet, sheet_of
from trips.driving_log.refusals import RowReason, RowRefusal

SQL = statements("driving_log")
PRIVATE_SQL = statements("private")


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadSummary:
    """An upload in the list of uploads; counts are None until it is imported."""

    upload_id: int
    name: str
    uploaded_at: datetime
    trips: int | None
    vehicles: int | None
    refused: int | None
    private: int
    known: int


@dataclass(frozen=True, slots=True)
class WaitingLog:
    """A log of which nobody has said yet what its columns are.

    Attributes:
        first: its headings and first rows.
        rows: how many rows it has below the headings.
        notes: how the file was read, where that is not plain; `said` those with values.
        private: the rows that were emptied because they were or may have been driven in private,
            by their numbers in the file.
    """

    name: str
    first: LogSheet
    rows: int
    notes: Sequence[str]
    private: frozenset[int]
    said: Sequence[Saying] = ()


@dataclass(frozen=True, slots=True)
class ImportedUpload:
    """The outcome of an uploaded log that was imported.

    Attributes:
        headings: the headings of the cells that are kept of refused rows.
        refused: how many rows were refused, and `first` are the first of them.
        private: how many rows were left out because they were or may have been driven in private.
        known: how many rows are trips that were imported before.
    """

    name: str
    trips: int
    vehicles: int
    headings: Sequence[str]
    refused: int
    first: Sequence[RowRefusal]
    private: int
    known: int


async def keep_upload(pool: Pool, actor: Actor, name: str, read: ReadFile) -> int:
    """Store the rows that `fleet.files.cells.read_packed` read of a file, until somebody says what
    its columns are. Rows that were or may have been driven in private are emptied. Returns the
    upload's id."""
    actor.require(Permission.LOGS_IMPORT)
    async with pool.acquire() as connection:
        while True:
            private_revision = await connection.fetchval(PRIVATE_SQL["private_revision"])
            names = await private_names(connection)
            kept, _ = await asyncio.to_thread(without_private_rows, read, names)
            try:
                async with connection.transaction():
                    await connection.execute(PRIVATE_SQL["still_private_as"], private_revision)
                    upload_id: int = await connection.fetchval(
                        SQL["add_upload"], name, kept.beside, orjson.dumps(kept.answer)
                    )
                    detail = {"name": name}
                    await record(
                        connection, actor, Act.UPLOADED, Subject.DRIVING_LOG, upload_id, detail
                    )
                    return upload_id
            except asyncpg.SerializationError:  # a period was set meanwhile
                continue


async def uploads(pool: Pool, most: int) -> list[UploadSummary]:
    """The latest uploads, the last one first."""
    return [UploadSummary(**dict(row)) for row in await pool.fetch(SQL["uploads"], most)]


async def upload_of(pool: Pool, upload_id: int, most: int) -> WaitingLog | ImportedUpload | None:
    """An upload as far as it has come, with at most `most` of its refused rows.

    Returns:
        None: there is no such upload, or no longer.
    """
    row = await pool.fetchrow(SQL["upload"], upload_id, most)
    if row is None:
        return None
    if row["waits"]:
        seen = row["preview"]
        heading_row = seen.get("heading_row", 1)
        emptied = frozenset(heading_row + at for at in seen.get("private", ()))
        return WaitingLog(
            *(row["name"], _first_rows(seen), seen["rows"] - 1, seen["notes"], emptied),
            said=sayings_of(seen),
        )
    refused = [
        RowRefusal(number, RowReason[reason], values, tuple(cells))
        for number, reason, values, cells in row["first_refused"]
    ]
    return ImportedUpload(
        name=row["name"],
        trips=row["trips"],
        vehicles=row["vehicles"],
        headings=row["headings"],
        refused=row["refused"],
        first=refused,
        private=row["private"],
        known=row["known"],
    )


async def import_upload(
    pool: Pool,
    actor: Actor,
    upload_id: int,
    name: str,
    columns: Mapping[LogField, str],
    limits: LogLimits,
) -> None:
    """Import a log that waits, and keep its refused rows in place of all its rows.

    Only the cells of the named columns are kept of a refused row, since others may name a driver or
    an errand. A log that somebody else has imported meanwhile is left as it is.

    Raises:
        ColumnsError: by the chosen columns no row could be a trip; the log goes on waiting.
    """
    actor.require(Permission.LOGS_IMPORT)
    async with pool.acquire() as connection, connection.transaction():
        waiting = await connection.fetchrow(SQL["lock_upload"], upload_id)
        if waiting is None:
            return
        sheet = await asyncio.to_thread(_all_rows, waiting["content"], waiting["preview"])
        done = await import_log(pool, actor, sheet, columns, name, limits)
        asked = [at for at, one in enumerate(sheet.headings) if one in set(columns.values())]
        refused = [
            (
                r.row,
                r.reason.name,
                dict(r.values),
                [r.cells[at] for at in asked if at < len(r.cells)],
            )
            for r in done.refused
        ]
        await connection.execute(
            SQL["finish_upload"],
            upload_id,
            done.trips,
            done.vehicles,
            [sheet.headings[at] for at in asked],
            orjson.dumps(refused),
            done.private + len(waiting["preview"].get("private", ())),
            done.known,
        )
        detail = {"name": name, "trips": done.trips, "refused": len(refused)}
        await record(connection, actor, Act.IMPORTED, Subject.DRIVING_LOG, upload_id, detail)


def _first_rows(seen: Mapping[str, Any]) -> LogSheet:
    """The first rows of a log that waits, with the marks of all its rows, and its filled
    columns."""
    first = sheet_of(table_of(seen, seen["first"]))
    if "filled" in seen:
        first = replace(first, filled=tuple(seen["filled"]))
    if "columns" not in seen:  # an upload from before the marks were stored
        return first
    shown = [frozenset(map(NotationMark, marks)) for marks in seen["columns"]]
    return replace(first, shown=tuple(shown))


def _all_rows(content: bytes, seen: Mapping[str, Any]) -> LogSheet:
    return sheet_of(table_of(seen, unpack_rows(content)))
