"""Reads the devices whose trips are to be found anew: their changes, and the settings to find trips
with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.connect import PooledConnection
from db.statements import statements
from register.private_time import PrivatePeriod, Span, private_spans
from trips.detect.parameters import TripParameters
from trips.stored.private_spans import PrivateSpans, private_periods_in, spans_in_seconds
from trips.stored.set_aside import NoSuchClassError

SQL = statements("trip")


@dataclass(frozen=True, slots=True)
class DirtyDevice:
    """A device with a change since its trips were found.

    Attributes:
        first_ts, last_ts: the moments of its first and its last position.
        changed: the span in which its positions changed, or its whole time where
            `settings_changed`; None: only depots changed.
        round_trips_from: round trips are found anew from this moment on, because a depot changed;
            None: none did.
        positions_from: positions before this moment are deleted; the trips found from them stay.
        whole_days_from: days from this moment on are counted anew as a whole.
        revision, found_with: the values that the statement `mark_found` compares and stores.
        settings_changed: whether the device sits in another vehicle, or its vehicle is of another
            class or measured in another unit, than when its trips were found.
        logged: whether trips of a driving log are stored of it.
        has_sessions: whether engine sessions are stored of it.
        private: the private periods that touch it.
    """

    device: str
    parameters: TripParameters
    first_ts: datetime
    last_ts: datetime
    changed: Span | None
    round_trips_from: datetime | None
    positions_from: datetime
    whole_days_from: datetime
    revision: int
    found_with: str
    settings_changed: bool
    measured_in_hours: bool
    logged: bool
    has_sessions: bool
    private: Sequence[PrivatePeriod]

    def private_spans(self, since: datetime, until: datetime) -> PrivateSpans:
        """The private spans from `since` to `until`.

        Duty hours make a span of every night, so a caller asks only for the time that it needs.
        """
        last = self.last_ts + timedelta(seconds=1)
        return spans_in_seconds(
            private_spans(self.private, max(since, self.first_ts), min(until, last))
        )

    @property
    def changed_kept(self) -> Span:
        """The span that changed, as far as its positions are kept."""
        assert self.changed is not None
        since, until = self.changed
        return max(since, self.positions_from), max(until, self.positions_from)


async def lock_dirty(
    connection: PooledConnection, devices: Sequence[str], classes: Mapping[str, TripParameters]
) -> list[DirtyDevice]:
    """Lock those of `devices` that are dirty and that no other transaction has locked.

    The locks last until the end of the transaction.

    Raises:
        NoSuchClassError: a vehicle is of a class that `classes` does not have.
    """
    locked = [row["device"] for row in await connection.fetch(SQL["lock_devices"], devices)]
    # The states are read before the positions: a position that comes in later moves the revision,
    # so that the device stays dirty.
    states = await connection.fetch(SQL["dirty_states"], locked)
    private = await private_periods_in(
        connection,
        {
            state["device"]: (state["first_ts"], state["last_ts"] + timedelta(seconds=1))
            for state in states
        },
    )
    batch: list[DirtyDevice] = []
    for state in states:
        parameters = classes.get(state["trip_class"])
        if parameters is None:
            raise NoSuchClassError(state["trip_class"])
        moved = state["dirty_from"] is not None
        batch.append(
            DirtyDevice(
                device=state["device"],
                parameters=parameters,
                first_ts=state["first_ts"],
                last_ts=state["last_ts"],
                changed=(state["dirty_from"], state["dirty_to"]) if moved else None,
                round_trips_from=state["round_trips_from"],
                positions_from=state["positions_from"],
                whole_days_from=state["whole_days_from"],
                revision=state["revision"],
                found_with=state["found_with"],
                settings_changed=state["settings_changed"],
                measured_in_hours=state["measured_in_hours"],
                logged=state["logged"],
                has_sessions=state["has_sessions"],
                private=private[state["device"]],
            )
        )
    return batch
