"""What a calculation is based on: the assumptions and the kinds of vehicle in the database.

Both are kept with every change and who made it; a round keeps a copy of what it used.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import asyncpg

from costs.assumptions import Assumptions, Figure, Figures, Key, shipped
from costs.catalogue import CatalogueKind, Specification, Stated
from costs.kind_figures import KindFigures
from costs.ownership import kinds_figures, rule_figures
from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.vehicle import Energy

SQL = statements("basis")


@dataclass(frozen=True)
class Basis:
    """Assumptions, the catalogue, and the year whose figures hold."""

    assumptions: Assumptions
    catalogue: Sequence[CatalogueKind]
    year: int

    @cached_property
    def figures(self) -> Figures:
        """The figures of the year."""
        return self.assumptions.at(self.year)

    @cached_property
    def kinds(self) -> Mapping[str, KindFigures]:
        """The kinds as the problem has them, by id."""
        return kinds_figures(self.catalogue, self.figures)

    @property
    def stated(self) -> list[str]:
        """Names of the kinds that take energy and whose cost the municipality states itself, so
        that the energy in it is not known apart."""
        return sorted(
            kind.name
            for kind in self.catalogue
            if isinstance(kind.figures, Stated) and kind.energy is not Energy.BICYCLE
        )

    @property
    def rules(self) -> dict[str, float]:
        """The rules that are assumptions; a file of rules may say otherwise."""
        return rule_figures(self.figures)

    def replace(self, keys: Key | Iterable[Key], factor: float) -> "Basis":
        """The same with some assumptions times `factor`."""
        return replace(self, assumptions=self.assumptions.replace(keys, factor))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a figure; `value` None took the municipality's own figure back, `source` says
    why."""

    key: Key
    valid_from: int
    value: float | None
    source: str
    note: str
    changed_by: str
    changed_at: datetime


async def read_basis(pool: Pool, year: int) -> Basis:
    """What is in force now, for a calculation of `year`."""
    return Basis((await read_assumptions(pool)), await read_catalogue(pool), year)


async def keep_basis(pool: Pool, round_id: int, basis: Basis) -> None:
    """Keep with a round what it is calculated with."""
    kinds = [kind.to_json() for kind in basis.catalogue]
    await pool.execute(SQL["keep"], round_id, basis.assumptions.to_json(), kinds)


async def kept_basis(pool: Pool, round_id: int) -> Basis | None:
    """What a round was calculated with; None before it began, or if it kept nothing."""
    row = await pool.fetchrow(SQL["kept"], round_id)
    if row is None:
        return None
    kinds = [CatalogueKind.from_json(content) for content in row["kinds"]]
    return Basis(Assumptions.from_json(row["assumptions"]), kinds, row["period_last"].year)


async def read_assumptions(pool: Pool) -> Assumptions:
    """The assumptions in force: what is shipped, and the municipality's own over it."""
    rows = await pool.fetch(SQL["assumptions"])
    return shipped().overlaid(
        Figure(
            key=Key(row["key"]),
            valid_from=row["valid_from"],
            value=row["value"],
            source=row["source"],
            note=row["note"],
        )
        for row in rows
    )


async def assumption_history(pool: Pool, key: Key) -> list[Change]:
    """Every change of a figure, the latest first."""
    rows = await pool.fetch(SQL["assumption_history"], key.value)
    return [
        Change(
            key=key,
            **{name: value for name, value in row.items() if name != "key"},
        )
        for row in rows
    ]


async def put_assumption(pool: Pool, figure: Figure, changed_by: str) -> None:
    """Let a figure of the municipality's own hold."""
    await pool.execute(
        SQL["add_assumption"],
        figure.key.value,
        figure.valid_from,
        figure.value,
        figure.source,
        figure.note,
        changed_by,
    )


async def withdraw_assumption(
    pool: Pool, key: Key, valid_from: int, reason: str, changed_by: str
) -> None:
    """Take the municipality's own figure back; what is shipped holds again."""
    await pool.execute(SQL["add_assumption"], key.value, valid_from, None, reason, "", changed_by)


async def read_catalogue(pool: Pool) -> list[CatalogueKind]:
    """The kinds of vehicle that the municipality has or may buy."""
    return [_kind(row) for row in await pool.fetch(SQL["kinds"])]


async def put_kind(
    connection: Pool | PooledConnection, kind: CatalogueKind, changed_by: str
) -> None:
    """Add a kind, or bring it up to date; its history grows by a line."""
    figures = kind.figures
    stated = figures if isinstance(figures, Stated) else None
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
        None if isinstance(figures, Stated) else asdict(figures),
        kind.max_trip_km,
        kind.max_day_km,
        kind.window and kind.window[0],
        kind.window and kind.window[1],
        kind.source,
        kind.year,
        kind.note,
        kind.to_json(),
        changed_by,
    )


async def kind_history(pool: Pool, kind: str) -> list[tuple[CatalogueKind, str, datetime]]:
    """What a kind became, by whom and when, the latest first."""
    rows = await pool.fetch(SQL["kind_history"], kind)
    return [
        (CatalogueKind.from_json(row["content"]), row["changed_by"], row["changed_at"])
        for row in rows
    ]


def _kind(row: asyncpg.Record) -> CatalogueKind:
    specification: dict[str, Any] | None = row["specification"]
    if specification is None:
        names = ("fixed_kr_year", "kr_km", "co2_g_km", "range_km", "charge_km_h")
        figures = Stated(**{name: row[name] for name in names})
    else:
        figures = Specification(**specification)
    window = None if row["window_from"] is None else (row["window_from"], row["window_to"])
    plain = ("kind", "name", "energy", "offers", "offered", "max_trip_km", "max_day_km")
    kept: dict[str, Any] = {name: row[name] for name in (*plain, "source", "year", "note")}
    return CatalogueKind.from_json({**kept, "window": window, "figures": figures})
