"""By what programmes and milestones are measured: indicators with their targets and values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import asyncpg

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError, refuse_unseen
from fleet.localtime import EARLIEST_DAY, local_now
from tracker.changing import keep_part_change

SQL = statements("indicator")


class NoIndicatorError(ExpectedError, LookupError):
    """There is no such indicator, or what it is to measure is not there."""


class IndicatorRefusedError(ExpectedError, ValueError):
    """An indicator has no name, a scale of one step, a target off its scale, or a day without a
    target; or a value is off the scale, of a day to come, or one that the system tells itself."""


class IndicatorKind(StrEnum):
    """The matter that an indicator tells of: what was made, what came of it, or what it changed."""

    OUTPUT = "output"
    OUTCOME = "outcome"
    IMPACT = "impact"


class Figure(StrEnum):
    """A figure of the system that an indicator may read."""

    #: Vehicles in the fleet.
    VEHICLES = "vehicles"
    #: Tonnes of CO2e a year of the fleet.
    CO2E = "co2e"
    #: Kilometres of the fleet in a year.
    KM = "km"
    #: The share of the fleet that runs on green energy, from 0 to 1.
    GREEN_SHARE = "green_share"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorDetails:
    """The details of an indicator. `scale` are the agreed words, the lowest first, of one that
    is not counted: its values and target are their numbers from 1. `figure` is that of the system
    which it reads; None: people say its values."""

    name: str
    kind: IndicatorKind
    scale: Sequence[str] = ()
    unit: str = ""
    target: float | None = None
    target_day: date | None = None
    source: str = ""
    figure: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorValue:
    """The value of a day that is in force, with where it comes from and how good it is."""

    day: date
    value: float
    source: str
    quality: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """An indicator of a programme or a milestone, with its values, the earliest day first. One that
    reads a figure has today's last, where the system knows it."""

    indicator_id: int
    plan_id: int
    programme_id: str | None
    milestone_id: str | None
    details: IndicatorDetails
    values: Sequence[IndicatorValue]
    revision: int

    @property
    def latest(self) -> IndicatorValue | None:
        return self.values[-1] if self.values else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidValue:
    """The value that somebody said of a day; None: that there is none."""

    day: date
    value: float | None
    source: str
    quality: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailChange:
    """A change of what an indicator is: what was set, by the names of the columns, and what stood
    there before."""

    content: Mapping[str, object]
    before: Mapping[str, object]
    actor: str
    at: datetime


#: What the system knows of its figures now; one that is left out is not known.
Figures = Mapping[Figure, float]


async def indicators(
    pool: Pool, plan_id: int | None = None, figures: Figures | None = None
) -> list[Indicator]:
    """The indicators of a plan, or of all of them, with the figures that the system knows."""
    values: dict[int, list[IndicatorValue]] = {}
    for row in await pool.fetch(SQL["values"], plan_id, None):
        values.setdefault(row["indicator_id"], []).append(_value(row))
    found = await pool.fetch(SQL["indicators"], plan_id, None)
    return [_indicator(row, values.get(row["indicator_id"], []), figures or {}) for row in found]


async def indicator(pool: Pool, indicator_id: int, figures: Figures | None = None) -> Indicator:
    """One indicator.

    Raises:
        NoIndicatorError: there is none.
    """
    row = await pool.fetchrow(SQL["indicators"], None, indicator_id)
    if row is None:
        raise NoIndicatorError(f"there is no indicator {indicator_id}")
    values = [_value(one) for one in await pool.fetch(SQL["values"], None, indicator_id)]
    return _indicator(row, values, figures or {})


@unscoped
async def add_indicator(
    pool: Pool,
    actor: Actor,
    details: IndicatorDetails,
    *,
    programme_id: str | None = None,
    milestone_id: str | None = None,
) -> int:
    """Measure a programme or a milestone by an indicator.

    Returns:
        Its id.

    Raises:
        NoIndicatorError: there is no such programme or milestone, or not one of the two is named.
        IndicatorRefusedError: see there.
    """
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        return await add_indicator_within(
            connection, actor, details, programme_id=programme_id, milestone_id=milestone_id
        )


async def add_indicator_within(
    connection: PooledConnection,
    actor: Actor,
    details: IndicatorDetails,
    *,
    programme_id: str | None = None,
    milestone_id: str | None = None,
) -> int:
    """The same in a transaction with other acts; see `add_indicator`."""
    actor.require(Permission.PLAN_MANAGE)
    content = _content(details)
    plan_id = await connection.fetchval(SQL["plan_of"], programme_id, milestone_id)
    if plan_id is None or (programme_id is None) == (milestone_id is None):
        raise NoIndicatorError("there is no such programme or milestone")
    indicator_id = await connection.fetchval(
        SQL["add_indicator"], programme_id, milestone_id, content
    )
    await keep_part_change(connection, actor, plan_id, "indicator", str(indicator_id), content, {})
    return indicator_id


@unscoped
async def change_indicator(
    pool: Pool,
    actor: Actor,
    indicator_id: int,
    details: IndicatorDetails | None,
    *,
    seen: int | None = None,
) -> None:
    """Say something else of an indicator, or remove it: `details` is None.

    Raises:
        NoIndicatorError: there is none.
        ChangedSinceError: somebody else changed it since.
        IndicatorRefusedError: see there.
    """
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL["lock_indicator"], indicator_id)
        if row is None:
            raise NoIndicatorError(f"there is no indicator {indicator_id}")
        was = row["content"]
        refuse_unseen(seen, was["revision"])
        content = {"removed_at": local_now().isoformat()} if details is None else _content(details)
        await connection.execute(SQL["set_indicator"], indicator_id, content)
        await keep_part_change(
            connection, actor, row["plan_id"], "indicator", str(indicator_id), content, was
        )


@unscoped
async def say_value(
    pool: Pool,
    actor: Actor,
    indicator_id: int,
    day: date,
    value: float | None,
    *,
    source: str = "",
    quality: str = "",
) -> None:
    """Say the value of an indicator on a day; None takes back what was said of that day. What was
    said before stays in its history.

    Raises:
        NoIndicatorError: there is none.
        IndicatorRefusedError: see there.
    """
    actor.require(Permission.PLAN_REPORT)
    async with pool.acquire() as connection, connection.transaction():
        await say_value_within(
            connection, actor, indicator_id, day, value, source=source, quality=quality
        )


async def say_value_within(
    connection: PooledConnection,
    actor: Actor,
    indicator_id: int,
    day: date,
    value: float | None,
    *,
    source: str = "",
    quality: str = "",
) -> None:
    """The same in a transaction with other acts; see `say_value`."""
    actor.require(Permission.PLAN_REPORT)
    row = await connection.fetchrow(SQL["lock_indicator"], indicator_id)
    if row is None:
        raise NoIndicatorError(f"there is no indicator {indicator_id}")
    was = row["content"]
    if was["figure"] is not None:
        raise IndicatorRefusedError("the system tells the values of this indicator itself")
    if not EARLIEST_DAY <= day <= local_now().date():
        raise IndicatorRefusedError(f"{day} is a day to come, or too long ago")
    if value is not None:
        _require_on_scale(value, was["scale"])
    await connection.execute(
        SQL["add_value"], indicator_id, day, value, source.strip(), quality.strip(), str(actor)
    )
    detail = {
        "part": "indicator",
        "part_id": str(indicator_id),
        "name": was["name"],
        "day": day.isoformat(),
        "value": value,
    }
    await record(connection, actor, Act.CHANGED, Subject.PLAN, row["plan_id"], detail)


async def value_history(pool: Pool, indicator_id: int) -> list[SaidValue]:
    """All that was said of the values of an indicator, the latest first."""
    return [SaidValue(**row) for row in await pool.fetch(SQL["value_history"], indicator_id)]


async def detail_history(pool: Pool, indicator_id: int) -> list[DetailChange]:
    """The changes of what an indicator is, the latest first."""
    rows = await pool.fetch(SQL["detail_history"], str(indicator_id))
    return [DetailChange(**row) for row in rows]


def _content(details: IndicatorDetails) -> dict[str, object]:
    scale = [step.strip() for step in details.scale if step.strip()]
    if not details.name.strip():
        raise IndicatorRefusedError("say the name of the indicator")
    if len(scale) == 1:
        raise IndicatorRefusedError("a scale has two steps or more")
    if details.target is None and details.target_day is not None:
        raise IndicatorRefusedError("say which value is to be reached by the day")
    if details.figure is not None and scale:
        raise IndicatorRefusedError("a figure of the system is counted, and has no scale")
    if details.target is not None:
        _require_on_scale(details.target, scale)
    return {
        "name": details.name.strip(),
        "kind": details.kind.value,
        "scale": scale,
        "unit": details.unit.strip(),
        "target": details.target,
        "target_day": None if details.target_day is None else details.target_day.isoformat(),
        "source": details.source.strip(),
        "figure": None if details.figure is None else details.figure.value,
    }


def _require_on_scale(value: float, scale: Sequence[str]) -> None:
    if value != value or abs(value) > 1e12:
        raise IndicatorRefusedError(f"{value} is no value")
    if scale and value not in range(1, len(scale) + 1):
        raise IndicatorRefusedError(f"the scale goes from 1 to {len(scale)}")


def _indicator(row: asyncpg.Record, values: list[IndicatorValue], figures: Figures) -> Indicator:
    figure = None if row["figure"] is None else Figure(row["figure"])
    if figure is not None and (known := figures.get(figure)) is not None:
        now = local_now()
        values = [
            IndicatorValue(
                day=now.date(), value=known, source=figure.value, quality="", actor="", at=now
            )
        ]
    return Indicator(
        indicator_id=row["indicator_id"],
        plan_id=row["plan_id"],
        programme_id=row["programme_id"],
        milestone_id=row["milestone_id"],
        details=IndicatorDetails(
            name=row["name"],
            kind=IndicatorKind(row["kind"]),
            scale=tuple(row["scale"]),
            unit=row["unit"],
            target=row["target"],
            target_day=row["target_day"],
            source=row["source"],
            figure=figure,
        ),
        values=values,
        revision=row["revision"],
    )


def _value(row: asyncpg.Record) -> IndicatorValue:
    return IndicatorValue(
        day=row["day"],
        value=row["value"],
        source=row["source"],
        quality=row["quality"],
        actor=row["actor"],
        at=row["at"],
    )
