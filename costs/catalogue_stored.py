"""The kinds of vehicle in the database, and every change of them with its actor."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, cast

import asyncpg

from costs.catalogue import CatalogueKind, Specification, StatedFigures
from costs.limits import LIMIT_NUMBERS, Limit
from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import refuse_unseen
from fleet.names.order import name_order

SQL = statements("basis")


@dataclass(frozen=True, slots=True)
class KindVersion:
    """A kind as one change left it, with the actor and the moment of the change."""

    kind: CatalogueKind
    actor: str
    at: datetime


async def read_catalogue(connection: Pool | PooledConnection) -> list[CatalogueKind]:
    """The kinds of vehicle that the municipality has or may buy."""
    found = [_kind(row) for row in await connection.fetch(SQL["kinds"])]
    return sorted(found, key=lambda kind: name_order(kind.name))


async def put_kind(pool: Pool, actor: Actor, kind: CatalogueKind, seen: int | None = None) -> None:
    """Add a kind or change it, and add a line to its history. `seen` is the number of its changes
    that the actor saw.

    Raises:
        ChangedSinceError: somebody else changed it.
    """
    actor.require(Permission.COSTS_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_basis"])
        refuse_unseen(seen, await connection.fetchval(SQL["kind_changes"], kind.kind))
        await put_kind_within(connection, actor, kind)


async def hold_catalogue(connection: PooledConnection) -> None:
    """Let other acts on kinds and assumptions wait until the transaction ends."""
    await connection.execute(SQL["hold_basis"])


async def put_kind_within(connection: PooledConnection, by: Actor, kind: CatalogueKind) -> None:
    """Add a kind or change it in the transaction of an act that asked whether its actor may."""
    figures = kind.figures
    stated = figures if isinstance(figures, StatedFigures) else None
    before = await connection.fetchval(SQL["kind_before"], kind.kind)
    await connection.execute(
        SQL["put_kind"],
        kind.kind,
        kind.name,
        kind.energy.value,
        sorted(kind.offers),
        kind.offered,
        stated and stated.fixed_kr_year,
        stated and stated.kr_km,
        stated and stated.co2_g_km,
        stated and stated.range_km,
        stated and stated.charge_km_h,
        None if isinstance(figures, StatedFigures) else asdict(figures),
        kind.source,
        kind.year,
        kind.note,
        kind.to_json(),
        str(by),
        *(kind.limits.window or (None, None)),
        *(kind.limits.number(limit) for limit in LIMIT_NUMBERS),
    )
    was = None if before is None else _fields(before)
    detail = _fields(kind.to_json())
    await record(connection, by, Act.CHANGED, Subject.KIND, kind.kind, detail, before=was)


def _fields(content: Mapping[str, object]) -> dict[str, object]:
    """The stored content of a kind as the audit log has it: its figures beside its other fields."""
    given = {name: value for name, value in content.items() if name not in ("kind", "figures")}
    figures = cast("Mapping[str, object]", content["figures"])
    return {"name": None, **given, **figures}


async def put_on_offer(pool: Pool, actor: Actor, kinds: Sequence[CatalogueKind]) -> None:
    """Put kinds on offer with their present figures, all or none."""
    actor.require(Permission.COSTS_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        for kind in kinds:
            await put_kind_within(connection, actor, replace(kind, offered=True))


async def changes_of_kinds(pool: Pool) -> dict[str, int]:
    """The number of changes of each kind, by its id."""
    return {row["kind"]: row["changes"] for row in await pool.fetch(SQL["changes_of_kinds"])}


async def kind_history(pool: Pool, kind: str) -> list[KindVersion]:
    """The versions of a kind, the latest first."""
    return [
        KindVersion(CatalogueKind.from_json(row["content"]), row["actor"], row["at"])
        for row in await pool.fetch(SQL["kind_history"], kind)
    ]


async def kinds_changed_by_others(pool: Pool, actor: Actor) -> frozenset[str]:
    """The ids of the kinds that somebody other than `actor` changed."""
    rows = await pool.fetch(SQL["kinds_changed_by_others"], str(actor))
    return frozenset(row["kind"] for row in rows)


async def vehicles_by_kind(pool: Pool) -> dict[str, int]:
    """How many vehicles of each kind the fleet has, by the kind's id."""
    rows = await pool.fetch(SQL["vehicles_of_kinds"])
    return {row["kind"]: row["vehicles"] for row in rows}


def _kind(row: asyncpg.Record) -> CatalogueKind:
    specification: dict[str, Any] | None = row["specification"]
    if specification is None:
        names = ("fixed_kr_year", "kr_km", "co2_g_km", "range_km", "charge_km_h")
        figures = StatedFigures(**{name: row[name] for name in names})
    else:
        figures = Specification(**specification)
    window = None if row["window_from"] is None else (row["window_from"], row["window_to"])
    plain = ("kind", "name", "energy", "offers", "offered", "source", "year", "note")
    kept: dict[str, Any] = {name: row[name] for name in (*plain, *LIMIT_NUMBERS)}
    return CatalogueKind.from_json({**kept, Limit.WINDOW: window, "figures": figures})
