"""Why a round of proposals failed, or a part of it."""

from enum import StrEnum

from db.connect import Pool
from db.statements import statements

SQL = statements("round")


class FailureReason(StrEnum):
    """The sort of failure; a message beside it has the detail."""

    NO_TRIPS = "no_trips"
    REFUSED = "refused"
    #: Of rounds of earlier versions: what a stop interrupts goes on.
    INTERRUPTED = "interrupted"
    #: The process that calculates died, again and again.
    PROCESS_DIED = "process_died"
    #: So did the server that it belongs to.
    WORKER_DIED = "worker_died"
    UNEXPECTED = "unexpected"


async def fail_round(pool: Pool, round_id: int, reason: FailureReason, detail: str = "") -> None:
    """End a round that is not over as failed."""
    await pool.execute(SQL["fail"], round_id, reason.value, detail)
