"""What the proposed fleet would have done on the days since, for programs: `/v1/trial`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from api.pages.words.language import mark
from api.rest.frame.bodies import Name, PageBody, PageQuery, Query, ResponseBody
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from api.rest.frame.problems import Problem
from fleet.actor import Permission
from fleet.localtime import local_now
from optimiser.duties.dispatch import Lack
from optimiser.trial.day import DayState
from optimiser.trial.stored import (
    DepotTrial,
    MissedTrip,
    Trial,
    TrialDay,
    drivers,
    missed_trips,
    read_trial,
    record_misses,
    trial_days,
)
from register.track_reasons import tracks_access

_DAY_KEY: TypeAdapter[tuple[date, str]] = TypeAdapter(tuple[date, str])
_MISS_KEY: TypeAdapter[tuple[date, str, int]] = TypeAdapter(
    tuple[date, str, Annotated[int, Field(ge=-(2**63), lt=2**63)]]
)


class TrialQuery(Query):
    """Of which depot; of all without one."""

    depot_id: Name | None = None


class TrialListQuery(PageQuery):
    """Of which depot; of all without one."""

    depot_id: Name | None = None


class DepotTrialTold(ResponseBody):
    """What the trials of a depot came to: days by how they went, and the round trips of the days on
    which that can be told. `missed` of these would have had no vehicle; by taxi, hire or own car
    they would have cost `missed_kr`, and their CO2e stands apart."""

    depot_id: str
    coped: int
    missed_days: int
    unknown: int
    still: int
    trips: int
    missed: int
    missed_km: float
    missed_kr: float
    missed_co2_kg: float


class TrialTold(ResponseBody):
    """The trials of the latest round, on the days from `first` to `last`; who sees no single trips
    is told of whole weeks. `round` null: no round is done."""

    round: int | None
    since: date | None
    first: date | None
    last: date | None
    depots: list[DepotTrialTold]


class TrialDayTold(ResponseBody):
    """A tried day of a depot, with the version of the round that was in force and how many vehicles
    it proposes. Of `unknown` vehicles it is not known whether they drove."""

    depot_id: str
    day: date
    state: DayState
    version: int
    vehicles: int
    trips: int
    missed: int
    missed_km: float
    missed_kr: float
    missed_co2_kg: float
    unknown: int


class TrialDays(PageBody):
    """Tried days, the earliest first."""

    items: list[TrialDayTold]


class MissedTripTold(ResponseBody):
    """A round trip for which the proposed fleet had no vehicle. Its vehicle and times are null
    where the trip is not stored any more. `own_only`: the rules do not let it go by taxi."""

    depot_id: str
    day: date
    reason: Lack
    km: float
    kr: float
    co2_kg: float
    own_only: bool
    vehicle_id: str | None
    start: datetime | None
    end: datetime | None


class MissedTrips(PageBody):
    """Round trips without a vehicle, the latest first."""

    items: list[MissedTripTold]


async def show_trial(call: Call[TrialQuery]) -> TrialTold:
    found = await read_trial(call.pool, call.actor, local_now().date(), call.asked.depot_id)
    if found is None:
        return TrialTold(round=None, since=None, first=None, last=None, depots=[])
    return TrialTold(
        round=found.number,
        since=found.since,
        first=found.first,
        last=found.last,
        depots=[_depot(one) for one in found.depots],
    )


async def list_days(call: Call[TrialListQuery]) -> TrialDays:
    asked, trial = call.asked, await _trial(call)
    after = key_after(asked, _DAY_KEY)
    if trial is None:
        return TrialDays(items=[], next=None)
    found = await trial_days(call.pool, call.actor, trial, asked.depot_id, asked.limit + 1, after)
    items, more = cut(found, asked.limit, lambda one: (one.day, one.depot_id))
    return TrialDays(items=[_day(one) for one in items], next=more)


async def list_missed(call: Call[TrialListQuery]) -> MissedTrips:
    asked, trial = call.asked, await _trial(call)
    after = key_after(asked, _MISS_KEY)
    if trial is None:
        return MissedTrips(items=[], next=None)
    found = await missed_trips(call.pool, call.actor, trial, asked.depot_id, asked.limit + 1, after)
    items, more = cut(found, asked.limit, lambda one: one.place)
    access = await tracks_access(call.pool, call.actor, drivers(items))
    if access is None:
        raise Problem(403, "say on the page of the trial, once a day, why you look at its trips")
    await record_misses(call.pool, call.actor, items, access)
    return MissedTrips(items=[_missed(one) for one in items], next=more)


async def _trial(call: Call[Any]) -> Trial | None:
    return await read_trial(call.pool, call.actor, local_now().date())


def _depot(one: DepotTrial) -> DepotTrialTold:
    names = [name for name in DepotTrialTold.model_fields if name != "depot_id"]
    return DepotTrialTold(
        depot_id=one.depot_id, **{name: getattr(one.sums, name) for name in names}
    )


def _day(one: TrialDay) -> TrialDayTold:
    names = [name for name in TrialDayTold.model_fields if name != "unknown"]
    return TrialDayTold(unknown=len(one.unknown), **{name: getattr(one, name) for name in names})


def _missed(one: MissedTrip) -> MissedTripTold:
    return MissedTripTold(**{name: getattr(one, name) for name in MissedTripTold.model_fields})


TRIAL: Sequence[Operation[Any, Any]] = (
    Operation(
        "GET",
        "/v1/trial",
        Permission.FIGURES_READ,
        mark("Whether the proposed fleet would have coped on the days since, by depot"),
        TrialQuery,
        TrialTold,
        show_trial,
    ),
    Operation(
        "GET",
        "/v1/trial/days",
        Permission.TRACKS_READ,
        mark("The tried days of depots, and how each went"),
        TrialListQuery,
        TrialDays,
        list_days,
    ),
    Operation(
        "GET",
        "/v1/trial/missed",
        Permission.TRACKS_READ,
        mark("The round trips for which the proposed fleet had no vehicle"),
        TrialListQuery,
        MissedTrips,
        list_missed,
    ),
)
