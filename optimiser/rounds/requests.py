"""Asking for a round of proposals, or for a new version of one, and cancelling it."""

from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor
from fleet.period import Period

SQL = statements("round")


class RoundActive(RuntimeError):  # noqa: N818 - the condition, not a mistake of the caller
    """A round is queued or running already; there is one at a time."""


async def request_round(pool: Pool, actor: Actor, period: Period) -> int:
    """Ask for a round on a data period; returns its id, for a worker to answer.

    Raises:
        RoundActive: one is queued or running.
    """
    return _new(await pool.fetchval(SQL["request"], str(actor), period.first, period.last))


async def request_version(pool: Pool, actor: Actor, round_id: int) -> int:
    """Ask for a new version of a round, bound by what was decided on it; returns its id.

    Raises:
        RoundActive: one is queued or running.
    """
    return _new(await pool.fetchval(SQL["request_version"], str(actor), round_id))


async def cancel_round(pool: Pool, actor: Actor, round_id: int) -> bool:
    """End a round that is not done; its workers stop soon. False when it was over already."""
    return await pool.fetchval(SQL["cancel"], round_id, str(actor)) is not None


def _new(round_id: int | None) -> int:
    if round_id is None:
        raise RoundActive
    return round_id
