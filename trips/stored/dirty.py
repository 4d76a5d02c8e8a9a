"""Devices whose trips are to be found anew: what of each changed, and as what it is to be found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.connect import PooledConnection
from db.statements import statements
from register.private_time import PrivatePeriod, Span, private_spans
from trips.detect.parameters import TripParameters
from trips.stored.aside import NoSuchClassError
from trips.stored.hidden import Hidden, in_seconds, periods_in

SQL = statements("trip")


@dataclass(frozen=True, slots=True)
class Dirty:
    """One device of which something changed.

    Attributes:
        first_ts, last_ts: its first and last position.
        changed: the span of time in which its positions changed, or all of it where it is another
            vehicle's, of another class or measured otherwise than before (`another`); None: only
            depots changed.
        rounds_from: from when on a depot changed.
        cut_from: no position before it is left to find trips from, but the trips themselves are.
        whole_from: from when on its days are counted anew.
        revision, found_with: what `settle` compares with and notes.
        logged: a driving log tells of it; has_sessions: engine sessions are stored of it.
        private: the periods that touch it.
    """

    device: str
    parameters: TripParameters
    first_ts: datetime
    last_ts: datetime
    changed: Span | None
    rounds_from: datetime | None
    cut_from: datetime
    whole_from: datetime
    revision: int
    found_with: str
    another: bool
    measured_in_hours: bool
    logged: bool
    has_sessions: bool
    private: Sequence[PrivatePeriod]

    def hidden(self, since: datetime, until: datetime) -> Hidden:
        """What is private from a moment to another. Duty hours make a span of every night, so
        nobody asks for more than is looked at."""
        last = self.last_ts + timedelta(seconds=1)
        return in_seconds(private_spans(self.private, max(since, self.first_ts), min(until, last)))

    @property
    def cut(self) -> Span:
        """What changed, as far as positions are left."""
        assert self.changed is not None
        since, until = self.changed
        return max(since, self.cut_from), max(until, self.cut_from)


async def lock_dirty(
    connection: PooledConnection, devices: Sequence[str], classes: Mapping[str, TripParameters]
) -> list[Dirty]:
    """Lock those of the devices that are dirty and that nobody else is at, until the end of the
    transaction.

    Raises:
        NoSuchClassError: a vehicle is of a class that `classes` does not have.
    """
    locked = [row["device"] for row in await connection.fetch(SQL["lock_devices"], devices)]
    # Read before the positions: what comes in later moves the revision and is seen again.
    states = await connection.fetch(SQL["states"], locked)
    private = await periods_in(
        connection,
        {
            state["device"]: (state["first_ts"], state["last_ts"] + timedelta(seconds=1))
            for state in states
        },
    )
    batch: list[Dirty] = []
    for state in states:
        parameters = classes.get(state["trip_class"])
        if parameters is None:
            raise NoSuchClassError(state["trip_class"])
        moved = state["dirty_from"] is not None
        batch.append(
            Dirty(
                device=state["device"],
                parameters=parameters,
                first_ts=state["first_ts"],
                last_ts=state["last_ts"],
                changed=(state["dirty_from"], state["dirty_to"]) if moved else None,
                rounds_from=state["rounds_from"],
                cut_from=state["cut_from"],
                whole_from=state["whole_from"],
                revision=state["revision"],
                found_with=state["found_with"],
                another=state["another"],
                measured_in_hours=state["measured_in_hours"],
                logged=state["logged"],
                has_sessions=state["has_sessions"],
                private=private[state["device"]],
            )
        )
    return batch
