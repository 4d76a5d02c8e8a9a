"""The objects that the handlers of the pages call, kept in the application."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from aiohttp import web
from procrastinate import App

from api.pages.frame import views
from api.pages.words.calendar_periods import DayRange
from api.settings import Settings
from api.supervisor import Supervisor
from db.connect import Pool
from db.scope.seen import departments_seen
from fleet.actor import Actor, Permission
from fleet.files.own_process import ReadFile, read_in_own_process
from fleet.localtime import local_now
from fleet.period import Period, whole_weeks
from ingest.quarantine import Quarantine
from ingest.tracker_ports import TrackerPort
from ingest.watch.metrics import Metrics
from register.contact import ContactLimits, Tracker, trackers, trackers_by_vehicle
from register.municipality.first_run import FirstRunFacts
from register.municipality.first_run_facts import first_run_facts
from register.vehicles import Vehicle, VehicleFilter, scope_of
from register.zones_stored import Depot, depots
from trips.use.fleet_use import FleetUse, data_period, fleet_use, period_between
from trips.use.month_cache import MonthCache
from trips.use.usage import UseStatus, VehicleFigures, use_status

#: The days of a week on which nobody may drive.
WEEKEND_DAYS = 2

#: The departments' heads, beside who sees all, whose use is cached.
_HEADS_CACHED = 8


@dataclass(frozen=True)
class PageContext:
    """The objects that the handlers share."""

    pool: Pool
    quarantine: Quarantine
    metrics: Metrics
    jobs: App
    settings: Settings
    supervisor: Supervisor
    #: The ports that trackers which cannot carry a key send to.
    ports: Sequence[TrackerPort]
    #: What each scope sees of the use is cached apart; None: all departments.
    caches: dict[frozenset[str] | None, MonthCache] = field(
        default_factory=dict[frozenset[str] | None, MonthCache]
    )
    reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    @property
    def months(self) -> MonthCache:
        """The cache of use of the departments that the visitor sees."""
        seen = departments_seen()
        cache = self.caches.pop(seen, None) or MonthCache()
        for oldest in [one for one in self.caches if one is not None][: -_HEADS_CACHED or None]:
            del self.caches[oldest]
        self.caches[seen] = cache
        return cache

    async def read_in_own_process(self, reader: str, name: str, content: bytes) -> ReadFile:
        """Read a file that somebody sent in a process of its own (`fleet.files.own_process`), one
        file at a time.

        Raises:
            FileRefusedError: it cannot be read, or is larger than the settings allow.
        """
        async with self.reading:
            bounds = self.settings.upload_bounds
            return await asyncio.to_thread(read_in_own_process, reader, name, content, bounds)

    async def period(self) -> Period | None:
        """The period of a page whose address asks for none: the latest weeks with data."""
        return await data_period(self.pool, self.settings.period_weeks)

    async def shown_period(self, reader: Actor) -> Period | None:
        """The period of such a page of single vehicles: whole weeks for who sees no trips."""
        latest = await self.period()
        if latest is None or reader.may(Permission.TRACKS_READ):
            return latest
        return await self.weeks_between(latest.first, latest.last) or await self.unheard_week()

    async def round_period(self) -> Period | None:
        """The period of a new round: the latest weeks with data that are over, from Monday to
        Sunday; all days with data where no week is whole.

        The figures of rounds that are begun on days one after the other then tell of no single day.
        """
        data = await period_between(self.pool, None, None)
        if data is None:
            return None
        # Where nobody drives at weekends, data that end on a Friday are of a whole week.
        rest = 6 - data.last.weekday()
        yesterday = local_now().date() - timedelta(days=1)
        last = min(data.last + timedelta(days=rest if rest <= WEEKEND_DAYS else 0), yesterday)
        sunday = last - timedelta(days=(last.weekday() + 1) % 7)
        monday = data.first + timedelta(days=-data.first.weekday() % 7)
        if monday > sunday:
            return await self.period()
        weeks_ago = sunday - timedelta(days=7 * self.settings.period_weeks - 1)
        return await period_between(self.pool, max(monday, weeks_ago), sunday)

    async def told_weeks(self) -> DayRange | None:
        """The weeks of which somebody is told who sees no single trips: those that have data from
        their Monday on and are over. None: there is none."""
        data = await period_between(self.pool, None, None)
        if data is None:
            return None
        today = local_now().date()
        return whole_weeks(data.first + timedelta(days=-data.first.weekday() % 7), today, today)

    async def weeks_between(self, first: date, last: date) -> Period | None:
        """Those of the weeks that are told of (`told_weeks`) that hold these days; None: none
        does."""
        asked, told = whole_weeks(first, last, local_now().date()), await self.told_weeks()
        if asked is None or told is None or asked[1] < told[0]:
            return None
        return await period_between(self.pool, max(asked[0], told[0]), asked[1])

    async def unheard_week(self) -> Period:
        """The week before the data, of which nothing is known: the period of the figures where
        none of the days may be told of."""
        data = await period_between(self.pool, None, None)
        first = local_now().date() if data is None else data.first
        return Period(first - timedelta(days=7), first - timedelta(days=1))

    async def fleet_use(
        self,
        actor: Actor,
        period: Period | None,
        chosen: VehicleFilter | None = None,
        on: date | None = None,
    ) -> FleetUse[Vehicle]:
        """The use in a period of the chosen vehicles of the fleet on a day, without one of today,
        as far as the actor sees them."""
        coverage_min = self.settings.coverage_min
        seen = replace(chosen or VehicleFilter(), departments=actor.departments)
        return await fleet_use(self.pool, self.months, period, coverage_min, seen, on)

    async def depots(self, actor: Actor) -> list[Depot]:
        """The depots, by name, as far as vehicles that the actor sees stand there."""
        scope = await scope_of(self.pool, actor)
        found = await depots(self.pool)
        return [one for one in found if scope is None or one.depot_id in scope.depot_ids]

    async def first_run_facts(self) -> FirstRunFacts:
        """What is there of the system, for the steps of its first run."""
        named = "municipality" in self.settings.model_fields_set
        return await first_run_facts(self.pool, named_in_settings=named)

    async def trackers(
        self, now: datetime, vehicle_ids: Sequence[str] | None = None
    ) -> list[Tracker]:
        """Every tracker, or those of some vehicles, and whether it is heard now."""
        return await trackers(self.pool, ContactLimits.of(self.settings), now, vehicle_ids)

    async def trackers_by_vehicle(self, vehicle_ids: Sequence[str]) -> dict[str, Tracker]:
        """The trackers that sit in these vehicles, by the ids of the vehicles."""
        return trackers_by_vehicle(await self.trackers(local_now(), vehicle_ids))

    def status(self, figures: VehicleFigures) -> UseStatus:
        """The status of a vehicle, by the limit in the settings."""
        return use_status(figures, self.settings.seldom_share)


SubjectNotice = TypeVar("SubjectNotice", bound=StrEnum)

#: The time that "in 24 hours" counts back from now. "Today" is the local day until now. Positions
#: are counted by when they came in; where they are not, the label says that they were measured.
LAST_24_HOURS = timedelta(hours=24)

CONTEXT: web.AppKey[PageContext] = web.AppKey("context", PageContext)


def period_view(period: Period | None) -> views.ShownPeriod | None:
    """The view of a period."""
    if period is None:
        return None
    return views.ShownPeriod(period.first, period.last, len(period.working_days))


def notice_in_address(request: web.Request, notices: type[SubjectNotice]) -> SubjectNotice | None:
    """The notice on the request before this one, from the address (`?done=…`); it is one of the
    `notices` of a subject."""
    done = request.query.get("done")
    return next((member for member in notices if member == done), None)
