"""A depot's vehicles and the kinds on offer, as the problem that the solver answers.

A vehicle must stay when its contract runs on beyond the horizon, or when too little is known of its
use to say that it is not needed; what the fleet unit rules goes before either. Machines that are
measured in engine hours do no trips and are left out. What a trip needs is what the vehicle that
drove it is said to be needed for, or else all that it offers: nobody wrote down more. A need
that one kind alone can meet cannot be hired by the hour either, so enough of that kind stay.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from costs.kind_figures import KindFigures
from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import VehiclePool
from optimiser.model.peak import peak_out
from optimiser.model.problem import Kind, Problem, RoundTrip, Rules


def fleet_problem(
    pools: Sequence[VehiclePool], kinds: Mapping[str, KindFigures], rules: Rules
) -> Problem:
    """The problem of some depots, each a pool of its own.

    Raises:
        ProblemError: there are no round trips, or a figure of the register cannot be.
    """
    return Problem(
        trips=tuple(trip for pool in pools for trip in _trips(pool, kinds)),
        kinds=tuple(
            _kind(figures, pool, kinds, rules)
            for pool in pools
            for figures in kinds.values()
            if figures.offered or any(c.kind == figures.kind for c in pool.road)
        ),
        rules=rules,
    )


def _trips(pool: VehiclePool, kinds: Mapping[str, KindFigures]) -> list[RoundTrip]:
    needs = _needs(pool, kinds)
    return [
        RoundTrip(
            trip_id=trip.trip_id,
            start=trip.start,
            end=trip.end,
            km=trip.km,
            pool=pool.pool_id,
            needs=needs[trip.vehicle_id],
            vehicle=trip.vehicle_id,
        )
        for trip in pool.road_trips
    ]


def _needs(pool: VehiclePool, kinds: Mapping[str, KindFigures]) -> dict[str, frozenset[str]]:
    """What the trips of each road vehicle need."""
    return {c.vehicle_id: kinds[c.kind].offers if c.needs is None else c.needs for c in pool.road}


def _kind(
    figures: KindFigures, pool: VehiclePool, kinds: Mapping[str, KindFigures], rules: Rules
) -> Kind:
    own = [c for c in pool.road if c.kind == figures.kind]
    must_stay = sum(c.fate is not Fate.CAN_GO for c in own)
    needed = _irreplaceable(figures, pool, kinds, rules)
    if not figures.offered:
        # What cannot be bought cannot be had more of, however much it is needed.
        needed = min(needed, len(own))
    return Kind(
        type=figures.kind,
        pool=pool.pool_id,
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
        limits=figures.limits,
    )


def _irreplaceable(
    figures: KindFigures, pool: VehiclePool, kinds: Mapping[str, KindFigures], rules: Rules
) -> int:
    """How many of a kind its depot's trips need at once, when no other kind could do them."""
    owned = {c.vehicle_id: c.kind for c in pool.road}
    needs = _needs(pool, kinds)
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
        (trip.start, trip.end + turnaround) for trip in pool.road_trips if trip.vehicle_id in alone
    )
    return peak
