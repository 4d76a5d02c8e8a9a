"""The backtests of a round's depots for programs, in `/v1/rounds/{round_id}`."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import Field

from api.rest.frame.bodies import ResponseBody
from optimiser.studies.backtest import FleetReplay
from optimiser.studies.depot_backtest import DepotBacktest


class FleetTried(ResponseBody):
    """What a fleet does on `trips` under a rule that knows no later trip: it leaves `to_fallback`
    of them to taxis, hire and private cars, for which on `short_days` no vehicle was free; none can
    ever serve `beyond` of them. `workshop_to_fallback` is how many it leaves while the vehicle that
    is missed most is in the workshop all the time; null: it has no motor vehicle."""

    vehicles: int
    trips: int
    to_fallback: int
    beyond: int
    short_days: int
    co2_t_year: float | None
    workshop_to_fallback: int | None


class DepotTried(ResponseBody):
    """Fleets of a depot on the trips of the days from `split` to `to`. That of the `first_weeks`
    was chosen on the days from `from` until then, for the depot by itself, and has not seen those
    that it is tried on; the `proposed` one, vehicles that move included, was chosen on all. It is
    null in rounds of earlier software, and where the cost of a vehicle was changed while the round
    was calculated."""

    depot_id: str
    first: Annotated[date, Field(serialization_alias="from")]
    split: date
    last: Annotated[date, Field(serialization_alias="to")]
    today: FleetTried
    proposed: FleetTried | None
    first_weeks: FleetTried


def depots_tried(backtests: Iterable[DepotBacktest]) -> list[DepotTried]:
    """The backtests that there are."""
    return [
        DepotTried(
            depot_id=one.depot_id,
            first=found.first,
            split=found.split,
            last=found.last,
            today=_tried(found.today, found.workshop_today),
            proposed=None
            if found.proposed is None
            else _tried(found.proposed, found.workshop_proposed),
            first_weeks=_tried(found.chosen, found.workshop),
        )
        for one in backtests
        if (found := one.found) is not None
    ]


def _tried(fleet: FleetReplay, workshop: FleetReplay | None) -> FleetTried:
    return FleetTried(
        vehicles=fleet.vehicles,
        trips=fleet.trips,
        to_fallback=fleet.to_fallback,
        beyond=fleet.beyond,
        short_days=fleet.short_days,
        co2_t_year=fleet.co2_t_year,
        workshop_to_fallback=None if workshop is None else workshop.to_fallback,
    )
