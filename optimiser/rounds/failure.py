"""The failure of a round of proposals or of a part: its reason and detail."""

from enum import StrEnum
from typing import Any

from db.connect import Pool
from db.statements import statements
from fleet.saying import Saying
from optimiser.model.remark import Remark, remark
from optimiser.workers import ProcessDied

SQL = statements("round")


class FailureReason(StrEnum):
    """The reasons of a failure; a remark beside the reason has the detail."""

    NO_TRIPS = "no_trips"
    #: Too little is known of every vehicle that made trips.
    TOO_LITTLE_KNOWN = "too_little_known"
    #: Trips of vehicles were still to be found when the time to wait for them was over.
    TRIPS_BEHIND = "trips_behind"
    REFUSED = "refused"
    #: Only in rounds of earlier versions of the software: now a worker continues an interrupted
    #: round.
    INTERRUPTED = "interrupted"
    #: The solver process died at each attempt.
    PROCESS_DIED = "process_died"
    #: The worker, a server process, died at each attempt.
    WORKER_DIED = "worker_died"
    UNEXPECTED = "unexpected"


async def fail_round(
    pool: Pool, round_id: int, reason: FailureReason, detail: Saying | None = None
) -> None:
    """End a round as failed, unless it has ended."""
    await pool.execute(SQL["fail"], round_id, reason.value, detail_json(detail))


def process_failure(died: ProcessDied) -> Saying:
    """The detail of how a solver process died, in the words of the operating system."""
    return remark(Remark.READ, what=str(died))


def detail_json(detail: Saying | None) -> dict[str, Any] | None:
    """The JSON of a detail, as it is stored; None without a detail."""
    return None if detail is None else detail.to_json()


def read_detail(content: object) -> Saying | None:
    """The detail in the JSON of `detail_json`; None without a detail."""
    return None if content is None else Saying.from_json(content)
