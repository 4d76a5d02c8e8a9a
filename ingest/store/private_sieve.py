"""What is private is sifted out once more right before it is committed.

Listeners drop what is private on arrival, by a register that is seconds old; what waits in the
buffer, or for its commit, may be older than a period.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime

from msgspec.structs import replace

from db.connect import PooledConnection
from fleet.localtime import local_day
from ingest.gate.refusal import Refusal
from ingest.store.commit_line import Request
from register.private_time import MEMORY, PrivateRegister, is_private, read_private


def without_private(
    group: Sequence[Request], register: PrivateRegister
) -> tuple[list[Request], Counter[tuple[str, date]]]:
    """Sift a group.

    Returns:
        The group without what is private, and how many positions that is by device and local day.
    """
    dropped: Counter[tuple[str, date]] = Counter()
    if not register.periods:
        return [*group], dropped
    return [_sifted(request, register, dropped) for request in group], dropped


def reaches(register: PrivateRegister, group: Sequence[Request]) -> bool:
    """Whether a register has all periods that this group may have been driven in."""
    return min(_moments(group), default=register.since) >= register.since


async def register_for(connection: PooledConnection, group: Sequence[Request]) -> PrivateRegister:
    """The periods that may hold for a group, which is seldom older than `MEMORY`."""
    since = min([datetime.now(UTC) - MEMORY, *_moments(group)])
    return await read_private(connection, since)


def _moments(group: Sequence[Request]) -> list[datetime]:
    """The first moment of each request's positions, and those of all refusals that have one."""
    moments = [min(request.positions.ts) for request in group if request.positions]
    refused = [one.ts for request in group for one in request.refusals if one.ts is not None]
    return moments + refused


def _sifted(
    request: Request, register: PrivateRegister, dropped: Counter[tuple[str, date]]
) -> Request:
    positions = request.positions
    if not register.periods.keys().isdisjoint(positions.devices):
        kept: list[int] = []
        # The place that one without a fix was given may be that of a period set since.
        misplaced = request.placed_as is not None and request.placed_as != register.revision
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
        # A stranger who is answered as before does not learn that the vehicle is private.
        refusals = [
            one.withheld() if hidden else one
            for one in refusals
            if not (hidden := _hides(register, one, now)) or not one.vouched
        ]
    return replace(request, positions=positions, refusals=refusals)


def _hides(register: PrivateRegister, refusal: Refusal, now: datetime) -> bool:
    """Whether a refused position was driven, or came, in private, or may have been: nobody knows
    when it was driven."""
    if refusal.ts is None:
        return refusal.device in register.periods or any(
            device.encode() in refusal.payload for device in register.periods
        )
    periods = register.periods.get(refusal.device, ())
    return is_private(refusal.ts, periods) or is_private(now, periods)
