"""Two vehicles of one name are told apart wherever they are shown, alike for everybody."""

from datetime import UTC, datetime, timedelta

import pytest

from db.connect import Pool
from db.scope.seen import seen_by
from fleet.localtime import local_now
from fleet.period import Period
from register.contact import ContactLimits, trackers
from register.vehicles import driven_vehicles, vehicle_name, vehicles
from trips.stored.sleeping import fleet_nights

FLEET = """
INSERT INTO depot VALUES ('home', 'Gården', 55.77, 12.5, 150), ('away', 'Havnen', 55.9, 12.4, 150);
INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, source)
    VALUES ('car', 'Bil', 'petrol', 30000, 1, 100, 'x');
INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id, plate) VALUES
    ('one', 'Bil 1', 'car', 'Vej', 'home', 'AB10000'),
    ('plate-a', 'Bil 2', 'car', 'Vej', 'home', 'AB12345'),
    ('plate-b', 'bil 2', 'car', 'Park', 'home', 'CD67890'),
    ('depot-a', 'Bil 3', 'car', 'Vej', 'home', NULL),
    ('depot-b', 'Bil 3', 'car', 'Vej', 'away', NULL),
    ('department-a', 'Bil 4', 'car', 'Vej', 'home', NULL),
    ('department-b', 'Bil 4', 'car', 'Park', 'home', NULL),
    ('id-a', 'Bil 5', 'car', 'Vej', 'home', NULL),
    ('id-b', 'Bil 5', 'car', 'Vej', 'home', NULL);
INSERT INTO device (device, vehicle_id) SELECT vehicle_id || '-d', vehicle_id FROM vehicle;
"""

SHOWN = {
    "one": "Bil 1",
    "plate-a": "Bil 2 (AB12345)",
    "plate-b": "bil 2 (CD67890)",
    "depot-a": "Bil 3 (Gården)",
    "depot-b": "Bil 3 (Havnen)",
    "department-a": "Bil 4 (Vej)",
    "department-b": "Bil 4 (Park)",
    "id-a": "Bil 5 (id-a)",
    "id-b": "Bil 5 (id-b)",
}


@pytest.fixture
async def fleet(pool: Pool) -> Pool:
    await pool.execute(FLEET)
    return pool


async def test_what_tells_two_vehicles_of_a_name_apart_stands_behind_it(fleet: Pool) -> None:
    now = datetime.now(UTC)
    period = Period(local_now().date() - timedelta(days=7), local_now().date())
    assert {one.vehicle_id: one.name for one in await vehicles(fleet)} == SHOWN
    assert {one: await vehicle_name(fleet, one) for one in SHOWN} == SHOWN
    # A round calculates these, and keeps their names in its proposals.
    assert {one.vehicle_id: one.name for one in await driven_vehicles(fleet, period)} == SHOWN
    heard = await trackers(fleet, ContactLimits(3.0, 600.0, 24.0), now)
    assert {one.vehicle_id: one.vehicle_name for one in heard} == SHOWN
    asleep = await fleet_nights(fleet, [], local_now().date())
    assert {one.vehicle_id: one.name for one in asleep.vehicles} == SHOWN


async def test_the_head_of_a_department_is_shown_their_own_in_the_same_words(fleet: Pool) -> None:
    with seen_by(frozenset({"Park"})):
        own = {one.vehicle_id: one.name for one in await vehicles(fleet)}
        shown = await fleet.fetch("SELECT vehicle_id FROM vehicle_shown")
    assert own == {one: SHOWN[one] for one in ("plate-b", "department-b")}
    assert {row["vehicle_id"] for row in shown} == set(own)
