"""The items in quarantine: reads them for people and programs, and discards them for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from fleet.saying import Saying
from ingest.gate.refusal import Reason

SQL = statements("quarantine")


class UnknownSenderError(ExpectedError, LookupError):
    """Quarantine has never had an item of the device. The message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingItem:
    """An item that waits. It is kept once, and was sent `times_sent` times."""

    quarantine_id: int
    protocol: str
    device: str
    reason: str
    detail: Saying
    times_sent: int
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingGroup:
    """The items that one device has in quarantine for one reason, with the vehicle that the device
    sits in; `detail` is that of the latest item. `items` and `times_sent` are counted up to a
    limit."""

    device: str
    vehicle_id: str | None
    vehicle_name: str | None
    reason: Reason
    enrolled: bool
    detail: Saying
    last_received: datetime
    items: int
    times_sent: int


@dataclass(frozen=True, slots=True)
class EvictedItems:
    """Items that had to make room in a full quarantine."""

    protocol: str
    reason: Reason
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineItem:
    """An item, waiting or not: it left at `left_at`, released or, with a name, discarded."""

    id: int
    protocol: str
    device: str
    reason: str
    detail: Saying
    bytes: int
    times_sent: int
    received_at: datetime
    left_at: datetime | None
    discarded_by: str | None
    discarded_why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenItems:
    """Chooses items: of a device, for a reason, with these ids; None chooses any."""

    device: str | None = None
    reason: str | None = None
    ids: Sequence[int] | None = None


async def waiting_items(pool: Pool, most: int) -> list[WaitingItem]:
    """The items that wait, the latest first."""
    return [WaitingItem(**_with_detail(row)) for row in await pool.fetch(SQL["waiting"], most)]


async def waiting_count(pool: Pool, most: int) -> int:
    """How many items wait, counted up to `most`."""
    return await pool.fetchval(SQL["waiting_count"], most)


async def waiting_count_of(pool: Pool, device: str, most: int) -> int:
    """How many items of a device wait, counted up to `most`."""
    return await pool.fetchval(SQL["waiting_count_of"], device, most)


async def refuse_unknown_sender(pool: Pool, device: str) -> None:
    """Refuse a name that nothing in quarantine is of, and no enrolled device.

    Raises:
        UnknownSenderError: it is one.
    """
    if not await pool.fetchval(SQL["is_known"], device):
        raise UnknownSenderError(
            f"nothing in quarantine is of {device or 'a device without a name'},"
            " and no such device is enrolled"
        )


async def waiting_groups(
    pool: Pool, *, strange_items: int, groups: int, counted: int
) -> list[WaitingGroup]:
    """The items that wait, at most `groups` groups by device and reason, the latest first.

    Every enrolled device is looked at; of others only what is among the latest `strange_items`.
    Items of a group are counted up to `counted`.
    """
    rows = await pool.fetch(SQL["groups"], strange_items, groups, counted)
    return [_group(row) for row in rows]


async def waiting_groups_of(pool: Pool, device: str, *, counted: int) -> list[WaitingGroup]:
    """The items of one device that wait, by reason, the latest first; counted up to `counted`."""
    rows = await pool.fetch(SQL["groups_of"], device, counted, [*Reason])
    return [_group(row) for row in rows]


async def evicted_items(pool: Pool, since: date) -> list[EvictedItems]:
    """The items that had to make room since a local day, the most first."""
    return [
        EvictedItems(row["protocol"], Reason(row["reason"]), row["items"])
        for row in await pool.fetch(SQL["evicted"], since)
    ]


async def quarantine_items(
    pool: Pool,
    chosen: ChosenItems,
    *,
    protocol: str | None,
    state: str,
    before: int | None,
    most: int,
) -> list[QuarantineItem]:
    """The chosen items of a `state` (waiting, released or discarded) with ids below `before`, the
    latest first."""
    rows = await pool.fetch(
        SQL["items"], chosen.device, chosen.reason, protocol, state, before, most
    )
    return [QuarantineItem(**_with_detail(row)) for row in rows]


async def quarantined_payload(pool: Pool, actor: Actor, item: int) -> bytes | None:
    """The bytes of an item as they were sent; None: there is no such item, or it was discarded.

    They tell where a vehicle was, so that who reads them must be allowed to see tracks, and the
    audit log keeps that they did.
    """
    actor.require(Permission.TELEMETRY_MANAGE)
    actor.require(Permission.TRACKS_READ)
    async with pool.acquire() as connection, connection.transaction():
        found: bytes | None = await connection.fetchval(SQL["payload"], item)
        if found is not None:
            await record(connection, actor, Act.BYTES_READ, Subject.QUARANTINE, item, {})
    return found


async def discard_items(pool: Pool, actor: Actor, chosen: ChosenItems, why: str) -> int:
    """Give the chosen items that wait up for good, and delete their bytes; returns how many."""
    actor.require(Permission.TELEMETRY_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        items = await connection.fetchval(
            SQL["discard"], chosen.device, chosen.reason, chosen.ids, str(actor), why
        )
        if items:
            detail = {"items": items, "reason": chosen.reason, "why": why}
            await record(
                connection, actor, Act.DISCARDED, Subject.QUARANTINE, chosen.device or "", detail
            )
    return items


def _group(row: asyncpg.Record) -> WaitingGroup:
    return WaitingGroup(
        device=row["device"],
        vehicle_id=row["vehicle_id"],
        vehicle_name=row["vehicle_name"],
        reason=Reason(row["reason"]),
        enrolled=row["enrolled"],
        detail=Saying.from_json(row["example"]),
        last_received=row["last_at"],
        items=row["items"],
        times_sent=row["times_sent"],
    )


def _with_detail(row: asyncpg.Record) -> dict[str, Any]:
    """The columns of an item, its detail as a saying."""
    return {**row, "detail": Saying.from_json(row["detail"])}
