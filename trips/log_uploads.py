"""Driving logs between their upload and the moment their columns are settled, and their reports."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from db.connect import Pool
from db.statements import statements
from trips.driving_log import Field, Limits, Reason, Refusal, Sheet, read_sheet
from trips.logged import import_log

SQL = statements("driving_log")


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLine:
    """An upload in the list of them; None until it is taken."""

    upload_id: int
    name: str
    uploaded_at: datetime
    trips: int | None
    vehicles: int | None
    refused: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A log whose columns are not settled yet."""

    name: str
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a log."""

    name: str
    trips: int
    vehicles: int
    headings: Sequence[str]
    refused: Sequence[Refusal]


async def upload(pool: Pool, name: str, content: bytes, keep_days: int) -> int:
    """Keep a file until its columns are settled, and forget those older than `keep_days`.

    Raises:
        TableError: it is no table with rows.
    """
    await asyncio.to_thread(read_sheet, name, content)
    await pool.execute(SQL["forget_uploads"], keep_days)
    upload_id: int = await pool.fetchval(SQL["upload"], name, content)
    return upload_id


async def uploads(pool: Pool, most: int) -> list[UploadLine]:
    """The latest uploads, the last one first."""
    return [UploadLine(**dict(row)) for row in await pool.fetch(SQL["uploads"], most)]


async def upload_of(pool: Pool, upload_id: int) -> Waiting | Taken | None:
    """An upload as far as it has come; None: there is none, or no longer."""
    row = await pool.fetchrow(SQL["upload_of"], upload_id)
    if row is None:
        return None
    if row["content"] is not None:
        sheet = await asyncio.to_thread(read_sheet, row["name"], row["content"])
        return Waiting(row["name"], sheet)
    refused = [
        Refusal(number, Reason[reason], values, tuple(cells))
        for number, reason, values, cells in row["refused"]
    ]
    return Taken(row["name"], row["trips"], row["vehicles"], row["headings"], refused)


async def take(
    pool: Pool, upload_id: int, waiting: Waiting, columns: Mapping[Field, str], limits: Limits
) -> None:
    """Import a log that waits, and keep what was refused in the place of the file. One that
    somebody else has taken meanwhile is left as it is.

    Raises:
        TableError: a field has no column.
    """
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["lock_upload"], upload_id) is None:
            return
        done = await import_log(pool, waiting.sheet, columns, waiting.name, limits)
        refused = [(r.row, r.reason.name, dict(r.values), r.cells) for r in done.refused]
        await connection.execute(
            SQL["taken"],
            upload_id,
            done.trips,
            done.vehicles,
            list(waiting.sheet.headings),
            orjson.dumps(refused),
        )
