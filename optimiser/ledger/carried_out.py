"""That an accepted proposal is carried out, and that it is not after all: the verdict and the
undertaking change together, within the transaction of the act that says so."""

import asyncpg

from db.connect import PooledConnection
from db.statements import statements
from fleet.actor import Actor
from fleet.errors import ExpectedError
from optimiser.depot.decision_key import DecisionKey
from optimiser.rounds.decisions import (
    DecidedOtherwiseError,
    Verdict,
    give_verdict,
    require_no_other,
)

SQL = statements("ledger")
ROUND_SQL = statements("round")


class CarriedOutError(ExpectedError, ValueError):
    """The proposal of a task was carried out, and something was decided on it or on its vehicle
    since."""


async def carry_out(connection: PooledConnection, actor: Actor, row: asyncpg.Record) -> None:
    """Give the verdict that the decision of the undertaking in `row` is carried out."""
    await connection.execute(SQL["carry_out"], row["undertaking_id"])
    await give_verdict(connection, actor, row, Verdict.DONE, "", Verdict.ACCEPTED)


async def take_back_done(
    connection: PooledConnection, actor: Actor, row: asyncpg.Record, reason: str
) -> None:
    """Give the verdict that the decision of the undertaking in `row` is accepted, and not carried
    out. The act has waited for other decisions.

    Raises:
        CarriedOutError: another verdict on the decision was given since, or something else about
            its vehicle is accepted.
    """
    if not await connection.fetchval(SQL["is_last_verdict"], row["undertaking_id"]):
        raise CarriedOutError("something was decided on the proposal since it was carried out")
    latest = await connection.fetchrow(ROUND_SQL["latest_done"])
    assert latest is not None, "somebody decided on a proposal of a round that is done"
    try:
        await require_no_other(connection, latest["number"], DecisionKey.parse(row["key"]))
    except DecidedOtherwiseError as error:
        raise CarriedOutError(f"{error}, since this one was carried out") from error
    await connection.execute(SQL["not_carried_out"], row["undertaking_id"])
    await give_verdict(connection, actor, row, Verdict.ACCEPTED, reason, Verdict.DONE)
