"""Makes the solver's problem from the vehicles of pools and the kinds on offer.

A vehicle must stay if its contract runs beyond the horizon, or if too little of its use is known to
say that nobody needs it; a ruling of the fleet unit overrides both. Machines, which are measured in
engine hours, make no trips and are omitted. A trip needs the capabilities that the register states
for the vehicle that drove it, or else all that its kind offers, as nobody recorded more. A
capability that only one kind offers cannot be hired by the hour either, so enough vehicles of that
kind stay, the cheapest first.

The costs are without charge points, which `optimiser.depot.charge_points` adds.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

from costs.kind_figures import KindFigures
from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import VehiclePool
from optimiser.model.peak import peak_out
from optimiser.model.problem import Kind, Problem, RoundTrip, Rules

#: The kinds of vehicles that may come to each pool from others, by the ids of the pools.
ComingKinds = Mapping[str, Collection[str]]


def fleet_problem(
    pools: Sequence[VehiclePool],
    kinds: Mapping[str, KindFigures],
    rules: Rules,
    coming: ComingKinds = MappingProxyType({}),
) -> Problem:
    """The problem of some pools, with the kinds that are `coming` to them, of which none can be
    bought.

    Raises:
        ProblemError: there are no round trips, or a figure of the register is impossible.
    """
    return Problem(
        trips=tuple(trip for pool in pools for trip in _trips(pool, kinds)),
        kinds=tuple(
            _kind(figures, pool, kinds, rules)
            for pool in pools
            for figures in kinds.values()
            if figures.offered
            or figures.kind in coming.get(pool.pool_id, ())
            or any(c.kind == figures.kind for c in pool.road_vehicles)
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
    """The capabilities that the trips of each road vehicle need, by the vehicle's id."""
    return {
        c.vehicle_id: kinds[c.kind].offers if c.needs is None else c.needs
        for c in pool.road_vehicles
    }


def _kind(
    figures: KindFigures, pool: VehiclePool, kinds: Mapping[str, KindFigures], rules: Rules
) -> Kind:
    own = [c for c in pool.road_vehicles if c.kind == figures.kind]
    must_stay = sum(c.fate is not Fate.CAN_GO for c in own)
    needed = _needed_here(figures, pool, kinds, _irreplaceable(figures, pool, kinds, rules))
    return Kind(
        type=figures.kind,
        pool=pool.pool_id,
        count_now=len(own),
        min_count=max(must_stay, needed),
        # A kind that is not on offer cannot be bought.
        max_count=None if figures.offered else len(own),
        offers=figures.offers,
        energy=figures.energy,
        fixed_kr_year=figures.fixed_kr_year - figures.all_charge_points_kr_year,
        kr_km=figures.kr_km,
        co2_g_km=figures.co2_g_km,
        range_km=figures.range_km,
        charge_km_h=figures.charge_km_h,
        limits=figures.limits,
    )


def _needed_here(
    figures: KindFigures, pool: VehiclePool, kinds: Mapping[str, KindFigures], needed: int
) -> int:
    """How many of `needed` vehicles of a kind of the catalogue are of the kind `figures`: of those
    that differ by their own cost alone, the cheapest. A kind on offer has those that lack."""
    same = [
        kinds[c.kind]
        for c in pool.road_vehicles
        if kinds[c.kind].catalogue_kind == figures.catalogue_kind
    ]
    place = (figures.fixed_kr_year, figures.kind)
    own = sum(kind.kind == figures.kind for kind in same)
    cheaper = sum((kind.fixed_kr_year, kind.kind) < place for kind in same)
    here = min(own, max(0, needed - cheaper))
    # A kind that cannot be bought cannot grow, however much it is needed.
    return here + max(0, needed - len(same)) if figures.offered else here


def _irreplaceable(
    figures: KindFigures, pool: VehiclePool, kinds: Mapping[str, KindFigures], rules: Rules
) -> int:
    """The number of vehicles of a kind that trips need at once that no other kind could serve.
    Kinds that differ by their own cost alone are one."""
    owned = {c.vehicle_id: c.kind for c in pool.road_vehicles}
    needs = _needs(pool, kinds)
    others = [
        kind.offers
        for kind in kinds.values()
        if kind.catalogue_kind != figures.catalogue_kind
        and (kind.offered or kind.kind in owned.values())
    ]
    alone = {
        vehicle_id
        for vehicle_id, kind in owned.items()
        if kinds[kind].catalogue_kind == figures.catalogue_kind
        and needs[vehicle_id]
        and not any(needs[vehicle_id] <= offers for offers in others)
    }
    turnaround = timedelta(minutes=rules.turnaround_min)
    peak, _ = peak_out(
        (trip.start, trip.end + turnaround) for trip in pool.road_trips if trip.vehicle_id in alone
    )
    return peak
