"""Checks a request against the principles and the use of the whole fleet, as far as a reader may
know of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from api.pages.frame.context import PageContext
from costs.catalogue_stored import read_catalogue
from db.scope.seen import unscoped
from fleet.actor import Actor
from fleet.localtime import local_now
from optimiser.purchases.check import Check, OfferedKind, PoolVehicle, check
from optimiser.purchases.principles_stored import read_principles
from optimiser.purchases.requests import Request
from optimiser.purchases.wishes import (
    MeasuredVehicle,
    offered_kinds,
    pool_vehicles,
    wish_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRequest:
    """A request with what the principles say of it today, on the use `since` a day until another
    (None: nothing was measured). `kinds` are those on offer."""

    request: Request
    check: Check
    kinds: Sequence[OfferedKind]
    since: date
    until: date | None

    def shown_to(self, reader: Actor) -> Sequence[PoolVehicle]:
        """The free vehicles that the reader may see: the head of a department those of their
        own."""
        return _seen(self.check.free, reader)

    def going_shown_to(self, reader: Actor) -> Sequence[PoolVehicle]:
        """Those that are proposed to go, likewise."""
        return _seen(self.check.going, reader)


def _seen(vehicles: Sequence[PoolVehicle], reader: Actor) -> Sequence[PoolVehicle]:
    seen = reader.departments
    return [one for one in vehicles if seen is None or one.department in seen]


@unscoped
async def checked_request(context: PageContext, reader: Actor, request: Request) -> CheckedRequest:
    """Check a request against the whole fleet, whoever reads the answer. What it says of vehicles
    of other departments is how many they are."""
    period = await context.shown_period(reader)
    since = local_now().date() if period is None else period.first
    everybody = replace(reader, departments=None)
    fleet = await context.fleet_use(everybody, period)
    measured = [MeasuredVehicle(one.vehicle, one.figures) for one in fleet.vehicles]
    kinds = offered_kinds(await read_catalogue(context.pool))
    found = check(
        wish_of(request, {one.vehicle.vehicle_id: one for one in measured}),
        await read_principles(context.pool),
        await pool_vehicles(context.pool, measured, since),
        kinds,
    )
    return CheckedRequest(
        request=request,
        check=found,
        kinds=kinds,
        since=since,
        until=None if period is None else period.last,
    )
