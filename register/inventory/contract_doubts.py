"""What is odd about the contract of a vehicle of the fleet, so that a person is asked about it."""

from datetime import date
from enum import StrEnum

from register.inventory.details import VehicleDetails, VehicleField


class ContractDoubt(StrEnum):
    """A reason to ask about a contract."""

    #: Its end has passed.
    ENDED = "ended"
    #: What leaving it costs is given, and there is no contract.
    EXIT_ALONE = "exit_alone"


_FIELDS = (VehicleField.CONTRACT_END, VehicleField.EXIT_COST_KR)


def contract_doubt(
    before: VehicleDetails | None, after: VehicleDetails, today: date
) -> ContractDoubt | None:
    """What is odd about the contract that an entry gives a vehicle; None: nothing, or it stood
    there `before`, which is None for a new vehicle."""
    if before is not None and all(before.of(field) == after.of(field) for field in _FIELDS):
        return None
    if after.contract_end is not None and after.contract_end < today:
        return ContractDoubt.ENDED
    if after.exit_cost_kr and after.contract_end is None:
        return ContractDoubt.EXIT_ALONE
    return None
