"""The fate of a vehicle: whether decisions may let it go, by contract, use and ruling, and how many
are kept for the workshop."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from register.vehicles import Ruling


class Fate(StrEnum):
    """Whether a vehicle may go, and if not, why: only `CAN_GO` lets decisions replace it."""

    CAN_GO = "can_go"
    CONTRACT = "contract"
    UNKNOWN = "unknown"
    MACHINE = "machine"
    RULED = "ruled"


def vehicle_fate(
    *,
    contract_end: date | None,
    keep_until: date,
    known: bool,
    measured_in: str,
    ruling: Ruling = Ruling.OPEN,
) -> Fate:
    """The fate of a vehicle with this contract, use and ruling.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVehicles:
    """The vehicles of a kind in a pool that are kept for the days on which one is in the workshop.

    The pool keeps at least `least` of the kind, which are `kept` more than it would else have;
    `own_least` it would keep in any case.
    """

    pool: str
    kind: str
    least: int
    kept: int
    own_least: int
