"""Filters private positions out once more right before they are committed.

Listeners drop private positions on arrival, by a register that is seconds old; positions that wait
in the buffer, or for their commit, may be older than a private period.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime

from msgspec.structs import replace

from db.connect import PooledConnection
from fleet.localtime import local_day
from ingest.gate.refusal import Refusal
from ingest.store.commit_line import CommitRequest
from register.private_time import (
    PERIODS_LOOKBACK,
    PrivateRegister,
    is_private,
    read_private_register,
)


def without_private(
    group: Sequence[CommitRequest], register: PrivateRegister
) -> tuple[list[CommitRequest], Counter[tuple[str, date]]]:
    """Filter a group by the private periods of a register.

    Returns:
        The group without private positions, and how many were dropped by device and local day.
    """
    dropped: Counter[tuple[str, date]] = Counter()
    if not register.periods:
        return [*group], dropped
    return [_without_private(request, register, dropped) for request in group], dropped


def covers_moments_of(register: PrivateRegister, group: Sequence[CommitRequest]) -> bool:
    """Whether a register has all periods that this group may have been driven in."""
    return min(_moments(group), default=register.since) >= register.since


async def read_private_for(
    connection: PooledConnection, group: Sequence[CommitRequest]
) -> PrivateRegister:
    """The periods that may hold for a group, which is seldom older than `PERIODS_LOOKBACK`."""
    since = min([datetime.now(UTC) - PERIODS_LOOKBACK, *_moments(group)])
    return await read_private_register(connection, since)


def _moments(group: Sequence[CommitRequest]) -> list[datetime]:
    """The first moment of each request's positions, and those of all refusals that have one."""
    moments = [min(request.positions.ts) for request in group if request.positions]
    refused = [one.ts for request in group for one in request.refusals if one.ts is not None]
    return moments + refused


def _without_private(
    request: CommitRequest, register: PrivateRegister, dropped: Counter[tuple[str, date]]
) -> CommitRequest:
    positions = request.positions
    if not register.periods.keys().isdisjoint(positions.devices):
        kept: list[int] = []
        # A position without a fix may have been put in a place of a period that was set since.
        misplaced = (
            request.placed_revision is not None and request.placed_revision != register.revision
        )
        columns = positions.device, positions.ts, positions.satellites
        for index, (device, ts, satellites) in enumerate(zip(*columns, strict=True)):
            periods = register.periods.get(device, ())
            if is_private(ts, periods) or (misplaced and periods and satellites == 0):
                dropped[device, local_day(ts)] += 1
            else:
                kept.append(index)
        positions = positions.chosen(kept)
    refusals = request.refusals
    if refusals:
        now = datetime.now(UTC)
        # The stranger is answered as before, and so does not learn that the vehicle is private.
        refusals = [
            one.withheld() if may_be_private else one
            for one in refusals
            if not (may_be_private := _may_be_private(register, one, now)) or not one.vouched
        ]
    return replace(request, positions=positions, refusals=refusals)


def _may_be_private(register: PrivateRegister, refusal: Refusal, now: datetime) -> bool:
    """Whether a refused position was driven or received in a private period, or may have been,
    where it is not known when it was driven."""
    if refusal.ts is None:
        return refusal.device in register.periods or any(
            device.encode() in refusal.payload for device in register.periods
        )
    periods = register.periods.get(refusal.device, ())
    return is_private(refusal.ts, periods) or is_private(now, periods)
