"""Reads what the nights' trials of the latest round came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from db.connect import Pool
from db.scope.seen import departments_seen
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.localtime import local_day
from fleet.names.order import name_order
from optimiser.duties.dispatch import Lack
from optimiser.trial.day import DayState
from register.track_reasons import TrackAccess, record_tracks

SQL = statements("trial")

_WEEK_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSums:
    """What the trials of a depot, or of several, came to: days by their state, and the round trips
    of the days of which that can be told. What the `missed` ones would have cost by taxi, hire or
    own car is paid; their CO2e stands apart."""

    coped: int = 0
    missed_days: int = 0
    unknown: int = 0
    still: int = 0
    trips: int = 0
    missed: int = 0
    missed_km: float = 0.0
    missed_kr: float = 0.0
    missed_co2_kg: float = 0.0

    @property
    def days(self) -> int:
        """The days with round trips of which it can be told how they went."""
        return self.coped + self.missed_days

    @property
    def served(self) -> int:
        return self.trips - self.missed

    def __add__(self, other: "TrialSums") -> "TrialSums":
        names = TrialSums.__dataclass_fields__
        return TrialSums(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotTrial:
    """The trials of a depot."""

    depot_id: str
    name: str
    sums: TrialSums


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedDepot:
    """A depot at which vehicles of others stand beside those of who reads: its days cannot be told
    apart. So many of their own trips would have had no vehicle."""

    depot_id: str
    name: str
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The trials of the round `number`, of the days from `first` to `last`. It is tried from the
    day `since` on. Who sees no single trips is told of whole weeks that are over; `by_week` says
    so."""

    number: int
    since: date
    first: date
    last: date
    by_week: bool
    depots: Sequence[DepotTrial]
    shared: Sequence[SharedDepot] = ()

    @property
    def told_from(self) -> date:
        """The day in whose night the first day is tried, or the first whole week is over."""
        return self.first + timedelta(days=_WEEK_DAYS if self.by_week else 1)

    @property
    def is_told(self) -> bool:
        """Whether a day is over, or a whole week, that can be told."""
        return self.last >= self.told_from - timedelta(days=1)

    @property
    def total(self) -> TrialSums:
        return sum((one.sums for one in self.depots), TrialSums())

    @property
    def always(self) -> int:
        """The depots that coped on every day of which it can be told."""
        return sum(bool(one.sums.days) and not one.sums.missed_days for one in self.depots)

    @property
    def told(self) -> int:
        """The depots with a day of which it can be told."""
        return sum(bool(one.sums.days) for one in self.depots)

    def of_depot(self, depot_id: str) -> DepotTrial | None:
        return next((one for one in self.depots if one.depot_id == depot_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialDay:
    """A tried day of a depot. `unknown` are the names of the vehicles of which it is not known
    whether they drove."""

    depot_id: str
    depot: str
    day: date
    state: DayState
    version: int
    vehicles: int
    trips: int
    missed: int
    missed_km: float
    missed_kr: float
    missed_co2_kg: float
    unknown: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedTrip:
    """A round trip for which the proposed fleet had no vehicle. Who drove it when is None where the
    trip is not stored any more."""

    depot_id: str
    depot: str
    day: date
    trip_number: int
    reason: Lack
    km: float
    kr: float
    co2_kg: float
    own_only: bool
    vehicle_id: str | None
    vehicle: str | None
    start: datetime | None
    end: datetime | None

    @property
    def place(self) -> tuple[date, str, int]:
        """Its place in the list, which begins with the latest."""
        return self.day, self.depot_id, self.trip_number


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonSums:
    """The round trips without a vehicle for one reason."""

    reason: Lack
    trips: int
    km: float
    kr: float
    own_only: int


async def read_trial(
    pool: Pool, reader: Actor, today: date, depot_id: str | None = None
) -> Trial | None:
    """The trials of the latest round, of all depots or of one; None: no round is done."""
    row = await pool.fetchrow(SQL["round"])
    if row is None:
        return None
    since = local_day(row["since"])
    first, last = since, today - timedelta(days=1)
    by_week = not reader.may(Permission.TRACKS_READ)
    if by_week:
        first += timedelta(days=-first.weekday() % 7)
        last = today - timedelta(days=today.weekday() + 1)
    rows = await pool.fetch(SQL["depots"], row["number"], first, last, depot_id)
    shared: list[SharedDepot] = []
    if departments_seen() is not None:
        shared = [
            SharedDepot(depot_id=one["depot_id"], name=one["name"], missed=one["missed"])
            for one in await pool.fetch(SQL["shared"], first, last)
        ]
    return Trial(
        number=row["number"],
        since=since,
        first=first,
        last=last,
        by_week=by_week,
        depots=sorted(
            (
                DepotTrial(
                    depot_id=one["depot_id"],
                    name=one["name"],
                    sums=TrialSums(**{name: one[name] for name in TrialSums.__dataclass_fields__}),
                )
                for one in rows
            ),
            key=lambda one: name_order(one.name),
        ),
        shared=sorted(shared, key=lambda one: name_order(one.name)),
    )


async def trial_days(
    pool: Pool,
    reader: Actor,
    trial: Trial,
    depot_id: str | None,
    most: int,
    after: tuple[date, str] | None = None,
) -> list[TrialDay]:
    """The tried days of a depot, or of all, the earliest first, at most so many."""
    reader.require(Permission.TRACKS_READ)
    day, depot = after or (None, None)
    rows = await pool.fetch(
        SQL["depot_days"], trial.number, depot_id, trial.first, trial.last, day, depot, most
    )
    ids = sorted({one for row in rows for one in row["unknown"]})
    named = await pool.fetch(SQL["names"], ids) if ids else []
    names = {row["vehicle_id"]: row["name"] for row in named}
    return [
        TrialDay(
            depot_id=row["depot_id"],
            depot=row["name"],
            day=row["day"],
            state=DayState(row["state"]),
            version=row["version"],
            vehicles=row["vehicles"],
            trips=row["trips"],
            missed=row["missed"],
            missed_km=row["missed_km"],
            missed_kr=row["missed_kr"],
            missed_co2_kg=row["missed_co2_kg"],
            unknown=[names.get(one, one) for one in row["unknown"]],
        )
        for row in rows
    ]


async def trial_reasons(pool: Pool, trial: Trial, depot_id: str | None) -> list[ReasonSums]:
    """Why round trips would have had no vehicle, the most frequent reason first."""
    rows = await pool.fetch(SQL["reasons"], depot_id, trial.first, trial.last)
    return [
        ReasonSums(
            reason=Lack(row["reason"]),
            trips=row["trips"],
            km=row["km"],
            kr=row["kr"],
            own_only=row["own_only"],
        )
        for row in rows
    ]


async def missed_trips(
    pool: Pool,
    reader: Actor,
    trial: Trial,
    depot_id: str | None,
    most: int,
    after: tuple[date, str, int] | None = None,
) -> list[MissedTrip]:
    """The round trips without a vehicle, the latest first, at most so many. Who shows their
    vehicles and times calls `record_misses`."""
    reader.require(Permission.TRACKS_READ)
    day, depot, number = after or (None, None, None)
    rows = await pool.fetch(
        SQL["misses"], depot_id, trial.first, trial.last, day, depot, number, most
    )
    return [
        MissedTrip(
            depot_id=row["depot_id"],
            depot=row["depot"],
            day=row["day"],
            trip_number=row["trip_number"],
            reason=Lack(row["reason"]),
            km=row["km"],
            kr=row["kr"],
            co2_kg=row["co2_kg"],
            own_only=row["own_only"],
            vehicle_id=row["vehicle_id"],
            vehicle=row["vehicle"],
            start=row["start_ts"],
            end=row["end_ts"],
        )
        for row in rows
    ]


def drivers(misses: Sequence[MissedTrip]) -> list[str]:
    """The ids of the vehicles that drove round trips without a vehicle, as far as they are
    stored."""
    return sorted({one.vehicle_id for one in misses if one.vehicle_id is not None})


async def record_misses(
    pool: Pool, actor: Actor, misses: Sequence[MissedTrip], access: Sequence[TrackAccess]
) -> None:
    """Record that the actor is shown who drove these trips when; `access` is to each driver."""
    actor.require(Permission.TRACKS_READ)
    assert {one.vehicle_id for one in access} >= set(drivers(misses)), "an access to each driver"
    for day in sorted({one.day for one in misses}):
        drove = {one.vehicle_id for one in misses if one.day == day}
        await record_tracks(pool, actor, [one for one in access if one.vehicle_id in drove], day)
