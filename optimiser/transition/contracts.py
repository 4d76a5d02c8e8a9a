"""How each vehicle is held, as the register has it: leased, owned, or unknown. It is pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from costs.budget import notice_day
from register.inventory.details import VehicleDetails


class Holding(StrEnum):
    """How a vehicle is held."""

    #: It has a contract that ends on a day to come.
    LEASED = "leased"
    #: The day on which its contract ended has passed, and it is still there.
    ENDED = "ended"
    #: It has a yearly payment of its own, and no day on which that ends.
    NO_END = "no_end"
    #: It has neither, and a sale value.
    OWNED = "owned"
    #: The register has none of these.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """How a vehicle is held. `end` is the last day of its contract, and `notice_by` the last day on
    which notice ends it then; None: it has none, or it has ended."""

    holding: Holding
    end: date | None = None
    notice_by: date | None = None

    def is_noticed_late(self, today: date) -> bool:
        """Whether notice comes too late for the end of a contract that still runs."""
        return self.notice_by is not None and self.notice_by < today


def contract_of(details: VehicleDetails, today: date, notice_months: int) -> Contract:
    """How a vehicle with these details is held on a day."""
    end = details.contract_end
    if end is not None:
        if end < today:
            return Contract(holding=Holding.ENDED, end=end)
        by = notice_day(end, notice_months)
        return Contract(holding=Holding.LEASED, end=end, notice_by=by)
    if details.cost_kr_year is not None:
        return Contract(holding=Holding.NO_END)
    if details.sale_value_kr is not None:
        return Contract(holding=Holding.OWNED)
    return Contract(holding=Holding.UNKNOWN)
