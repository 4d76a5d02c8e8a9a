"""What is settled about single vehicles, for programs: `/v1/vehicles/{vehicle}/rulings` and
`/v1/vehicles/{vehicle}/trip-class`."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    FreeText,
    Name,
    Query,
    RequestBody,
    ResponseBody,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.problems import Problem
from fleet.actor import Permission
from ingest.listeners.problem import RefusedPart
from optimiser.exchange.stays_after_all import let_stay_after_all
from register.vehicles import (
    NeedError,
    Ruling,
    kind_offers,
    refuse_other_departments,
    refuse_unknown_vehicle,
    rule_vehicle,
    rulings,
    set_trip_class,
    trip_class_of,
)
from trips.detect.parameters import parameters_by_class


class NewRuling(RequestBody):
    """Whether a vehicle stays, may go, or is left to the rules (`open`), what it is needed for, and
    why. `needs` are capabilities that its kind offers; null: all of them. With
    `takes_back_acceptance`, which only `stay` may have, a proposal that was accepted and by which
    it leaves is undecided again for the same reason."""

    model_config = example(ruling="stay", needs=None, reason="Kører til genbrugspladsen hver dag")

    ruling: Annotated[Ruling, Field(strict=False)]
    needs: Annotated[list[Name], Field(max_length=100)] | None
    reason: Annotated[FreeText, Field(min_length=1)]
    takes_back_acceptance: bool = False
    actor: Told = None
    at: Told = None


class RulingTold(ResponseBody):
    """A ruling on a vehicle, by whom and when."""

    ruling: Ruling
    needs: list[str] | None
    reason: str
    actor: str
    at: datetime


class Rulings(ResponseBody):
    """The rulings on a vehicle, the latest first, which is in force; without one the rules decide,
    and the vehicle is needed for all that its kind `offers`."""

    offers: list[str]
    items: list[RulingTold]


class NewTripClass(RequestBody):
    """The class by which the trips of a vehicle are found; null: that of its kind."""

    model_config = example(trip_class="van")

    trip_class: Name | None
    of_kind: Told = None
    refinding: Told = None


class TripClassTold(ResponseBody):
    """The class by which the trips of a vehicle are found, null where that of its kind, `of_kind`,
    holds. `refinding`: the stored trips are those of another class yet."""

    trip_class: str | None
    of_kind: str
    refinding: bool


async def list_rulings(call: Call[Any]) -> Rulings:
    vehicle_id = call.name("vehicle")
    await refuse_other_departments(call.pool, call.actor, vehicle_id)
    offers = await kind_offers(call.pool, vehicle_id)
    return Rulings(
        offers=sorted(offers),
        items=[
            RulingTold(
                ruling=one.ruling,
                needs=None if one.needs is None else list(one.needs),
                reason=one.reason,
                actor=one.actor,
                at=one.at,
            )
            for one in await rulings(call.pool, vehicle_id)
        ],
    )


async def rule(call: Call[NewRuling]) -> Rulings:
    vehicle_id, asked = call.name("vehicle"), call.asked
    offers = await kind_offers(call.pool, vehicle_id)
    needs = None if asked.needs is None else frozenset(asked.needs)
    if asked.takes_back_acceptance and asked.ruling is not Ruling.STAY:
        part = RefusedPart(None, "takes_back_acceptance", "only a vehicle that stays has that")
        raise Problem(422, "nothing is taken back by that", [part])
    try:
        # Who needs all that the kind offers needs what it offers later, too.
        needs = None if needs == offers else needs
        if asked.takes_back_acceptance:
            await let_stay_after_all(call.pool, call.actor, vehicle_id, needs, asked.reason)
        else:
            await rule_vehicle(call.pool, call.actor, vehicle_id, asked.ruling, needs, asked.reason)
    except NeedError as beyond:
        reason = f"its kind does not offer {str(beyond).partition(': ')[2]}"
        raise Problem(
            422, "the vehicle cannot be needed for that", [RefusedPart(None, "needs", reason)]
        ) from None
    return await list_rulings(call)


async def show_trip_class(call: Call[Any]) -> TripClassTold:
    vehicle_id = call.name("vehicle")
    await refuse_other_departments(call.pool, call.actor, vehicle_id)
    found = await trip_class_of(call.pool, vehicle_id)
    return TripClassTold(trip_class=found.own, of_kind=found.of_kind, refinding=found.refinding)


async def put_trip_class(call: Call[NewTripClass]) -> TripClassTold:
    vehicle_id, asked = call.name("vehicle"), call.asked.trip_class
    await refuse_unknown_vehicle(call.pool, vehicle_id)
    if asked is not None and asked not in parameters_by_class():
        reason = f"is none of {', '.join(parameters_by_class())}"
        raise Problem(422, "there is no such class", [RefusedPart(None, "trip_class", reason)])
    if asked != (await trip_class_of(call.pool, vehicle_id)).own:
        await set_trip_class(call.pool, call.actor, vehicle_id, asked)
    return await show_trip_class(call)


_RULINGS = "/v1/vehicles/{vehicle}/rulings"
_TRIP_CLASS = "/v1/vehicles/{vehicle}/trip-class"

RULINGS = (
    Operation(
        "GET",
        _RULINGS,
        Permission.FIGURES_READ,
        mark("What is settled about a vehicle's future, and what it is needed for"),
        Query,
        Rulings,
        list_rulings,
    ),
    Operation(
        "POST",
        _RULINGS,
        Permission.REGISTER_CHANGE,
        mark("Settle that a vehicle stays or may go, and what it is needed for"),
        NewRuling,
        Rulings,
        rule,
        conflict="it is to stay, and it was accepted that it leaves: that is taken back first",
    ),
    Operation(
        "GET",
        _TRIP_CLASS,
        Permission.FIGURES_READ,
        mark("The class by which a vehicle's trips are found"),
        Query,
        TripClassTold,
        show_trip_class,
    ),
    Operation(
        "PUT",
        _TRIP_CLASS,
        Permission.REGISTER_CHANGE,
        mark("Have a vehicle's trips found as those of another class"),
        NewTripClass,
        TripClassTold,
        put_trip_class,
    ),
)
