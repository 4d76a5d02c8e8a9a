"""What a program reads it can write back: nothing of it is refused, and nothing becomes another."""

from typing import Any

import pytest

from db.connect import Pool
from register.devices import enrol_device
from tests.factories.actors import SOMEBODY
from tests.factories.program import Program

#: What a change counts or dates, and so tells that there was one.
COUNTED = {"revision", "at", "named_at", "named_by", "actor"}

#: Each resource that is one, and how it is written.
RESOURCES = [
    ("PUT", "/v1/municipality", "/v1/municipality"),
    ("PATCH", "/v1/vehicles/v1", "/v1/vehicles/v1"),
    ("PUT", "/v1/vehicles/v1/trip-class", "/v1/vehicles/v1/trip-class"),
    ("PUT", "/v1/depots/home", "/v1/depots/home"),
    ("PUT", "/v1/depots/gaard", "/v1/depots/gaard"),
    ("POST", "/v1/devices", "/v1/devices/d1"),
    ("PUT", "/v1/devices/d1/networks", "/v1/devices/d1/networks"),
    ("POST", "/v1/closing-days", "/v1/closing-days/2026-12-23"),
    ("PUT", "/v1/kinds/car", "/v1/kinds/car"),
    ("PUT", "/v1/kinds/elbil-lille", "/v1/kinds/elbil-lille"),
    ("PUT", "/v1/capabilities", "/v1/capabilities"),
    ("PUT", "/v1/assumptions/diesel_kr_l", "/v1/assumptions/diesel_kr_l"),
    ("PUT", "/v1/purchase-principles/green", "/v1/purchase-principles/green"),
    ("PUT", "/v1/milestones/markedsdialog", "/v1/milestones/markedsdialog"),
]

#: Each list whose items are written as they were read.
HISTORIES = [
    ("/v1/vehicles/v1/rulings", "/v1/vehicles/v1/rulings"),
    ("/v1/vehicles/v1/private", "/v1/vehicles/v1/private"),
    ("/v1/devices/d1/vehicles", "/v1/devices/d1/vehicles"),
]


@pytest.fixture
async def filled(program: Program, pool: Pool) -> Program:
    """The program's system with one of each resource."""
    corners = [[12.4, 55.5], [12.5, 55.5], [12.5, 55.6], [12.4, 55.5]]
    await program.done("POST", "/v1/depots", {"id": "gaard", "name": "G", "polygon": [corners]})
    await enrol_device(pool, SOMEBODY, "d1", "v1")
    day = {"day": "2026-12-23", "name": "Lille juleaften", "source": "Aftale 2026"}
    await program.done("POST", "/v1/closing-days", day)
    ruling = {"ruling": "stay", "needs": None, "reason": "Kører hver dag"}
    await program.done("POST", "/v1/vehicles/v1/rulings", ruling)
    private = {"begins": "2026-11-01T06:00:00Z", "ends": "2026-11-01T08:00:00Z"}
    await program.done("POST", "/v1/vehicles/v1/private", private)
    change = {"revision": 1, "plate": "AB12345", "contract_end": "2028-12-31", "mileage_km": 1.5}
    revision = (await program.get("/v1/vehicles/v1"))["revision"]
    change |= {"revision": revision, "mileage_day": "2026-11-01"}
    await program.done("PATCH", "/v1/vehicles/v1", change)
    return program


def without_counts(told: Any) -> Any:
    """What an answer tells but for what a change counts."""
    if isinstance(told, dict):
        return {name: without_counts(one) for name, one in told.items() if name not in COUNTED}
    return list(map(without_counts, told)) if isinstance(told, list) else told


@pytest.mark.parametrize(("method", "written", "read"), RESOURCES, ids=lambda one: str(one))
async def test_a_resource_is_written_back_as_it_was_read(
    filled: Program, method: str, written: str, read: str
) -> None:
    before = await filled.get(read)
    after = await filled.done(method, written, before)
    assert without_counts(after) == without_counts(before)
    assert without_counts(await filled.get(read)) == without_counts(before)


@pytest.mark.parametrize(("written", "read"), HISTORIES)
async def test_an_entry_of_a_history_is_written_back_as_it_was_read(
    filled: Program, written: str, read: str
) -> None:
    before = (await filled.get(read))["items"]
    assert before
    for entry in before:
        await filled.done("POST", written, entry)


async def test_a_vehicle_and_a_depot_that_were_read_are_added_again_elsewhere(
    filled: Program,
) -> None:
    """So a program copies one system to another."""
    vehicle = await filled.get("/v1/vehicles/v1")
    copy = vehicle | {"id": "v2", "name": "V2", "plate": None}
    added = await filled.done("POST", "/v1/vehicles", copy)
    assert without_counts(added) == without_counts(copy)
    depot = await filled.get("/v1/depots/home")
    copy = depot | {"id": "away", "name": "Ude", "lat": 55.9}
    added = await filled.done("POST", "/v1/depots", copy)
    assert without_counts(added) == without_counts(copy)
    kind = await filled.get("/v1/kinds/car")
    copy = kind | {"id": "car-2", "name": "Car 2"}
    added = await filled.done("POST", "/v1/kinds", copy)
    assert without_counts(added) == without_counts(copy)
