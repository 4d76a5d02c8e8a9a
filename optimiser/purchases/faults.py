"""Why a request, an answer, a purchase or a principle is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite

from fleet.errors import ExpectedError
from fleet.localtime import EARLIEST_DAY, LATEST_DAY, latest_planned

#: The most characters of a text, and of a name.
TEXT_MAX = 2_000
NAME_MAX = 100

#: The most kr. that a vehicle costs.
KR_MAX = 1e8


class Fault(StrEnum):
    """The reasons why a value cannot be that of a field."""

    EMPTY = "empty"
    UNKNOWN = "unknown"
    TOO_LONG = "too_long"
    OUT_OF_BOUNDS = "out_of_bounds"
    DAY_PAST = "day_past"
    DAY_AHEAD = "day_ahead"
    DAY_FAR = "day_far"
    #: The depot is closed on the day from which the vehicle is wanted.
    CLOSED = "closed"
    #: The kind runs on another energy.
    ENERGY_DIFFERS = "energy_differs"
    #: The vehicle is of another kind in the register.
    KIND_DIFFERS = "kind_differs"
    #: A price or a yearly rent is to be said, and not both.
    ONE_AMOUNT = "one_amount"
    #: Nothing green is bought, and nobody says why.
    SAY_WHY_NOT_GREEN = "say_why_not_green"
    #: The vehicle is the one that is to be replaced.
    REPLACED = "replaced"
    #: Its contract is over when the vehicle is wanted.
    CONTRACT_OVER = "contract_over"


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A fault of a field; `least` and `most` are the bounds that a value is beyond."""

    field: str
    fault: Fault
    least: float = 0.0
    most: float = 0.0


class FieldsRefusedError(ExpectedError, ValueError):
    """Something of what was sent cannot be; `faults` says what, by field."""

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.fault}" for one in faults))
        self.faults = faults


class NoRequestError(ExpectedError, LookupError):
    """There is no such request, or the actor does not see it."""


class NoPurchaseError(ExpectedError, LookupError):
    """There is no such purchase."""


class RequestAnsweredError(ExpectedError, ValueError):
    """The request was answered or withdrawn by somebody after the actor saw it."""


class PurchaseChangedError(ExpectedError, ValueError):
    """The purchase was changed by somebody after the actor saw it."""


class OfferGoneError(ExpectedError, ValueError):
    """The vehicle that was to be offered has left the fleet, or leaves it."""


class OfferTakenError(ExpectedError, ValueError):
    """The vehicle was offered to somebody else; `request_id` is that of their request."""

    def __init__(self, name: str, request_id: int) -> None:
        super().__init__(f"{name} was offered already, in request {request_id}")
        self.request_id = request_id


class NotApprovedError(ExpectedError, ValueError):
    """The request was not approved, or a purchase is recorded of it already."""


class PurchaseTakenError(ExpectedError, ValueError):
    """A purchase of the vehicle is recorded already; `purchase_id` is that one."""

    def __init__(self, purchase_id: int) -> None:
        super().__init__(f"purchase {purchase_id} is of that vehicle already")
        self.purchase_id = purchase_id


def text_faults(field: str, text: str, *, needed: bool = True) -> list[FieldFault]:
    """What is wrong with a text."""
    if len(text) > TEXT_MAX:
        return [FieldFault(field, Fault.TOO_LONG, most=TEXT_MAX)]
    return [FieldFault(field, Fault.EMPTY)] if needed and not text.strip() else []


def day_faults(field: str, day: date, *, today: date, ahead: bool) -> list[FieldFault]:
    """What is wrong with a day that is to lie ahead (today may be it), or behind."""
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        return [FieldFault(field, Fault.DAY_FAR)]
    if ahead and day > latest_planned(today):
        return [FieldFault(field, Fault.DAY_FAR)]
    if ahead and day < today:
        return [FieldFault(field, Fault.DAY_PAST)]
    return [FieldFault(field, Fault.DAY_AHEAD)] if not ahead and day > today else []


def number_faults(
    field: str, value: float, least: float, most: float, *, above: bool = False
) -> list[FieldFault]:
    """What is wrong with a number that is from `least` to `most`, or `above` the least."""
    if isfinite(value) and least <= value <= most and not (above and value == least):
        return []
    return [FieldFault(field, Fault.OUT_OF_BOUNDS, least, most)]
