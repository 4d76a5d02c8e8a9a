"""How a vehicle is held, as the register has it."""

from datetime import date
from typing import Any

import pytest

from optimiser.transition.contracts import Contract, Holding, contract_of
from register.inventory.details import VehicleDetails

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("registered", "expected"),
    [
        (
            {"contract_end": date(2027, 6, 30), "cost_kr_year": 40_000.0},
            Contract(holding=Holding.LEASED, end=date(2027, 6, 30), notice_by=date(2027, 3, 31)),
        ),
        # A contract of today has its last day today.
        (
            {"contract_end": TODAY},
            Contract(holding=Holding.LEASED, end=TODAY, notice_by=date(2026, 8, 31)),
        ),
        (
            {"contract_end": date(2026, 11, 29), "sale_value_kr": 10_000.0},
            Contract(holding=Holding.ENDED, end=date(2026, 11, 29)),
        ),
        ({"cost_kr_year": 40_000.0}, Contract(holding=Holding.NO_END)),
        ({"sale_value_kr": 0.0}, Contract(holding=Holding.OWNED)),
        ({}, Contract(holding=Holding.UNKNOWN)),
        ({"exit_cost_kr": 9_000.0}, Contract(holding=Holding.UNKNOWN)),
    ],
)
def test_a_contract_is_what_the_register_has(
    registered: dict[str, Any], expected: Contract
) -> None:
    details = VehicleDetails(
        name="Bil", kind="car", department="Pleje", depot_id="nord", **registered
    )
    assert contract_of(details, TODAY, 3) == expected
