"""The km that a vehicle has driven beside those that its contract allows. It is pure."""

from dataclasses import dataclass
from datetime import date

from register.inventory.details import VehicleDetails

#: Days after its first registration within which a contract is taken to have begun with a new
#: vehicle, so that the km of its odometer are those of the contract.
NEW_WITHIN_DAYS = 90


@dataclass(frozen=True, slots=True)
class Allowance:
    """The km of a contract on the day on which the odometer was read.

    Attributes:
        allowed_km: the km that the contract allows in all.
        allowed_by_then_km: the share of them that belongs to the days until then.
        driven_km: the km driven until then.
        at_end_km: the km at the end of the contract, if it goes on as until then.
    """

    allowed_km: float
    allowed_by_then_km: float
    driven_km: float
    at_end_km: float

    @property
    def beyond_km(self) -> float:
        """The km beyond the allowance at the end, if it goes on like this; below 0: they are
        left."""
        return self.at_end_km - self.allowed_km


def allowance(vehicle: VehicleDetails) -> Allowance | None:
    """The allowance of a vehicle.

    None where it cannot be told: something of it is not registered, the odometer was not read while
    the contract ran, or the vehicle may have been driven before its contract began.
    """
    start, end = vehicle.contract_start or vehicle.first_registered, vehicle.contract_end
    read, driven, allowed = vehicle.mileage_day, vehicle.mileage_km, vehicle.contract_km
    if start is None or end is None or read is None or driven is None or allowed is None:
        return None
    if not start < read <= end or not _began_new(start, vehicle.first_registered):
        return None
    share = (read - start) / (end - start)
    return Allowance(allowed, allowed * share, driven, driven / share)


def _began_new(start: date, first_registered: date | None) -> bool:
    return first_registered is None or (start - first_registered).days <= NEW_WITHIN_DAYS


def odometer_falls(before: VehicleDetails, after: VehicleDetails) -> bool:
    """Whether the odometer of a vehicle goes down from one entry to the next."""
    stood, stands = before.mileage_km, after.mileage_km
    return stood is not None and stands is not None and stands < stood
