"""What may be registered of a vehicle, and how far it has driven of what its contract allows."""

from datetime import date
from typing import Any

import pytest

from register.inventory.allowance import allowance
from register.inventory.details import (
    Fault,
    VehicleField,
    faults,
    plain_plate,
    shown_plate,
)
from tests.factories.inventory import a_van

TODAY = date(2026, 11, 29)


def test_a_whole_vehicle_has_no_faults() -> None:
    assert faults(a_van(), TODAY) == []


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        (VehicleField.NAME, "", Fault.EMPTY),
        (VehicleField.NAME, "=A1", Fault.FORMULA),
        (VehicleField.MAKE, "x" * 101, Fault.TOO_LONG),
        (VehicleField.PLATE, "AB?12345", Fault.NO_PLATE),
        (VehicleField.FIRST_REGISTERED, date(2026, 11, 30), Fault.DAY_IN_FUTURE),
        (VehicleField.MILEAGE_DAY, date(2026, 11, 30), Fault.DAY_IN_FUTURE),
        (VehicleField.CONTRACT_END, date(2022, 1, 1), Fault.END_BEFORE_START),
        (VehicleField.CONTRACT_END, date(2926, 1, 1), Fault.DAY_TOO_FAR),
        (VehicleField.CONTRACT_KM, 0.0, Fault.NOT_POSITIVE),
        (VehicleField.COST_KR_YEAR, -1.0, Fault.OUT_OF_BOUNDS),
        (VehicleField.MILEAGE_KM, 5e6, Fault.OUT_OF_BOUNDS),
        (VehicleField.MILEAGE_KM, None, Fault.NO_READING),
        (VehicleField.MODEL_YEAR, 23, Fault.OUT_OF_BOUNDS),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    field: VehicleField, value: object, fault: Fault
) -> None:
    found = faults(a_van().with_values({field: value}), TODAY)
    assert [(one.field, one.fault) for one in found] == [(field, fault)]


def test_a_registration_number_is_one_however_it_is_written() -> None:
    assert {plain_plate(text) for text in ("AB 12 345", "ab12345", "AB-12.345 ")} == {"AB12345"}
    assert shown_plate("AB12345") == "AB 12 345"
    assert shown_plate("HJEMME1") == "HJEMME1"


def test_half_of_the_contract_allows_half_of_its_km() -> None:
    found = allowance(a_van())
    assert found is not None
    assert found.allowed_by_then_km == pytest.approx(40_000, rel=0.001)
    assert found.at_end_km == pytest.approx(82_000, rel=0.001)
    assert found.beyond_km == pytest.approx(2_000, rel=0.05)


@pytest.mark.parametrize(
    "unknown",
    [
        {"mileage_day": None},
        {"contract_km": None},
        {"contract_end": None},
        {"mileage_day": date(2022, 1, 1)},
        {"first_registered": date(2020, 1, 1)},
    ],
)
def test_an_allowance_that_cannot_be_told_is_not_told(unknown: dict[str, Any]) -> None:
    assert allowance(a_van(**unknown)) is None
