"""What may be decided on a vehicle, by its contract, its use and what the fleet unit rules."""

from datetime import date
from enum import StrEnum

from register.vehicles import Ruling


class Fate(StrEnum):
    """What may be decided on a vehicle."""

    CAN_GO = "can_go"
    CONTRACT = "contract"
    UNKNOWN = "unknown"
    MACHINE = "machine"
    RULED = "ruled"


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
