"""Which of several vehicles alike go first, and why: the one whose contract ends first, then the
oldest, then the one driven furthest, then the least used.

Vehicles of one kind in one pool are alike: the plan says only how many of them stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import PoolVehicle
from optimiser.depot.verdicts import Verdicts


class FirstBy(StrEnum):
    """What tells the vehicle that goes from the next one alike. EQUAL: nothing that is known."""

    CONTRACT = "contract"
    AGE = "age"
    MILEAGE = "mileage"
    USE = "use"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True)
class AlikeVehicle:
    """A vehicle that stays and could go instead."""

    vehicle_id: str
    name: str


#: What each place of `_readiness` is of.
_PLACES = (FirstBy.CONTRACT, FirstBy.AGE, FirstBy.MILEAGE, FirstBy.USE, FirstBy.USE)


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
    going: PoolVehicle, staying: Sequence[PoolVehicle], verdicts: Verdicts
) -> tuple[FirstBy | None, tuple[AlikeVehicle, ...]]:
    """Why a vehicle goes and not one alike that stays, and these, the next to go first.

    None: there is none that could go instead, or somebody accepted that this one goes.
    """
    instead = sorted(
        (one for one in staying if one.kind == going.kind and _may_go(one, verdicts)),
        key=lambda one: going_order(one, verdicts),
        reverse=True,
    )
    if not instead or verdicts.leaving_accepted(going.vehicle_id):
        return None, ()
    pairs = zip(_PLACES, _readiness(going), _readiness(instead[0]), strict=True)
    reason = next((place for place, own, other in pairs if own != other), FirstBy.EQUAL)
    return reason, tuple(AlikeVehicle(one.vehicle_id, one.name) for one in instead)


def _may_go(vehicle: PoolVehicle, verdicts: Verdicts) -> bool:
    return vehicle.fate is Fate.CAN_GO and not verdicts.leaving_rejected(vehicle.vehicle_id)


def _readiness(vehicle: PoolVehicle) -> tuple[float, ...]:
    """The greater, the earlier a vehicle goes. What is not known of it does not let it go."""
    return (
        -(vehicle.contract_end or date.max).toordinal(),
        -(vehicle.registered_on or date.max).toordinal(),
        vehicle.mileage_km or 0.0,
        -vehicle.days_used,
        -vehicle.km,
    )
