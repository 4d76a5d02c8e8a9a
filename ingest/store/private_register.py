"""Private periods as a writer has them, by which it sifts what it is about to commit.

Listeners drop what is private on arrival, by a register that is seconds old; what waits in the
buffer, or for its commit, may be older than a period. The transaction that stores it asks whether
the periods it was sifted by are still those in force (`still_private_as`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from db.connect import PooledConnection
from db.statements import statements
from fleet.localtime import local_day
from ingest.gate.refusal import Refusal
from ingest.store.commit_line import Request
from register.private_time import PrivatePeriod, is_private, read_period

SQL = statements("private")

#: Periods that ended longer ago are read only when something as old comes in.
MEMORY = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class PrivateRegister:
    """The periods of one revision by device, but for those that ended before `since`. Of the
    devices that are `unswept` something private may be stored still."""

    revision: int
    periods: Mapping[str, Sequence[PrivatePeriod]]
    since: datetime
    unswept: frozenset[str] = frozenset()

    def sift(self, group: Sequence[Request]) -> tuple[list[Request], Counter[tuple[str, date]]]:
        """The group without what is private, and how many positions that is by device and local
        day."""
        dropped: Counter[tuple[str, date]] = Counter()
        if not self.periods:
            return [*group], dropped
        return [self._sifted(request, dropped) for request in group], dropped

    def reaches(self, group: Sequence[Request]) -> bool:
        """Whether it has all periods that this group may have been driven in."""
        moments = [request.positions.ts for request in group if request.positions]
        refused = [one.ts for request in group for one in request.refusals if one.ts is not None]
        return min([*map(min, moments), *refused], default=self.since) >= self.since

    def _sifted(self, request: Request, dropped: Counter[tuple[str, date]]) -> Request:
        positions = request.positions
        if not self.periods.keys().isdisjoint(positions.devices):
            kept: list[int] = []
            # The place that one without a fix was given may be that of a period set since.
            misplaced = request.placed_as is not None and request.placed_as != self.revision
            columns = positions.device, positions.ts, positions.satellites
            for index, (device, ts, satellites) in enumerate(zip(*columns, strict=True)):
                periods = self.periods.get(device, ())
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
                if not (hidden := self._hides(one, now)) or not one.vouched
            ]
        return replace(request, positions=positions, refusals=refusals)

    def _hides(self, refusal: Refusal, now: datetime) -> bool:
        """Whether a refused one was driven, or came, in private, or may have been: nobody knows
        when it was driven."""
        if refusal.ts is None:
            return refusal.device in self.periods or any(
                device.encode() in refusal.payload for device in self.periods
            )
        periods = self.periods.get(refusal.device, ())
        return is_private(refusal.ts, periods) or is_private(now, periods)


async def read_private(connection: PooledConnection, since: datetime) -> PrivateRegister:
    """The periods in force now, but for those that ended before `since`."""
    async with connection.transaction():
        await connection.execute(SQL["hold"])
        revision: int = await connection.fetchval(SQL["revision"])
        rows = await connection.fetch(SQL["in_force"], since)
    periods: dict[str, list[PrivatePeriod]] = {}
    for row in rows:
        periods.setdefault(row["device"], []).append(read_period(row))
    unswept = frozenset(row["device"] for row in rows if row["unswept"])
    return PrivateRegister(revision, periods, since, unswept)
