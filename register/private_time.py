"""Private periods, in which the product stores no positions of a vehicle.

A period lasts from a moment to another, or until somebody ends it. If it has duty hours, only the
time outside them is private: a car that is taken home belongs to its driver in the evening, the
whole weekend and on public holidays.

A process that stores positions filters them by all periods of one revision. The transaction that
stores the rest checks that this revision is still in force (the statement `still_private_as`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import asyncpg

from db.connect import PooledConnection
from db.statements import statements
from fleet.errors import ExpectedError
from fleet.localtime import LOCAL_ZONE, is_public_holiday, local_day

SQL = statements("private")

#: Ingest reads the periods that ended longer ago only when a position as old arrives.
PERIODS_LOOKBACK = timedelta(days=365)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


#: A span of time, from a moment until before another.
Span = tuple[datetime, datetime]


class DutyError(ExpectedError, ValueError):
    """A text is no duty hours. The message shows an example."""


@dataclass(frozen=True, slots=True)
class DutyHours:
    """The weekdays (0 is Monday) on which a duty begins, and its local hours.

    A duty whose end is not after its begin lasts into the next day. No duty begins on a public
    holiday unless `on_holidays`.
    """

    weekdays: frozenset[int]
    begins: time
    ends: time
    on_holidays: bool = False

    def covers(self, ts: datetime) -> bool:
        """Whether `ts` (timezone-aware) is on duty."""
        local = ts.astimezone(LOCAL_ZONE)
        now = local.time()
        if self.begins < self.ends:
            return self.begins <= now < self.ends and self._on_duty(local)
        if now >= self.begins:
            return self._on_duty(local)
        return now < self.ends and self._on_duty(local - timedelta(days=1))

    def spans(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The duties that reach into the time from `since` to `until`, in order; all in UTC."""
        day = local_day(since) - timedelta(days=1)
        while day <= local_day(until):
            if self._on_duty(datetime.combine(day, self.begins)):
                # For a time that clocks show twice, or never, the duty is the shorter one.
                begins = max(_moments_of(day, self.begins))
                ends = min(_moments_of(day + timedelta(days=self.ends <= self.begins), self.ends))
                if begins < until and ends > since and begins < ends:
                    yield begins, ends
            day += timedelta(days=1)

    def __str__(self) -> str:
        days = ",".join(WEEKDAYS[day] for day in sorted(self.weekdays))
        return f"{days} {self.begins:%H:%M}-{self.ends:%H:%M}"

    def _on_duty(self, day: datetime) -> bool:
        return day.weekday() in self.weekdays and (
            self.on_holidays or not is_public_holiday(day.date())
        )


def _moments_of(day: date, at: time) -> tuple[datetime, datetime]:
    """The first and the second moment, in UTC, at which clocks show a local time; mostly equal."""
    local = datetime.combine(day, at, LOCAL_ZONE)
    return local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class PrivatePeriod:
    """The time from `begins` until `ends` without the duty hours; `ends` is None for no end."""

    begins: datetime
    ends: datetime | None
    duty: DutyHours | None = None

    def covers(self, ts: datetime) -> bool:
        """Whether a position at `ts` (timezone-aware) is private."""
        if ts < self.begins or (self.ends is not None and ts >= self.ends):
            return False
        return self.duty is None or not self.duty.covers(ts)

    def spans(self, since: datetime, until: datetime) -> Iterator[Span]:
        """The private spans between `since` and `until`, in order."""
        begins = max(self.begins.astimezone(UTC), since.astimezone(UTC))
        ends = until.astimezone(UTC)
        if self.ends is not None:
            ends = min(self.ends.astimezone(UTC), ends)
        if self.duty is not None and begins < ends:
            for on_duty, off_duty in self.duty.spans(begins, ends):
                if begins < on_duty:
                    yield begins, on_duty
                begins = max(begins, off_duty)
        if begins < ends:
            yield begins, ends


def private_spans(
    periods: Collection[PrivatePeriod], since: datetime, until: datetime
) -> list[Span]:
    """The spans between `since` and `until` that any period covers, joined, in order."""
    together: list[Span] = []
    for begins, ends in sorted(span for one in periods for span in one.spans(since, until)):
        if together and begins <= together[-1][1]:
            together[-1] = together[-1][0], max(ends, together[-1][1])
        else:
            together.append((begins, ends))
    return together


def is_private(ts: datetime, periods: Collection[PrivatePeriod]) -> bool:
    """Whether any of a vehicle's periods covers `ts`."""
    return any(period.covers(ts) for period in periods)


def parse_duty(text: str, *, on_holidays: bool = False) -> DutyHours:
    """The duty hours in a text such as `mon-fri 07:00-16:00` or `mon,wed 22:00-06:00`.

    Raises:
        DutyError: `text` is no duty hours.
    """
    try:
        days, hours = text.lower().split()
        begins, ends = map(time.fromisoformat, hours.split("-"))
        weekdays: set[int] = set()
        for part in days.split(","):
            first, _, last = part.partition("-")
            low, high = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
            weekdays |= {day % 7 for day in range(low, high + 1 if high >= low else high + 8)}
    except ValueError:
        raise DutyError(f"{text!r}: duty hours look like mon-fri 07:00-16:00") from None
    return DutyHours(frozenset(weekdays), begins, ends, on_holidays)


def read_period(row: asyncpg.Record) -> PrivatePeriod:
    """The period in a row of `private_period`."""
    weekdays: list[int] | None = row["duty_weekdays"]
    if weekdays is None:
        return PrivatePeriod(row["begins"], row["ends"])
    hours: tuple[time, time] = row["duty_begins"], row["duty_ends"]
    duty = DutyHours(frozenset(weekdays), *hours, on_holidays=row["duty_on_holidays"])
    return PrivatePeriod(row["begins"], row["ends"], duty)


@dataclass(frozen=True, slots=True)
class PrivateRegister:
    """The private periods of one revision.

    Attributes:
        revision: its number; every change of a period makes a new revision.
        periods: the periods by device, for each device that has any.
        since: the reader omitted periods that ended before this moment.
        unswept: the devices of which private data may still be stored.
    """

    revision: int
    periods: Mapping[str, Sequence[PrivatePeriod]]
    since: datetime
    unswept: frozenset[str] = frozenset()


async def read_private_register(connection: PooledConnection, since: datetime) -> PrivateRegister:
    """The present periods, except those that ended before `since`."""
    async with connection.transaction():
        await connection.execute(SQL["hold_private"])
        revision: int = await connection.fetchval(SQL["private_revision"])
        rows = await connection.fetch(SQL["periods_in_force"], since)
    periods: dict[str, list[PrivatePeriod]] = {}
    for row in rows:
        periods.setdefault(row["device"], []).append(read_period(row))
    unswept = frozenset(row["device"] for row in rows if row["unswept"])
    return PrivateRegister(revision, periods, since, unswept)
