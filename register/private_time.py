"""Private periods, in which a vehicle's positions are not stored at all.

A period runs from a moment to another, or until somebody ends it. With duty hours, only what lies
outside them is private: a car that is taken home belongs to its driver in the evening, the whole
weekend and on public holidays.

Those who store positions sift them by all periods of one revision; the transaction that stores what
was sifted asks whether that revision is still the one in force (the statement `still_as`).
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

#: Periods that ended longer ago are read only when something as old comes in.
MEMORY = timedelta(days=365)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


#: From a moment until before another.
Span = tuple[datetime, datetime]


class DutyError(ExpectedError, ValueError):
    """A text states no duty hours."""


@dataclass(frozen=True, slots=True)
class DutyHours:
    """Weekdays (0 is Monday) and the local hours of a duty that begins on them.

    A duty that ends at or before it begins lasts into the next day. None begins on a public
    holiday unless `on_holidays`.
    """

    weekdays: frozenset[int]
    begins: time
    ends: time
    on_holidays: bool = False

    def hold(self, ts: datetime) -> bool:
        """Whether `ts` (timezone-aware) is on duty."""
        local = ts.astimezone(LOCAL_ZONE)
        now = local.time()
        if self.begins < self.ends:
            return self.begins <= now < self.ends and self._on_duty(local)
        if now >= self.begins:
            return self._on_duty(local)
        return now < self.ends and self._on_duty(local - timedelta(days=1))

    def spans(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Every duty that reaches into the time from `since` to `until`, both in UTC, in order."""
        day = local_day(since) - timedelta(days=1)
        while day <= local_day(until):
            if self._on_duty(datetime.combine(day, self.begins)):
                # Of a time that clocks show twice, or never: rather private than not.
                begins = max(_both(day, self.begins))
                ends = min(_both(day + timedelta(days=self.ends <= self.begins), self.ends))
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


def _both(day: date, at: time) -> tuple[datetime, datetime]:
    """The moments, in UTC, at which clocks show a local time; mostly it is one."""
    local = datetime.combine(day, at, LOCAL_ZONE)
    return local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class PrivatePeriod:
    """From `begins` until `ends` (None: until somebody ends it), but for the duty hours if any."""

    begins: datetime
    ends: datetime | None
    duty: DutyHours | None = None

    def holds(self, ts: datetime) -> bool:
        """Whether a position at `ts` (timezone-aware) is private."""
        if ts < self.begins or (self.ends is not None and ts >= self.ends):
            return False
        return self.duty is None or not self.duty.hold(ts)

    def spans(self, since: datetime, until: datetime) -> Iterator[Span]:
        """What is private between `since` and `until`, in order."""
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
    """What is private by any of the periods between `since` and `until`: in order, apart."""
    together: list[Span] = []
    for begins, ends in sorted(span for one in periods for span in one.spans(since, until)):
        if together and begins <= together[-1][1]:
            together[-1] = together[-1][0], max(ends, together[-1][1])
        else:
            together.append((begins, ends))
    return together


def is_private(ts: datetime, periods: Collection[PrivatePeriod]) -> bool:
    """Whether any of a vehicle's periods holds at `ts`."""
    return any(period.holds(ts) for period in periods)


def parse_duty(text: str, *, on_holidays: bool = False) -> DutyHours:
    """Duty hours from text such as `mon-fri 07:00-16:00` or `mon,wed 22:00-06:00`.

    Raises:
        DutyError: it is none such.
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
    """The periods of one revision.

    Attributes:
        revision: the number of it; every change of a period makes a new one.
        periods: the periods of each device that has any.
        since: periods that ended before this moment were not read.
        unswept: devices of which something private may be stored still.
    """

    revision: int
    periods: Mapping[str, Sequence[PrivatePeriod]]
    since: datetime
    unswept: frozenset[str] = frozenset()


async def read_private_register(connection: PooledConnection, since: datetime) -> PrivateRegister:
    """The periods in force now, but for those that ended before `since`."""
    async with connection.transaction():
        await connection.execute(SQL["hold_private"])
        revision: int = await connection.fetchval(SQL["private_revision"])
        rows = await connection.fetch(SQL["periods_in_force"], since)
    periods: dict[str, list[PrivatePeriod]] = {}
    for row in rows:
        periods.setdefault(row["device"], []).append(read_period(row))
    unswept = frozenset(row["device"] for row in rows if row["unswept"])
    return PrivateRegister(revision, periods, since, unswept)
