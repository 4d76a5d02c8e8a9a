"""What people chose of the roll-out plan, the act that chooses it, and the vehicles that it is
for, and how many others there are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from costs.budget import next_month
from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.errors import ExpectedError, refuse_unseen
from fleet.localtime import EARLIEST_DAY, latest_planned, local_now
from optimiser.pilot_end.roll_out import RollOutChoice, SourceCounts, WaitingVehicle

SQL = statements("pilot_end")

#: The most trackers that somebody can have put in a month: above it a digit is wrong.
CHIPS_MONTH_MAX = 10_000
DEPARTMENTS_MAX = 500


class RollOutError(ExpectedError, ValueError):
    """The plan cannot be as somebody chose it. `field` names the field, and `department` the one of
    which no vehicle is, if that is why."""

    def __init__(self, field: str, reason: str, department: str = "") -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.department = department


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceEntry:
    """What somebody chose of the plan, and when."""

    choice: RollOutChoice
    actor: str
    at: datetime


@unscoped
async def choices(pool: Pool) -> Sequence[ChoiceEntry]:
    """What people chose of the plan, the latest first; none: nobody did. It names departments, so
    that it is for who sees all of them."""
    return [
        ChoiceEntry(choice=_choice(row["content"]), actor=row["actor"], at=row["at"])
        for row in await pool.fetch(SQL["roll_out_changes"])
    ]


def choice_in_force(entries: Sequence[ChoiceEntry], today: date, chips_month: int) -> RollOutChoice:
    """What was chosen last; without it `chips_month` trackers a month from the next month on."""
    if entries:
        return entries[0].choice
    return RollOutChoice(start=next_month(today), chips_month=chips_month)


@unscoped
async def choose(pool: Pool, actor: Actor, choice: RollOutChoice, *, seen: int) -> None:
    """Choose the first month, the trackers of a month and the order of departments. `seen` is how
    often the actor saw that somebody chose.

    Raises:
        RollOutError: the plan cannot be so.
        ChangedSinceError: somebody else chose meanwhile.
    """
    actor.require(Permission.ROUNDS_REQUEST)
    if actor.departments is not None:
        raise NotAllowedError(None, f"{actor} may not do this: it is of other departments, too")
    _check(choice)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_roll_out"])
        entries = await connection.fetch(SQL["roll_out_changes"])
        refuse_unseen(seen, len(entries))
        names = list(choice.departments)
        unknown = await connection.fetch(SQL["unknown_departments"], names)
        if unknown:
            first = str(unknown[0]["name"])
            raise RollOutError("departments", f"there is no department {first[:100]}", first)
        content = _content(choice)
        before: Mapping[str, Any] = entries[0]["content"] if entries else {}
        is_begun = content["start"] == before.get("start")
        if not is_begun and choice.start < local_now().date().replace(day=1):
            raise RollOutError("start", "must not be a month that is over")
        if content == before:
            return
        await connection.execute(SQL["choose_roll_out"], content, str(actor))
        await record(connection, actor, Act.CHANGED, Subject.ROLL_OUT, "", content, before=before)


@unscoped
async def waiting_vehicles(pool: Pool) -> Sequence[WaitingVehicle]:
    """The vehicles of the fleet without a tracker or a driving log, of all departments: in which
    month one gets its tracker depends on the others. Show nobody those of other departments."""
    return [WaitingVehicle(**dict(row)) for row in await pool.fetch(SQL["waiting_vehicles"])]


async def count_sources(pool: Pool, departments: Collection[str] | None) -> SourceCounts:
    """The vehicles of the fleet by what tells of their use, of some departments; None: of all."""
    names = None if departments is None else sorted(departments)
    [row] = await pool.fetch(SQL["source_counts"], names)
    return SourceCounts(**dict(row))


def _check(choice: RollOutChoice) -> None:
    latest = latest_planned(local_now().date())
    if not EARLIEST_DAY <= choice.start <= latest or choice.start.day != 1:
        raise RollOutError("start", "must be the first of a month that is not too far away")
    if not 1 <= choice.chips_month <= CHIPS_MONTH_MAX:
        raise RollOutError("chips_month", f"must be from 1 to {CHIPS_MONTH_MAX}")
    if len(choice.departments) > DEPARTMENTS_MAX:
        raise RollOutError("departments", f"are more than {DEPARTMENTS_MAX}")
    if len(set(choice.departments)) < len(choice.departments):
        raise RollOutError("departments", "one of them is named twice")


def _content(choice: RollOutChoice) -> dict[str, Any]:
    return {
        "start": choice.start.isoformat(),
        "chips_month": choice.chips_month,
        "departments": list(choice.departments),
    }


def _choice(content: Mapping[str, Any]) -> RollOutChoice:
    return RollOutChoice(
        start=date.fromisoformat(content["start"]),
        chips_month=content["chips_month"],
        departments=tuple(content["departments"]),
    )
