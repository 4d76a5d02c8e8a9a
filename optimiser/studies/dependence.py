"""How much the cost of a plan and its saving depend on each assumption and each kind's yearly cost.

The fleets and who drives what stay as they are: the cost is computed again with one figure moved.
So it says what is at stake in a figure, and not what another plan would make of it. Figures that
bear on what an electric vehicle can do, and not on what it costs, move nothing here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from costs.assumptions import SWITCH_KEYS, AssumptionError, FigureKey
from costs.basis import Basis
from costs.kind_figures import KindFigures
from optimiser.parts.fleet_use import FleetUse

GRAMS_PER_TONNE = 1e6

#: The share by which each figure is moved.
MOVED_SHARE = 0.1

#: The figure by which the trips of a year are those of the period.
_TRIPS = FigureKey.YEAR_OVER_PERIOD

#: kr. a year that rounding explains.
_NOISE_KR = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureDependence:
    """What moving a figure up by `MOVED_SHARE` adds to the yearly cost of the proposed fleet, and
    to what the plan saves a year."""

    key: FigureKey
    cost_kr_year: float
    saving_kr_year: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KindDependence:
    """The same for the yearly cost of a kind, which is `fixed_kr_year` without its charge points,
    moved up by `MOVED_SHARE`. Of the kind today's fleet has `now` vehicles and the proposed one
    `then`, without those that have a yearly cost of their own."""

    kind: str
    name: str
    fixed_kr_year: float
    now: int
    then: int

    @property
    def cost_kr_year(self) -> float:
        return MOVED_SHARE * self.fixed_kr_year * self.then

    @property
    def saving_kr_year(self) -> float:
        return MOVED_SHARE * self.fixed_kr_year * (self.now - self.then)


def kind_dependences(
    basis: Basis, today: Iterable[FleetUse], proposed: Iterable[FleetUse]
) -> list[KindDependence]:
    """The dependence of the cost of the fleets on the yearly cost of each kind of which one of them
    has a vehicle, that on which the saving depends most first."""
    now, then = _vehicles(today), _vehicles(proposed)
    found: list[KindDependence] = []
    for kind in sorted({*now, *then}):
        figures = basis.priced_kinds[kind]
        found.append(
            KindDependence(
                kind=kind,
                name=figures.name,
                fixed_kr_year=figures.fixed_kr_year - figures.all_charge_points_kr_year,
                now=now[kind],
                then=then[kind],
            )
        )
    return sorted(found, key=lambda one: (-abs(one.saving_kr_year), -one.cost_kr_year, one.name))


def _vehicles(fleets: Iterable[FleetUse]) -> Counter[str]:
    """The vehicles of each kind over some depots."""
    found: Counter[str] = Counter()
    for use in (use for fleet in fleets for use in fleet.kinds):
        found[use.kind] += use.vehicles
    return found


def dependences(
    basis: Basis,
    rules: Mapping[str, Any],
    today: Sequence[FleetUse],
    proposed: Sequence[FleetUse],
    keys: Iterable[FigureKey] = tuple(FigureKey),
) -> list[FigureDependence]:
    """Those of the figures `keys` that the cost of one of the fleets depends on.

    Args:
        basis: the figures and kinds of the round.
        rules: its rules; where they are those that follow from figures, they move with these.
        today, proposed: the use of today's and of the proposed fleet of each depot.
    """
    assumed = {name for name, value in basis.rules.items() if rules.get(name) == value}

    def cost(under: Basis, fleets: Iterable[FleetUse]) -> float:
        moved = {name: value for name, value in under.rules.items() if name in assumed}
        times = under.figures[_TRIPS] / basis.figures[_TRIPS]
        return sum(_cost(under, {**rules, **moved}, fleet, times) for fleet in fleets)

    before, before_today = cost(basis, proposed), cost(basis, today)
    found: list[FigureDependence] = []
    for key in keys:
        if key in SWITCH_KEYS:
            continue
        try:
            moved = basis.scaled(key, 1 + MOVED_SHARE)
        except AssumptionError:  # it is at its greatest value
            continue
        added, added_today = cost(moved, proposed) - before, cost(moved, today) - before_today
        if max(abs(added), abs(added_today)) > _NOISE_KR:
            found.append(
                FigureDependence(key=key, cost_kr_year=added, saving_kr_year=added_today - added)
            )
    return found


def moves_an_offer(basis: Basis, key: FigureKey) -> bool:
    """Whether a kind on offer would cost or emit otherwise if a figure were another one. The price
    of charge points is left out: it counts where some must be built."""
    moved = basis.scaled(key, 1 - MOVED_SHARE).priced_kinds
    return any(
        _by_itself(kind) != _by_itself(moved[name])
        for name, kind in basis.priced_kinds.items()
        if kind.offered
    )


def _by_itself(kind: KindFigures) -> tuple[float, ...]:
    """What a kind costs and emits, without its charge points."""
    fixed = kind.fixed_kr_year - kind.all_charge_points_kr_year
    return round(fixed, 2), round(kind.kr_km, 6), round(kind.co2_g_km, 3)


def _cost(basis: Basis, rules: Mapping[str, Any], fleet: FleetUse, times: float) -> float:
    """The yearly cost of a fleet with its trips so many `times`, without that of vehicles with
    costs of their own."""
    price_g = rules["co2_kr_t"] / GRAMS_PER_TONNE
    fallback_kr_km = rules["fallback_kr_km"] + price_g * rules["fallback_co2_g_km"]
    kr = times * fleet.fallback_trips_year * rules["fallback_kr_trip"]
    kr += times * fleet.fallback_km_year * fallback_kr_km
    kr += fleet.built * max(kind.charge_point_kr_year for kind in basis.priced_kinds.values())
    for use in fleet.kinds:
        kind = basis.priced_kinds[use.kind]
        kr += use.vehicles * (kind.fixed_kr_year - kind.all_charge_points_kr_year)
        kr += times * use.km_year * (kind.kr_km + price_g * kind.co2_g_km)
    return kr
