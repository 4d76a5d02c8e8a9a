"""The jobs of what-ifs: one solves a what-if beside its round, one forgets what nobody kept."""

from collections.abc import Sequence

from db.connect import Pool
from db.job import PeriodicJob, QueuedJob
from db.statements import statements
from fleet.saying import Saying
from optimiser.model.problem import ProblemError
from optimiser.model.remark import Remark, remark
from optimiser.rounds.failure import FailureReason, detail_json, process_failure
from optimiser.settings import OptimiserSettings
from optimiser.waiting import while_wanted
from optimiser.what_if.answer import (
    PartAnswer,
    VehicleDifference,
    answer_json,
    joined,
    outcome_json,
)
from optimiser.what_if.changes import read_changes
from optimiser.what_if.checking import askable
from optimiser.what_if.requests import concerned_parts
from optimiser.what_if.solving import Effort, answer_part
from optimiser.what_if.stored_question import NotAskableError, read_question
from optimiser.workers import ProcessDied, Workers

SQL = statements("what_if")

WHAT_IF_JOB = "what_if"


def what_if_job(pool: Pool, settings: OptimiserSettings, workers: Workers) -> QueuedJob:
    """The job that solves the what-if `what_if_id`."""

    async def solve(what_if_id: int) -> None:
        await solve_what_if(pool, what_if_id, settings, workers)

    return QueuedJob(WHAT_IF_JOB, solve)


def forget_job(pool: Pool, settings: OptimiserSettings) -> PeriodicJob:
    """The job that throws away what nobody kept."""

    async def forget() -> None:
        await pool.execute(SQL["throw_old"], settings.what_if_days)

    return PeriodicJob("forget_what_ifs", "23 * * * *", forget)


async def solve_what_if(
    pool: Pool, what_if_id: int, settings: OptimiserSettings, workers: Workers
) -> None:
    """Solve a what-if, unless it has ended. Only its own rows are written.

    If the worker stops meanwhile, a worker solves it later.
    """
    row = await pool.fetchrow(SQL["start"], what_if_id)
    if row is None:
        return
    changes = read_changes(row["changes"])
    parts = concerned_parts(await askable(pool, row["round_id"]), row["depots"], changes)
    effort = Effort(seconds_max=settings.what_if_seconds_max, gap=settings.optimiser_gap)
    answers: list[PartAnswer] = []

    async def is_wanted() -> bool:
        return await pool.fetchval(SQL["is_running"], what_if_id)

    try:
        for part in parts:
            question = await read_question(pool, row["round_id"], part.part, changes, settings)
            work = workers.run(answer_part, question, effort)
            found = await while_wanted(work, is_wanted, f"what-if {what_if_id}")
            if found is None:
                return
            answers.append(found)
            await pool.execute(SQL["solved_part"], what_if_id)
    except ProblemError as error:
        await fail_what_if(pool, what_if_id, FailureReason.REFUSED, error.remark)
        return
    except NotAskableError as error:
        await fail_what_if(
            pool, what_if_id, FailureReason.REFUSED, remark(Remark.READ, what=str(error))
        )
        return
    except ProcessDied as died:
        await fail_what_if(pool, what_if_id, FailureReason.PROCESS_DIED, process_failure(died))
        return
    await _store(pool, what_if_id, answers)


async def fail_what_if(
    pool: Pool, what_if_id: int, reason: FailureReason, detail: Saying | None = None
) -> None:
    """Store why a what-if has no answer, unless it has one."""
    await pool.execute(SQL["fail"], what_if_id, reason.value, detail_json(detail))


async def _store(pool: Pool, what_if_id: int, answers: Sequence[PartAnswer]) -> None:
    vehicles: dict[str, VehicleDifference] = {
        one.vehicle_id: one for answer in answers for one in answer.vehicles
    }
    async with pool.acquire() as connection, connection.transaction():
        content = answer_json(joined(answers))
        if await connection.fetchval(SQL["finish"], what_if_id, content) is None:
            return
        await connection.execute(SQL["forget_vehicles"], what_if_id)
        for one in vehicles.values():
            await connection.execute(
                SQL["add_vehicle"],
                what_if_id,
                one.vehicle_id,
                one.depot_id,
                outcome_json(one.before),
                outcome_json(one.after),
            )
