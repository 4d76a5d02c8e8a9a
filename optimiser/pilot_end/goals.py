"""The goals that the fleet unit states for the pilot, and the acts that state, change and remove
them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.errors import ExpectedError, refuse_unseen
from fleet.localtime import EARLIEST_DAY, LATEST_DAY, latest_planned, local_now

SQL = statements("pilot_end")

SOURCE_MAX = 2_000


class Metric(StrEnum):
    """What a goal is about. It is reached when its value is at least the target."""

    #: The share by which the vehicles become fewer.
    FEWER_VEHICLES = "fewer_vehicles"
    #: The share by which what is paid becomes less.
    LOWER_COST = "lower_cost"
    #: The share by which CO2e becomes less.
    LOWER_CO2 = "lower_co2"
    #: The share of the vehicles whose use is known.
    COVERAGE = "coverage"
    #: The share of the known working days on which the vehicles are used.
    USE = "use"
    #: The share of the accepted proposals that are carried out.
    CARRIED_OUT = "carried_out"
    #: What the proposals save a year that are carried out, in kr.
    SAVED_KR = "saved_kr_year"
    #: The same in tonnes of CO2e.
    SAVED_CO2 = "saved_co2_t_year"

    @property
    def is_share(self) -> bool:
        return self not in (Metric.SAVED_KR, Metric.SAVED_CO2)

    @property
    def most(self) -> float:
        """The greatest target that makes sense: above it a digit or a unit is wrong."""
        return 1.0 if self.is_share else {Metric.SAVED_KR: 1e9, Metric.SAVED_CO2: 1e6}[self]


class NoGoalError(ExpectedError, LookupError):
    """There is no such goal, or it was removed."""


class GoalError(ExpectedError, ValueError):
    """A goal is impossible. `field` names the field."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalText:
    """What a goal says: at least the `target` by a day, and where that was decided. A share is one
    of 0 to 1.

    Raises:
        GoalError: it is impossible.
    """

    metric: Metric
    target: float
    by: date
    source: str

    def __post_init__(self) -> None:
        if not math.isfinite(self.target) or not 0 < self.target <= self.metric.most:
            raise GoalError("target", f"must be above 0 and at most {self.metric.most:g}")
        if not EARLIEST_DAY <= self.by <= LATEST_DAY:
            raise GoalError("by", f"{self.by} is too far away")
        if not self.source.strip():
            raise GoalError("source", "say where it was decided")
        if len(self.source) > SOURCE_MAX:
            raise GoalError("source", f"is longer than {SOURCE_MAX} characters")

    def to_json(self) -> dict[str, Any]:
        """The goal as it is stored."""
        return {
            "metric": self.metric.value,
            "target": self.target,
            "by": self.by.isoformat(),
            "source": self.source.strip(),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "GoalText":
        """The goal in the JSON of `to_json`."""
        return cls(
            metric=Metric(content["metric"]),
            target=content["target"],
            by=date.fromisoformat(content["by"]),
            source=content["source"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A goal in force, with how often it was changed since it was stated, and who did so last."""

    goal_id: int
    text: GoalText
    changes: int
    actor: str
    at: datetime

    @property
    def metric(self) -> Metric:
        return self.text.metric

    @property
    def target(self) -> float:
        return self.text.target

    @property
    def by(self) -> date:
        return self.text.by


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalChange:
    """One change of a goal: what it says since; None: it was removed."""

    text: GoalText | None
    actor: str
    at: datetime


async def read_goals(pool: Pool) -> Sequence[Goal]:
    """The goals in force, in the order in which they were stated."""
    return [
        Goal(
            goal_id=row["goal_id"],
            text=GoalText.from_json(row["content"]),
            changes=row["changes"],
            actor=row["actor"],
            at=row["at"],
        )
        for row in await pool.fetch(SQL["goals"])
    ]


async def goal_history(pool: Pool, goal_id: int) -> Sequence[GoalChange]:
    """The changes of a goal, the latest first; none: there was no such goal."""
    return [
        GoalChange(
            text=None if row["content"] is None else GoalText.from_json(row["content"]),
            actor=row["actor"],
            at=row["at"],
        )
        for row in await pool.fetch(SQL["goal_changes"], goal_id)
    ]


@unscoped
async def state_goal(pool: Pool, actor: Actor, text: GoalText) -> int:
    """State a goal of the pilot; returns its id.

    Raises:
        GoalError: its day is too far away.
    """
    actor.require(Permission.ROUNDS_REQUEST)
    _require_all_departments(actor)
    _require_near(text)
    async with pool.acquire() as connection, connection.transaction():
        goal_id = await connection.fetchval(SQL["state_goal"], text.to_json(), str(actor))
        await record(connection, actor, Act.CHANGED, Subject.PILOT_GOAL, goal_id, text.to_json())
    return goal_id


@unscoped
async def change_goal(
    pool: Pool, actor: Actor, goal_id: int, text: GoalText | None, *, seen: int
) -> None:
    """Change what a goal says, or remove it (None). `seen` is how many changes the actor saw.

    Raises:
        NoGoalError: there is no such goal, or it was removed.
        ChangedSinceError: somebody else changed it meanwhile.
        GoalError: its day is too far away.
    """
    actor.require(Permission.ROUNDS_REQUEST)
    _require_all_departments(actor)
    if text is not None:
        _require_near(text)
    async with pool.acquire() as connection, connection.transaction():
        before = await _locked(connection, goal_id, seen)
        content = None if text is None else text.to_json()
        if content == before:
            return
        await connection.execute(SQL["change_goal"], goal_id, content, str(actor))
        act = Act.REMOVED if content is None else Act.CHANGED
        await record(
            connection, actor, act, Subject.PILOT_GOAL, goal_id, content or {}, before=before
        )


def _require_near(text: GoalText) -> None:
    """Raises GoalError where the day of a goal is so far ahead that a digit is wrong."""
    if text.by > latest_planned(local_now().date()):
        raise GoalError("by", f"{text.by} is too far away")


async def _locked(connection: PooledConnection, goal_id: int, seen: int) -> Mapping[str, Any]:
    """What a goal says; other acts on goals wait until the transaction ends."""
    await connection.execute(SQL["hold_goals"])
    row = await connection.fetchrow(SQL["goal"], goal_id)
    if row is None or row["content"] is None:
        raise NoGoalError(f"there is no goal {goal_id}")
    refuse_unseen(seen, row["changes"])
    return row["content"]


def _require_all_departments(actor: Actor) -> None:
    if actor.departments is not None:
        raise NotAllowedError(None, f"{actor} may not do this: it is of other departments, too")
