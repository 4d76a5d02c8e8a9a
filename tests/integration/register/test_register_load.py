"""A register file is loaded with the questions that the pages ask, and with the same history."""

import json
from typing import Any

import pytest

from db.connect import Pool
from fleet.localtime import local_now
from register.inventory.changes import retire_vehicle
from register.places.doubts import DoubtfulPlaceError
from register.register_file import Register, RegisterError, load_register
from register.zones_stored import zones
from tests.factories.actors import SOMEBODY
from tests.unit.register.test_register_file import DEPOT, VEHICLE

BESIDE = DEPOT | {"id": "torv", "name": "Torvet", "lat": 55.7705}


def register(*vehicles: dict[str, Any], depots: tuple[dict[str, Any], ...] = (DEPOT,)) -> Register:
    content = {"depots": depots, "catalogue": [], "vehicles": vehicles}
    return Register.model_validate_json(json.dumps(content))


async def test_depots_that_overlap_or_lie_abroad_are_asked_about_and_nothing_is_stored(
    pool: Pool,
) -> None:
    abroad = DEPOT | {"id": "malmo", "name": "Malmø", "lat": 55.6, "lon": 13.0}
    for doubtful, why in ((BESIDE, "lies in other depots: Gården"), (abroad, "not in Denmark")):
        found = register(VEHICLE, depots=(DEPOT, doubtful))
        with pytest.raises(DoubtfulPlaceError, match=why):
            await load_register(pool, found)
        assert await zones(pool) == []
        assert await pool.fetchval("SELECT count(*) FROM vehicle") == 0
        await load_register(pool, found, confirmed=True)
        # The same file again moves nothing, so that nothing is asked.
        await load_register(pool, found)
        await pool.execute("DELETE FROM device; DELETE FROM vehicle; DELETE FROM zone")


async def test_a_depot_of_a_file_keeps_what_the_file_does_not_say_and_has_a_history(
    pool: Pool,
) -> None:
    await load_register(pool, register(VEHICLE))
    await pool.execute("UPDATE zone SET charge_points = 6, active_from = '2026-01-01'")
    await load_register(pool, register(VEHICLE, depots=(DEPOT | {"name": "Den nye gård"},)))
    [zone] = await zones(pool)
    assert (zone.name, zone.charge_points, str(zone.active_from)) == (
        *("Den nye gård", 6),
        "2026-01-01",
    )
    history = await pool.fetch("SELECT * FROM register_change WHERE subject = 'zone'")
    assert len(history) == 2


async def test_a_retired_vehicle_is_not_changed_by_a_file(pool: Pool) -> None:
    await load_register(pool, register(VEHICLE))
    await retire_vehicle(pool, SOMEBODY, "LTK-1", local_now().date())
    await load_register(pool, register(VEHICLE))
    with pytest.raises(RegisterError, match="taken back first if they are in use: LTK-1"):
        await load_register(pool, register(VEHICLE | {"name": "Store hvide"}))
    row = await pool.fetchrow("SELECT name, retired_at FROM vehicle")
    assert row is not None
    assert tuple(row) == ("Lille hvide", local_now().date())


async def test_what_the_pages_note_is_returned(pool: Pool) -> None:
    first = await load_register(pool, register(VEHICLE))
    assert (first.alike, first.ended, first.falling) == ([], [], [])
    again = VEHICLE | {"mileage_km": 84_000}
    other = VEHICLE | {"vehicle_id": "LTK-2", "device": None, "contract_end": "2020-01-31"}
    found = await load_register(pool, register(again, other))
    assert (found.alike, found.ended, found.falling) == (
        *(["Lille hvide"], ["Lille hvide"]),
        ["Lille hvide"],
    )
