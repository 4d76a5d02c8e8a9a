"""Trips and round trips for programs: `/v1/trips` and `/v1/round-trips`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, TypeAdapter

from api.pages.words.language import mark
from api.rest.frame.bodies import DaysQuery, Name, PageBody, ResponseBody
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from api.rest.frame.problems import Problem
from api.rest.frame.spans import asked_period
from fleet.actor import Permission
from register.track_reasons import track_access
from trips.files.export import ExportedTable, RowKey, exported_rows

_KEY: TypeAdapter[RowKey] = TypeAdapter(tuple[AwareDatetime, Name])


class TripsQuery(DaysQuery):
    """Which trips: those that began from one local day to another, of a vehicle or of all."""

    vehicle_id: Annotated[Name | None, Field(description="absent: of all vehicles")] = None


class Trip(ResponseBody):
    """A trip between two stays, in UTC, degrees (WGS 84) and km. A machine has no km.

    `cut_by_silence`: an end was not seen, since the tracker fell silent. `gap_inside`: it was
    silent on the way. `odometer_used`: km are those of the odometer. `source` names the driving
    log that it is from, null: a tracker told it.
    """

    vehicle_id: str | None
    department: str | None
    device: str
    start: datetime
    end: datetime
    start_lat: float | None
    start_lon: float | None
    end_lat: float | None
    end_lon: float | None
    km: float | None
    gap_inside: bool
    cut_by_silence: bool
    odometer_used: bool
    source: str | None


class Trips(PageBody):
    """Trips, in the order in which they began."""

    items: list[Trip]


class RoundTrip(ResponseBody):
    """Trips from when a vehicle left a depot until it was back. `left_depot` and `reached_depot`
    name the depots; null: it began or ended elsewhere."""

    vehicle_id: str
    department: str
    device: str
    start: datetime
    end: datetime
    km: float | None
    legs: int
    left_depot: str | None
    reached_depot: str | None
    source: str | None


class RoundTrips(PageBody):
    """Round trips, in the order in which they began."""

    items: list[RoundTrip]


async def list_trips(call: Call[TripsQuery]) -> Trips:
    rows, more = await _page(call, ExportedTable.TRIPS)
    return Trips(items=[Trip(**_told(row, Trip)) for row in rows], next=more)


async def list_round_trips(call: Call[TripsQuery]) -> RoundTrips:
    rows, more = await _page(call, ExportedTable.ROUND_TRIPS)
    return RoundTrips(items=[RoundTrip(**_told(row, RoundTrip)) for row in rows], next=more)


async def _page(
    call: Call[TripsQuery], what: ExportedTable
) -> tuple[list[Mapping[str, Any]], str | None]:
    """The rows of a page, and the cursor of the one after it.

    Raises:
        Problem: a person who signed in has not said why they look.
    """
    asked = call.asked
    after = key_after(asked, _KEY)
    access = await track_access(call.pool, call.actor, asked.vehicle_id)
    if access is None:
        raise Problem(403, "say on the page of the vehicle, once a day, why you look at its trips")
    period = await asked_period(call.context, asked, call.actor)
    if period is None:
        return [], None
    most = asked.limit + 1
    rows = await exported_rows(call.pool, call.actor, access, what, period, after, most)
    return cut(rows, asked.limit, lambda row: (row["start_ts"], row["device"]))


def _told(row: Mapping[str, Any], model: type[ResponseBody]) -> dict[str, Any]:
    named = {**row, "start": row["start_ts"], "end": row["end_ts"]}
    return {name: named[name] for name in model.model_fields}


TRIPS = (
    Operation(
        "GET",
        "/v1/trips",
        Permission.TRACKS_READ,
        mark("Trips, each between two stays"),
        TripsQuery,
        Trips,
        list_trips,
    ),
    Operation(
        "GET",
        "/v1/round-trips",
        Permission.TRACKS_READ,
        mark("Round trips, each from a depot until back"),
        TripsQuery,
        RoundTrips,
        list_round_trips,
    ),
)
