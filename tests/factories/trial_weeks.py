"""Four weeks on which a round rests, and four simulated weeks after it, the third of which is bad.

At the depot `home` two cars drive every day, two stand almost idle, and a van with a lift is out in
the morning. In the bad week the idle cars are needed beside the others on known days.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from fleet.localtime import LOCAL_ZONE, day_start, local_now
from fleet.period import Period
from optimiser.rounds.requests import request_round
from optimiser.workers import Workers
from tests.factories.rounds import answer_round

FLEET = """
INSERT INTO depot VALUES ('home', 'Gården', 55.77, 12.5, 150), ('other', 'Byen', 55.9, 12.4, 150);
INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, offers, source)
    VALUES ('car', 'Bil', 'petrol', 30000, 1, 100, '{}', 'x'),
           ('van', 'Liftbus', 'diesel', 50000, 2, 200, '{lift}', 'x');
INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id) VALUES
    ('c1', 'Bil 1', 'car', 'Egen', 'home'), ('c2', 'Bil 2', 'car', 'Egen', 'home'),
    ('c3', 'Bil 3', 'car', 'Egen', 'home'), ('c4', 'Bil 4', 'car', 'Egen', 'home'),
    ('v1', 'Liftbus 1', 'van', 'Egen', 'home'), ('o1', 'Bybil', 'car', 'Fremmed', 'other');
INSERT INTO device (device, vehicle_id) SELECT 'd-' || vehicle_id, vehicle_id FROM vehicle;
INSERT INTO device_state (device, first_ts, last_ts)
    SELECT device, now() - interval '90 days', now() FROM device;
"""
TRIP = """
INSERT INTO round_trip (device, start_ts, end_ts, vehicle_id, depot_id, km, legs, left_depot,
                        reached_depot)
SELECT 'd-' || v, s, e, v, depot_id, km, 2, depot_id, depot_id
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::double precision[])
     AS t (v, s, e, km) JOIN vehicle ON vehicle_id = v
"""
HEARD = """
INSERT INTO device_day
SELECT 'd-' || v, d, 24, (1 << h) - 1, n, 10 * n, 3600 * n, 3600 * n, 0
FROM unnest($1::text[], $2::date[], $3::integer[], $4::integer[]) AS t (v, d, h, n)
ON CONFLICT (device, day) DO UPDATE SET heard = excluded.heard, trips = excluded.trips,
    driving_s = excluded.driving_s
"""

VEHICLES = ("c1", "c2", "c3", "c4", "v1", "o1")


@dataclass(frozen=True, slots=True)
class Driven:
    """A round trip: who, from when to when in local time, and how far."""

    vehicle: str
    day: date
    begins: time
    hours: float
    km: float = 20.0

    @property
    def start(self) -> datetime:
        return datetime.combine(self.day, self.begins, LOCAL_ZONE).astimezone(UTC)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialWeeks:
    """The weeks: the round is of `finished`, and the four simulated ones begin on `first`, a
    Monday. `now` is the morning after the last of them."""

    pool: Pool
    round_id: int
    finished: datetime
    first: date
    now: datetime

    def day(self, week: int, weekday: int) -> date:
        """A day of the simulated weeks; both count from 0."""
        return self.first + timedelta(weeks=week, days=weekday)

    @property
    def last(self) -> date:
        return self.day(3, 6)


def usual(day: date) -> list[Driven]:
    """What is driven on a working day."""
    if day.weekday() >= 5:
        return []
    return [
        Driven("c1", day, time(8), 4),
        Driven("c2", day, time(9), 4),
        Driven("v1", day, time(8, 30), 2, 15),
        Driven("o1", day, time(10), 3),
    ]


def planted(weeks_first: date) -> list[Driven]:
    """What the bad week has beside the usual. On Monday one car is asked for too many, on Wednesday
    two at once, and on Friday one a minute before the van is back. On Thursday the van, which is
    back, and a car can do what is asked for."""
    monday = weeks_first + timedelta(weeks=2)
    wednesday, thursday, friday = (monday + timedelta(days=number) for number in (2, 3, 4))
    return [
        Driven("c3", monday, time(9, 30), 2, 30),
        Driven("c3", wednesday, time(10), 1, 12),
        Driven("c4", wednesday, time(10), 1, 14),
        Driven("c4", thursday, time(11, 30), 0.25, 5),
        Driven("c3", thursday, time(14), 1, 9),
        Driven("c3", friday, time(10, 29), 1, 11),
    ]


async def drive(pool: Pool, trips: Iterable[Driven]) -> None:
    """Store round trips."""
    every = list(trips)
    await pool.execute(
        TRIP,
        [one.vehicle for one in every],
        [one.start for one in every],
        [one.end for one in every],
        [one.km for one in every],
    )


async def hear(
    pool: Pool, days: Sequence[date], trips: Sequence[Driven], vehicles: Sequence[str] = VEHICLES
) -> None:
    """Store that the trackers of vehicles were heard throughout some days."""
    rows = [
        (
            vehicle,
            day,
            round((day_start(day + timedelta(days=1)).astimezone(UTC)
                   - day_start(day).astimezone(UTC)) / timedelta(hours=1)),
            sum(one.vehicle == vehicle and one.day == day for one in trips),
        )
        for vehicle in vehicles
        for day in days
    ]  # fmt: skip
    await pool.execute(HEARD, *map(list, zip(*rows, strict=True)))


def days_from(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


async def trial_weeks(
    pool: Pool, settings: Settings, workers: Workers, first: date | None = None
) -> TrialWeeks:
    """The eight weeks; the simulated ones are the last four that are over, or begin on `first`."""
    if first is None:
        today = local_now().date()
        first = today - timedelta(days=today.weekday() + 28)
    async with pool.acquire() as connection:
        await connection.execute(FLEET)
    before = days_from(first - timedelta(days=28), 28)
    rested = [one for day in before for one in usual(day)]
    # The idle ones drove when nobody else did.
    rested += [Driven("c3", before[7], time(16), 1), Driven("c4", before[8], time(16), 1)]
    await drive(pool, rested)
    await hear(pool, before, rested)
    round_id = await request_round(
        pool, Actor.trusted("Flådeenheden"), Period(before[0], before[-1])
    )
    asked = settings.model_copy(update={"workshop_ready": False, "reserve_vehicles": 0})
    await answer_round(pool, round_id, asked, workers, studied=False)
    finished = datetime.combine(first, time(7), LOCAL_ZONE)
    await pool.execute("UPDATE round SET finished_at = $2 WHERE round_id = $1", round_id, finished)
    since = days_from(first, 28)
    driven = [one for day in since for one in usual(day)] + planted(first)
    await drive(pool, driven)
    await hear(pool, since, driven)
    now = datetime.combine(first + timedelta(days=28), time(4), LOCAL_ZONE)
    return TrialWeeks(pool=pool, round_id=round_id, finished=finished, first=first, now=now)


@dataclass(frozen=True, slots=True)
class Taken:
    """A vehicle of the proposed fleet as the plain rule knows it."""

    offers: frozenset[str]
    kr_km: float
    busy_until: datetime


def missed_anew(
    trips: Iterable[tuple[str, Driven]],
    fleet: Sequence[tuple[frozenset[str], float]],
    turnaround: timedelta,
) -> set[str]:
    """The names of the trips that a fleet without ranges misses, by the rule told anew: who departs
    first is served first, by the free vehicle that can do least, and of such by the cheapest."""
    needs = {"v1": frozenset({"lift"})}
    yard = [Taken(offers, kr_km, datetime.min.replace(tzinfo=UTC)) for offers, kr_km in fleet]
    found: set[str] = set()
    for name, one in sorted(trips, key=lambda pair: (pair[1].start, pair[1].end, pair[0])):
        free = [
            (len(taken.offers), taken.kr_km, at)
            for at, taken in enumerate(yard)
            if needs.get(one.vehicle, frozenset[str]()) <= taken.offers
            and taken.busy_until <= one.start
        ]
        if not free:
            found.add(name)
            continue
        at = min(free)[2]
        yard[at] = replace(yard[at], busy_until=one.end + turnaround)
    return found
