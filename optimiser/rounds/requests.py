"""The acts of requesting a round of proposals or a new version of one, and of cancelling it."""

from collections.abc import Mapping

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from fleet.period import Period

SQL = statements("round")


class RoundActive(ExpectedError, RuntimeError):  # noqa: N818 - the condition, not a mistake of the caller
    """A round is queued or running already; there can be only one at a time."""

    def __init__(self) -> None:
        super().__init__("a round is queued or running already; there can be only one at a time")


async def request_round(pool: Pool, actor: Actor, period: Period) -> int:
    """Request a round on a data period; returns its id. A worker then calculates it.

    Raises:
        RoundActive: a round is queued or running.
    """
    actor.require(Permission.ROUNDS_REQUEST)
    return await _request(pool, actor, "request", period.first, period.last)


async def request_version(pool: Pool, actor: Actor, round_id: int) -> int:
    """Request a new version of a round, bound by the verdicts on it and with the fleet that was
    chosen for it; returns its id.

    Raises:
        RoundActive: a round is queued or running.
    """
    actor.require(Permission.ROUNDS_REQUEST)
    return await _request(pool, actor, "request_version", round_id, True, None)


async def choose_fleet(
    pool: Pool, actor: Actor, round_id: int, prices_kr_t: Mapping[str, float] | None
) -> int:
    """Request a new version of a round that proposes a fleet on its curve; returns its id.

    The fleet is the best one at these prices of CO2e by depot; None: the one that the rules
    propose. Later versions of the round keep the choice.

    Raises:
        RoundActive: a round is queued or running.
    """
    actor.require(Permission.ROUNDS_REQUEST)
    prices = None if prices_kr_t is None else dict(prices_kr_t)
    return await _request(pool, actor, "request_version", round_id, False, prices)


async def cancel_round(pool: Pool, actor: Actor, round_id: int) -> bool:
    """Cancel a round; its workers stop soon. Returns false if the round had ended already."""
    actor.require(Permission.ROUNDS_REQUEST)
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["cancel"], round_id, str(actor)) is None:
            return False
        detail = dict((await connection.fetchrow(SQL["round_asked"], round_id)) or {})
        await record(connection, actor, Act.CANCELLED, Subject.ROUND, round_id, detail)
    return True


async def _request(pool: Pool, actor: Actor, statement: str, *values: object) -> int:
    async with pool.acquire() as connection, connection.transaction():
        round_id = await connection.fetchval(SQL[statement], str(actor), *values)
        if round_id is None:
            raise RoundActive
        detail = dict((await connection.fetchrow(SQL["round_asked"], round_id)) or {})
        await record(connection, actor, Act.REQUESTED, Subject.ROUND, round_id, detail)
    return round_id
