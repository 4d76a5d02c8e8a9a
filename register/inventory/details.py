"""The details that people register of a vehicle, and what each of them may be. It is pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any

from fleet.localtime import EARLIEST_DAY, LATEST_DAY
from fleet.position import SENSOR_BOUNDS

#: Characters of a name, a make, a model or a department.
TEXT_MAX = 100

#: The km that a contract may allow, and the kr. that a vehicle may cost a year, bring, or cost to
#: give back.
CONTRACT_KM_MAX = 4e6
COST_KR_YEAR_MAX = 1e8

#: The least and the most characters of a registration number, which is of letters and digits.
_PLATE = re.compile(r"[A-ZÆØÅÄÖÜ0-9]{2,10}")
_DANISH_PLATE = re.compile(r"([A-ZÆØÅ]{2})(\d{2})(\d{3})")


class VehicleField(StrEnum):
    """A detail of a vehicle; the value is its column of the table and its name in the history."""

    NAME = "name"
    PLATE = "plate"
    MAKE = "make"
    MODEL = "model"
    MODEL_YEAR = "model_year"
    FIRST_REGISTERED = "first_registered"
    KIND = "kind"
    DEPARTMENT = "department"
    DEPOT = "depot_id"
    MEASURED_IN = "measured_in"
    CONTRACT_START = "contract_start"
    CONTRACT_END = "contract_end"
    CONTRACT_KM = "contract_km"
    COST_KR_YEAR = "cost_kr_year"
    SALE_VALUE_KR = "sale_value_kr"
    EXIT_COST_KR = "exit_cost_kr"
    MILEAGE_KM = "mileage_km"
    MILEAGE_DAY = "mileage_day"


#: The details that every vehicle has.
REQUIRED = (
    *(VehicleField.NAME, VehicleField.KIND),
    *(VehicleField.DEPARTMENT, VehicleField.DEPOT, VehicleField.MEASURED_IN),
)

#: The details that many vehicles may get at once. The others tell one vehicle from another.
SHARED_FIELDS = (
    *(VehicleField.DEPARTMENT, VehicleField.DEPOT, VehicleField.KIND),
    *(VehicleField.CONTRACT_START, VehicleField.CONTRACT_END),
    *(VehicleField.CONTRACT_KM, VehicleField.COST_KR_YEAR),
    *(VehicleField.SALE_VALUE_KR, VehicleField.EXIT_COST_KR),
)

#: The details that are kroner.
KR_FIELDS = frozenset(
    {VehicleField.COST_KR_YEAR, VehicleField.SALE_VALUE_KR, VehicleField.EXIT_COST_KR}
)

_TEXTS = (VehicleField.NAME, VehicleField.MAKE, VehicleField.MODEL, VehicleField.DEPARTMENT)
_DAYS = (
    *(VehicleField.FIRST_REGISTERED, VehicleField.CONTRACT_START),
    *(VehicleField.CONTRACT_END, VehicleField.MILEAGE_DAY),
)
#: Days that have passed when they are registered.
_PAST_DAYS = (VehicleField.FIRST_REGISTERED, VehicleField.MILEAGE_DAY)

#: The least and the most of each number; None: it must be above 0.
NUMBER_BOUNDS: Mapping[VehicleField, tuple[float | None, float]] = {
    VehicleField.MODEL_YEAR: (1900, LATEST_DAY.year),
    VehicleField.CONTRACT_KM: (None, CONTRACT_KM_MAX),
    VehicleField.COST_KR_YEAR: (0, COST_KR_YEAR_MAX),
    VehicleField.SALE_VALUE_KR: (0, COST_KR_YEAR_MAX),
    VehicleField.EXIT_COST_KR: (0, COST_KR_YEAR_MAX),
    VehicleField.MILEAGE_KM: SENSOR_BOUNDS["odometer_km"],
}


class Fault(StrEnum):
    """The reason why a value cannot be that of a field."""

    EMPTY = "empty"
    #: There is no such kind or depot.
    UNKNOWN = "unknown"
    TOO_LONG = "too_long"
    FORMULA = "formula"
    NO_PLATE = "no_plate"
    NOT_POSITIVE = "not_positive"
    OUT_OF_BOUNDS = "out_of_bounds"
    DAY_TOO_FAR = "day_too_far"
    DAY_IN_FUTURE = "day_in_future"
    END_BEFORE_START = "end_before_start"
    #: An odometer has a day on which it was read, and no km.
    NO_READING = "no_reading"


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A fault of a field; `least` and `most` are the bounds that a number or a text is beyond."""

    field: VehicleField
    fault: Fault
    least: float = 0.0
    most: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleDetails:
    """The details of a vehicle; None stands for what is not known.

    Attributes:
        measured_in: `km`, or of a machine `hours`.
        contract_km: the km that the contract allows from `contract_start` to `contract_end`.
        cost_kr_year: the rent, or other yearly payment, for the vehicle itself.
        sale_value_kr: what a sale brings today.
        exit_cost_kr: what leaving its contract today costs in all, beside the rent until then.
        mileage_km: its odometer on `mileage_day`.
    """

    name: str
    plate: str | None = None
    make: str | None = None
    model: str | None = None
    model_year: int | None = None
    first_registered: date | None = None
    kind: str
    department: str
    depot_id: str
    measured_in: str = "km"
    contract_start: date | None = None
    contract_end: date | None = None
    contract_km: float | None = None
    cost_kr_year: float | None = None
    sale_value_kr: float | None = None
    exit_cost_kr: float | None = None
    mileage_km: float | None = None
    mileage_day: date | None = None

    def of(self, field: VehicleField) -> Any:
        """The value of a field."""
        return getattr(self, field.value)

    def with_values(self, values: Mapping[VehicleField, Any]) -> "VehicleDetails":
        """The same details with other values of some fields."""
        return replace(self, **{field.value: value for field, value in values.items()})

    def changes_to(self, new: "VehicleDetails") -> dict[VehicleField, Any]:
        """The fields in which `new` differs, with its values."""
        return {field: new.of(field) for field in VehicleField if self.of(field) != new.of(field)}


assert {one.name for one in fields(VehicleDetails)} == {one.value for one in VehicleField}


def faults(details: VehicleDetails, today: date) -> list[FieldFault]:
    """Everything that is wrong with the details of a vehicle, in the order of the fields."""
    found = [*_text_faults(details), *_day_faults(details, today), *_number_faults(details)]
    order: Sequence[VehicleField] = tuple(VehicleField)
    return sorted(found, key=lambda one: order.index(one.field))


def _text_faults(details: VehicleDetails) -> Iterator[FieldFault]:
    for field in REQUIRED:
        if not details.of(field):
            yield FieldFault(field, Fault.EMPTY)
    for field in _TEXTS:
        text = details.of(field) or ""
        if len(text) > TEXT_MAX:
            yield FieldFault(field, Fault.TOO_LONG, most=TEXT_MAX)
        elif text.startswith("="):
            yield FieldFault(field, Fault.FORMULA)
    if details.plate is not None and _PLATE.fullmatch(details.plate) is None:
        yield FieldFault(VehicleField.PLATE, Fault.NO_PLATE)


def _day_faults(details: VehicleDetails, today: date) -> Iterator[FieldFault]:
    for field in _DAYS:
        day: date | None = details.of(field)
        if day is None:
            continue
        if not EARLIEST_DAY <= day <= LATEST_DAY:
            years = float(EARLIEST_DAY.year), float(LATEST_DAY.year)
            yield FieldFault(field, Fault.DAY_TOO_FAR, *years)
        elif field in _PAST_DAYS and day > today:
            yield FieldFault(field, Fault.DAY_IN_FUTURE)
    start, end = details.contract_start, details.contract_end
    # That one of them is too far is the fault to tell.
    if start is not None and end is not None and EARLIEST_DAY <= end < start <= LATEST_DAY:
        yield FieldFault(VehicleField.CONTRACT_END, Fault.END_BEFORE_START)


def _number_faults(details: VehicleDetails) -> Iterator[FieldFault]:
    for field, (least, most) in NUMBER_BOUNDS.items():
        number: float | None = details.of(field)
        if number is None:
            continue
        if least is None and number <= 0:
            yield FieldFault(field, Fault.NOT_POSITIVE)
        elif not (least or 0) <= number <= most:
            yield FieldFault(field, Fault.OUT_OF_BOUNDS, least or 0, most)
    if details.mileage_day is not None and details.mileage_km is None:
        yield FieldFault(VehicleField.MILEAGE_KM, Fault.NO_READING)


def plain_text(text: str) -> str:
    """A text without space around it, and with single spaces in it."""
    return " ".join(text.split())


def plain_plate(text: str) -> str:
    """A registration number in capitals, without the spaces, points and hyphens that people write
    in it."""
    return re.sub(r"[\s.\-·]", "", text).upper()


def shown_plate(plate: str) -> str:
    """A registration number as people read it: `AB 12 345`."""
    danish = _DANISH_PLATE.fullmatch(plate)
    return plate if danish is None else " ".join(danish.groups())
