"""A depot's vehicles and the kinds on offer, as the problem that the solver answers.

A vehicle must stay when its contract runs on beyond the horizon, or when too little is known of its
use to say that it is not needed; what the fleet unit rules goes before either. Machines that are
measured in engine hours do no trips and are left out. What a trip needs is what the vehicle that
drove it is said to be needed for, or else all that it offers: nobody wrote down more. A need
that one kind alone can meet cannot be hired by the hour either, so enough of that kind stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from costs.kind_figures import KindFigures
from optimiser.model.peak import peak_out
from optimiser.model.problem import Kind, Problem, RoundTrip, Rules


class Fate(StrEnum):
    """What may be decided on a vehicle."""

    CAN_GO = "can_go"
    CONTRACT = "contract"
    UNKNOWN = "unknown"
    MACHINE = "machine"
    RULED = "ruled"


class Ruling(StrEnum):
    """What the fleet unit says of a vehicle: it stays, it may go, or the rules decide."""

    STAY = "stay"
    GO = "go"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A vehicle of today's fleet and its use in the data period.

    `needs` is what its trips need; None: all that its kind offers.
    """

    vehicle_id: str
    name: str
    kind: str
    fate: Fate
    days_used: int
    trips: int
    km: float
    department: str = ""
    contract_end: date | None = None
    needs: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivenTrip:
    """A round trip that a vehicle of the depot drove."""

    trip_id: str
    vehicle_id: str
    start: datetime
    end: datetime
    km: float


def fate(
    *,
    contract_end: date | None,
    keep_until: date,
    known: bool,
    measured_in: str,
    ruling: Ruling = Ruling.OPEN,
) -> Fate:
    """What may be decided on a vehicle whose contract and use are as stated.

    `keep_until` is the end of the horizon: a contract that runs beyond it keeps the vehicle.
    `known` is `fleet.known.Known.known` of the data period.
    """
    if measured_in == "hours":
        return Fate.MACHINE
    if ruling is Ruling.STAY:
        return Fate.RULED
    if ruling is Ruling.GO:
        return Fate.CAN_GO
    if not known:
        return Fate.UNKNOWN
    if contract_end is not None and contract_end > keep_until:
        return Fate.CONTRACT
    return Fate.CAN_GO


@dataclass(frozen=True, slots=True)
class Depot:
    """A depot's vehicles and the round trips that they drove; its id is the pool."""

    depot_id: str
    candidates: Sequence[Candidate]
    trips: Sequence[DrivenTrip]

    @property
    def road(self) -> list[Candidate]:
        """The vehicles that do trips: all but the machines."""
        return [c for c in self.candidates if c.fate is not Fate.MACHINE]

    @property
    def road_trips(self) -> list[DrivenTrip]:
        """The round trips of the road vehicles."""
        road = {c.vehicle_id for c in self.road}
        return [trip for trip in self.trips if trip.vehicle_id in road]


def fleet_problem(
    depots: Sequence[Depot], kinds: Mapping[str, KindFigures], rules: Rules
) -> Problem:
    """The problem of some depots, each a pool of its own.

    Raises:
        ProblemError: there are no round trips, or a figure of the register cannot be.
    """
    return Problem(
        trips=tuple(trip for depot in depots for trip in _trips(depot, kinds)),
        kinds=tuple(
            _kind(figures, depot, kinds, rules)
            for depot in depots
            for figures in kinds.values()
            if figures.offered or any(c.kind == figures.kind for c in depot.road)
        ),
        rules=rules,
    )


def _trips(depot: Depot, kinds: Mapping[str, KindFigures]) -> list[RoundTrip]:
    needs = _needs(depot, kinds)
    return [
        RoundTrip(
            trip_id=trip.trip_id,
            start=trip.start,
            end=trip.end,
            km=trip.km,
            pool=depot.depot_id,
            needs=needs[trip.vehicle_id],
            vehicle=trip.vehicle_id,
        )
        for trip in depot.road_trips
    ]


def _needs(depot: Depot, kinds: Mapping[str, KindFigures]) -> dict[str, frozenset[str]]:
    """What the trips of each road vehicle need."""
    return {c.vehicle_id: kinds[c.kind].offers if c.needs is None else c.needs for c in depot.road}


def _kind(
    figures: KindFigures, depot: Depot, kinds: Mapping[str, KindFigures], rules: Rules
) -> Kind:
    own = [c for c in depot.road if c.kind == figures.kind]
    must_stay = sum(c.fate is not Fate.CAN_GO for c in own)
    needed = _irreplaceable(figures, depot, kinds, rules)
    if not figures.offered:
        # What cannot be bought cannot be had more of, however much it is needed.
        needed = min(needed, len(own))
    return Kind(
        type=figures.kind,
        pool=depot.depot_id,
        count_now=len(own),
        min_count=max(must_stay, needed),
        # What is no longer on offer cannot be bought more of.
        max_count=None if figures.offered else len(own),
        offers=figures.offers,
        energy=figures.energy,
        fixed_kr_year=figures.fixed_kr_year,
        kr_km=figures.kr_km,
        co2_g_km=figures.co2_g_km,
        range_km=figures.range_km,
        charge_km_h=figures.charge_km_h,
        max_trip_km=figures.max_trip_km,
        max_day_km=figures.max_day_km,
        window=figures.window,
    )


def _irreplaceable(
    figures: KindFigures, depot: Depot, kinds: Mapping[str, KindFigures], rules: Rules
) -> int:
    """How many of a kind its depot's trips need at once, when no other kind could do them."""
    owned = {c.vehicle_id: c.kind for c in depot.road}
    needs = _needs(depot, kinds)
    others = [
        kind.offers
        for kind in kinds.values()
        if kind.kind != figures.kind and (kind.offered or kind.kind in owned.values())
    ]
    alone = {
        vehicle_id
        for vehicle_id, kind in owned.items()
        if kind == figures.kind
        and needs[vehicle_id]
        and not any(needs[vehicle_id] <= offers for offers in others)
    }
    turnaround = timedelta(minutes=rules.turnaround_min)
    peak, _ = peak_out(
        (trip.start, trip.end + turnaround) for trip in depot.road_trips if trip.vehicle_id in alone
    )
    return peak
