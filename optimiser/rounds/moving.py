"""Moves vehicles between the parts of a round once all have ended, and then sums up the round.

One worker reads all parts for that. Where it cannot be done, the round is done without moves, and
says so.
"""

import structlog

from db.connect import Pool
from db.statements import statements
from optimiser.model.problem import ProblemError
from optimiser.parts.moved_parts import move_between
from optimiser.parts.part_plan import PartInput, PartPlan, part_plan_json, read_part_plan
from optimiser.rounds.part_input import read_part_input
from optimiser.rounds.part_planning import NextStep, fingerprint, sum_up, while_running
from optimiser.settings import OptimiserSettings
from optimiser.workers import ProcessDied, Workers

SQL = statements("round")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def move_vehicles(
    pool: Pool, round_id: int, settings: OptimiserSettings, workers: Workers
) -> NextStep:
    """Move vehicles between the parts of a round that is running, and end it.

    A part whose data were changed since it was planned takes no part in that.

    Returns:
        What is to be done for the round next.
    """
    row = await pool.fetchrow(SQL["running_round"], round_id)
    if row is None:
        done = await pool.fetchrow(SQL["done_round"], round_id)
        return NextStep.NOTHING if done is None else NextStep.STUDIES
    read_at = await pool.fetchval(SQL["now"])
    kept = {one["part"]: one for one in await pool.fetch(SQL["planned_parts"], round_id)}
    inputs: dict[int, PartInput] = {}
    for part, of_part in kept.items():
        part_input = await read_part_input(pool, round_id, part, row, settings)
        if fingerprint(part_input) == of_part["digest"]:
            inputs[part] = part_input
    plans = {part: read_part_plan(kept[part]["part_plan"]) for part in inputs}
    moved: list[PartPlan] | None = []
    failed = False
    if inputs:
        work = workers.run(
            move_between,
            list(inputs.values()),
            list(plans.values()),
            seconds_max=settings.optimiser_seconds_max,
            gap=settings.optimiser_gap,
        )
        try:
            moved = await while_running(pool, round_id, work)
        except (ProblemError, ProcessDied) as error:
            LOG.warning("no vehicle moves in a round", round_id=round_id, error=str(error))
            failed = True
    if moved is None:
        return NextStep.NOTHING
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["lock_round"], round_id) != "running":
            return NextStep.NOTHING
        await connection.execute(SQL["hold_private"])
        for part, plan in zip(inputs, moved, strict=False):
            if plan.moved:
                await connection.execute(
                    SQL["store_part_plan"],
                    round_id,
                    part,
                    kept[part]["digest"],
                    kept[part]["verdicts"],
                    part_plan_json(plan),
                    None,
                )
        # Sweeps since `read_at` did not see these plans, so this deletes the private days now.
        await connection.execute(SQL["forget_private"], read_at)
        return await sum_up(connection, round_id, moves_failed=failed)


async def end_without_moves(pool: Pool, round_id: int) -> NextStep:
    """End a round that is running without moves, as they could not be worked out."""
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["lock_round"], round_id) != "running":
            return NextStep.NOTHING
        return await sum_up(connection, round_id, moves_failed=True)
