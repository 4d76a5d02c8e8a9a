"""Which of several vehicles alike go first, and why: one that was ruled to go, then the one whose
contract ends first, then the oldest, then the one driven furthest, then the one out on the fewest
days, and of as many days the one that drove least.

Vehicles of one kind in one pool are alike: the plan says only how many of them stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from costs.kind_figures import KindFigures
from fleet.names.order import name_order
from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import PoolVehicle
from optimiser.depot.verdicts import Verdicts


class FirstBy(StrEnum):
    """What tells the vehicle that goes from the next one alike. EQUAL: nothing that is known.
    OTHERS_BOUND: contracts beyond the horizon bind all others; OTHERS_STAY: none of them may go.
    COST: others that may go cost less a year, and are alike but for that."""

    RULED = "ruled"
    CONTRACT = "contract"
    AGE = "age"
    MILEAGE = "mileage"
    DAYS = "use"
    KM = "km"
    EQUAL = "equal"
    OTHERS_BOUND = "others_bound"
    OTHERS_STAY = "others_stay"
    COST = "cost"


class StaysBy(StrEnum):
    """Why a vehicle alike could not go instead. DECIDED: somebody decided that it stays."""

    CONTRACT = "contract"
    UNKNOWN = "unknown"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class AlikeVehicle:
    """A vehicle that stays and could go instead."""

    vehicle_id: str
    name: str


@dataclass(frozen=True, slots=True)
class BoundVehicle:
    """A vehicle alike that stays and could not go instead, and why."""

    vehicle_id: str
    name: str
    why: StaysBy


_STAYS_BY = {Fate.CONTRACT: StaysBy.CONTRACT, Fate.UNKNOWN: StaysBy.UNKNOWN}


#: What each place of `_readiness` is of.
_PLACES = (FirstBy.RULED, FirstBy.CONTRACT, FirstBy.AGE, FirstBy.MILEAGE, FirstBy.DAYS, FirstBy.KM)


def going_order(vehicle: PoolVehicle, verdicts: Verdicts) -> tuple[object, ...]:
    """A key by which vehicles of a kind are in order: those that stay whatever comes, those that
    may go, the first of which goes last, and those whose leaving was accepted."""
    return (
        _may_go(vehicle, verdicts),
        verdicts.leaving_accepted(vehicle.vehicle_id),
        *_readiness(vehicle),
        vehicle.vehicle_id,
    )


def first_by(
    going: PoolVehicle,
    staying: Sequence[PoolVehicle],
    verdicts: Verdicts,
    kinds: Mapping[str, KindFigures],
) -> tuple[FirstBy | None, tuple[AlikeVehicle, ...]]:
    """Why a vehicle goes and not one alike that stays, and these, the next to go first.

    None: there is none alike that stays, or somebody accepted that this one goes. Vehicles of the
    same type of the catalogue with other costs of their own are of other `kinds`.
    """
    if verdicts.leaving_accepted(going.vehicle_id):
        return None, ()
    reason, instead = _first_of_kind(going, staying, verdicts)
    if not instead and any(
        _may_go(one, verdicts) and _is_cheaper(kinds[one.kind], kinds[going.kind])
        for one in staying
    ):
        return FirstBy.COST, ()
    return reason, instead


def bound_alike(
    going: PoolVehicle, staying: Sequence[PoolVehicle], verdicts: Verdicts
) -> tuple[BoundVehicle, ...]:
    """The vehicles alike that stay and could not go instead, by name; none where somebody accepted
    that this one goes."""
    if verdicts.leaving_accepted(going.vehicle_id):
        return ()
    bound = [one for one in staying if one.kind == going.kind and not _may_go(one, verdicts)]
    return tuple(
        BoundVehicle(one.vehicle_id, one.name, _STAYS_BY.get(one.fate, StaysBy.DECIDED))
        for one in sorted(bound, key=lambda one: (name_order(one.name), one.vehicle_id))
    )


def _is_cheaper(one: KindFigures, other: KindFigures) -> bool:
    """Whether a kind is another one but for its yearly cost, which is lower."""
    return one.catalogue_kind == other.catalogue_kind and one.fixed_kr_year < other.fixed_kr_year


def _first_of_kind(
    going: PoolVehicle, staying: Sequence[PoolVehicle], verdicts: Verdicts
) -> tuple[FirstBy | None, tuple[AlikeVehicle, ...]]:
    alike = [one for one in staying if one.kind == going.kind]
    if not alike:
        return None, ()
    instead = sorted(
        (one for one in alike if _may_go(one, verdicts)),
        key=lambda one: going_order(one, verdicts),
        reverse=True,
    )
    if not instead:
        bound = all(one.fate is Fate.CONTRACT for one in alike)
        return FirstBy.OTHERS_BOUND if bound else FirstBy.OTHERS_STAY, ()
    pairs = zip(_PLACES, _readiness(going), _readiness(instead[0]), strict=True)
    reason = next((place for place, own, other in pairs if own != other), FirstBy.EQUAL)
    return reason, tuple(AlikeVehicle(one.vehicle_id, one.name) for one in instead)


def _may_go(vehicle: PoolVehicle, verdicts: Verdicts) -> bool:
    return vehicle.fate is Fate.CAN_GO and not verdicts.leaving_rejected(vehicle.vehicle_id)


def _readiness(vehicle: PoolVehicle) -> tuple[float, ...]:
    """The greater, the earlier a vehicle goes. What is not known of it does not let it go."""
    return (
        float(vehicle.ruled_to_go),
        -(vehicle.contract_end or date.max).toordinal(),
        -(vehicle.registered_on or date.max).toordinal(),
        vehicle.mileage_km or 0.0,
        -vehicle.days_used,
        -vehicle.km,
    )
