"""Why a round of proposals failed, or a part of it."""

from enum import StrEnum
from typing import Any

from db.connect import Pool
from db.statements import statements
from fleet.saying import Saying
from optimiser.model.remark import Remark, remark
from optimiser.workers import ProcessDied

SQL = statements("round")


class FailureReason(StrEnum):
    """The sort of failure; a remark beside it has the detail."""

    NO_TRIPS = "no_trips"
    REFUSED = "refused"
    #: Of rounds of earlier versions: what a stop interrupts goes on.
    INTERRUPTED = "interrupted"
    #: The process that calculates died, again and again.
    PROCESS_DIED = "process_died"
    #: So did the server that it belongs to.
    WORKER_DIED = "worker_died"
    UNEXPECTED = "unexpected"


async def fail_round(
    pool: Pool, round_id: int, reason: FailureReason, detail: Saying | None = None
) -> None:
    """End a round that is not over as failed."""
    await pool.execute(SQL["fail"], round_id, reason.value, kept(detail))


def of_process(died: ProcessDied) -> Saying:
    """How a process died that calculated, in the words of the system."""
    return remark(Remark.READ, what=str(died))


def kept(detail: Saying | None) -> dict[str, Any] | None:
    """A detail as it is stored; None of none."""
    return None if detail is None else detail.to_json()


def read_detail(content: object) -> Saying | None:
    """The detail that was stored; None of none."""
    return None if content is None else Saying.from_json(content)
