"""Answering a part of a round; whoever answers the last one sums up.

Figures and bounds of parts add up, because pools share no vehicles.

A new version of a round is bound by what was decided on the earlier ones. A part whose earlier
answer already is as decided keeps it: it stays the best when only other choices are taken away.
"""

import asyncio
import hashlib
import json
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import asdict
from typing import Any, cast

import structlog

from db.connect import NOT_NOW, Pool, PooledConnection
from db.statements import statements
from fleet.saying import Saying
from optimiser.depot.decision_key import DecisionKey
from optimiser.depot.decisions import decision_json
from optimiser.depot.part_plan import (
    PartPlan,
    Question,
    part_plan_json,
    plan_part,
    ranked,
    read_part_plan,
)
from optimiser.depot.verdicts import Verdicts
from optimiser.model.problem import ProblemError
from optimiser.rounds.data import depot_ids, period_of
from optimiser.rounds.failure import FailureReason, fail_round, kept, of_process
from optimiser.rounds.question import read_question
from optimiser.rounds.summary import summarise, summary_json
from optimiser.settings import OptimiserSettings
from optimiser.workers import ProcessDied, Workers

SQL = statements("round")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: How often a worker looks whether its round was cancelled.
LOOK_S = 0.5


async def answer_part(
    pool: Pool, round_id: int, part: int, settings: OptimiserSettings, workers: Workers
) -> bool:
    """Answer a part, unless it is; true when the round is done, so that it may be studied.

    A part whose process dies fails alone. What a stop interrupts is left as it is, to be begun
    again.
    """
    row = await pool.fetchrow(SQL["running"], round_id)
    if row is None:
        return await pool.fetchrow(SQL["answered"], round_id) is not None
    row_of_part = await pool.fetchrow(SQL["part"], round_id, part)
    if row_of_part is None or row_of_part["part_plan"] or row_of_part["reason"]:
        return False
    try:
        read_at = await pool.fetchval(SQL["now"])
        question = await read_question(pool, round_id, part, row, settings)
        digest = _digest(question)
        answered, studied = await _earlier(pool, round_id, digest, question.verdicts)
        if answered is None:
            work = workers.run(
                plan_part,
                question,
                seconds_max=settings.optimiser_seconds_max,
                gap=settings.optimiser_gap,
            )
            found = await _while_running(pool, round_id, work)
            if found is None:
                return False
            answered = part_plan_json(found)
    except ProblemError as error:
        await fail_round(pool, round_id, FailureReason.REFUSED, error.remark)
        return False
    except ProcessDied as died:
        return await fail_part(pool, round_id, part, FailureReason.PROCESS_DIED, of_process(died))
    verdicts = question.verdicts.to_json()
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["lock"], round_id) != "running":
            return False
        await connection.execute(SQL["hold_private"])
        await connection.execute(
            SQL["keep_answer"], round_id, part, digest, verdicts, answered, studied
        )
        # What is swept from now on, is swept from this too.
        await connection.execute(SQL["forget_private"], read_at)
        return await _sum_up(connection, round_id)


async def fail_part(
    pool: Pool, round_id: int, part: int, reason: FailureReason, detail: Saying | None = None
) -> bool:
    """Keep why a part has no answer; true when the round is done with the answers of the others.

    A round none of whose parts has an answer fails.
    """
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["lock"], round_id) != "running":
            return False
        await connection.execute(SQL["hold_private"])
        await connection.execute(SQL["fail_part"], round_id, part, reason.value, kept(detail))
        return await _sum_up(connection, round_id)


async def _sum_up(connection: PooledConnection, round_id: int) -> bool:
    """End the round when all its parts have ended; true when it is done."""
    if await connection.fetchval(SQL["unanswered"], round_id):
        return False
    rows = await connection.fetch(SQL["answers"], round_id)
    if not rows:
        failed = await connection.fetch(SQL["failed_parts"], round_id)
        first = failed[0]
        await connection.execute(SQL["fail"], round_id, first["reason"], first["detail"])
        return False
    answers = [read_part_plan(row["part_plan"]) for row in rows]
    for rank, decision in enumerate(ranked(answers), start=1):
        await connection.execute(
            SQL["add_proposal"],
            round_id,
            rank,
            decision.depot_id,
            decision.saving_kr_year,
            decision.saving_co2_t_year,
            decision_json(decision),
            str(decision.key),
        )
    row = await connection.fetchrow(SQL["running"], round_id)
    assert row is not None, "the caller has locked it, and it is running"
    depots = await depot_ids(connection, await period_of(connection, row))
    summary = summarise(answers, depots.without_trips)
    await connection.execute(SQL["finish"], round_id, summary_json(summary))
    return True


def _digest(question: Question) -> str:
    """A fingerprint of all that an answer depends on, but for what was decided."""
    kinds = [asdict(kind) for _, kind in sorted(question.kinds.items())]
    content = [[asdict(depot) for depot in question.depots], kinds, asdict(question.rules)]
    text = json.dumps([content, question.first, question.last], default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """A value as JSON, the same in every process: the order of a set is not."""
    return sorted(cast(frozenset[str], value)) if isinstance(value, frozenset) else str(value)


async def _earlier(pool: Pool, round_id: int, digest: str, verdicts: Verdicts) -> tuple[Any, Any]:
    """An earlier answer to the same data that is as decided now, and its study; or (None, None).

    It was found under fewer decisions, or the same, and does all that was accepted since and
    nothing that was rejected since: so it is allowed, and what is better was allowed before.
    """
    for row in await pool.fetch(SQL["earlier_parts"], digest, round_id):
        then = Verdicts.from_json(row["verdicts"])
        keys = {DecisionKey.parse(decision["key"]) for decision in row["part_plan"]["decisions"]}
        if (
            then.accepted <= verdicts.accepted
            and then.rejected <= verdicts.rejected
            and verdicts.accepted - then.accepted <= keys
            and not (verdicts.rejected - then.rejected) & keys
        ):
            return row["part_plan"], row["study"]
    return None, None


async def _while_running(
    pool: Pool, round_id: int, work: Coroutine[Any, Any, PartPlan]
) -> PartPlan | None:
    """What `work` gives, or None when the round was cancelled meanwhile."""
    task = asyncio.create_task(work)
    try:
        while not (await asyncio.wait([task], timeout=LOOK_S))[0]:
            try:
                if not await pool.fetchval(SQL["is_running"], round_id):
                    return None
            except NOT_NOW as error:  # the answer may be wanted when the database is back
                LOG.warning("a round is not looked at", round_id=round_id, error=str(error))
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
