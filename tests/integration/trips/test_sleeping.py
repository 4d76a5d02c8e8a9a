"""Where vehicles stood at night is read from the trips of the trackers that sat in them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from db.connect import Pool
from tests.factories.vehicles import put_cars
from trips.stored.sleeping import NIGHT_RULES, FleetNights, fleet_nights

HOUSE, HOME = (55.70, 12.60), (55.77, 12.50)
LAST = date(2026, 11, 29)


@pytest.fixture
async def fleet(pool: Pool) -> Pool:
    """A depot and two vehicles; d1 sat in V1 until 25 November, and sits in V2 since."""
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', $1, $2, 150)", *HOME)
    await put_cars(pool, "v1", "v2")
    await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d1', 'v2')")
    await pool.execute("INSERT INTO device_seat VALUES ('d1', '2026-11-25', 'v1')")
    return pool


async def drive(pool: Pool, start: datetime, hours: float, end: tuple[float, float]) -> None:
    await pool.execute(
        "INSERT INTO trip (device, start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km)"
        " VALUES ('d1', $1, $2, 0, 0, $3, $4, 1)",
        *(start, start + timedelta(hours=hours), *end),
    )


def known(found: FleetNights) -> dict[str, dict[int, tuple[float, float]]]:
    """The places of each vehicle by the day of November."""
    places: dict[str, dict[int, tuple[float, float]]] = {
        one.vehicle_id: {} for one in found.vehicles
    }
    for night in found.nights:
        places[night.vehicle_id][night.day.day] = (night.lat, night.lon)
    return places


async def test_a_night_is_spent_where_the_last_trip_before_three_ended(fleet: Pool) -> None:
    """Nothing is known before the first trip, and a vehicle on the road does not sleep."""
    await drive(fleet, datetime(2026, 11, 21, 12, tzinfo=UTC), 1, HOUSE)
    await drive(fleet, datetime(2026, 11, 23, 1, tzinfo=UTC), 2, HOME)
    found = await fleet_nights(fleet, [], LAST)
    assert known(found) == {"v1": {22: HOUSE, 24: HOME}, "v2": {}}
    # 23 November: it was on the road at three. From the 25th on no tracker tells of it.


async def test_a_tracker_tells_of_the_vehicle_in_which_it_sat_when_it_drove(fleet: Pool) -> None:
    await drive(fleet, datetime(2026, 11, 24, 12, tzinfo=UTC), 1, HOUSE)
    await drive(fleet, datetime(2026, 11, 26, 12, tzinfo=UTC), 1, HOME)
    every = known(await fleet_nights(fleet, [], LAST))
    assert every == {"v1": {}, "v2": {27: HOME, 28: HOME, 29: HOME}}
    assert known(await fleet_nights(fleet, [], LAST, "v2")) == {"v2": every["v2"]}


async def test_a_vehicle_that_has_not_driven_for_long_is_not_said_to_stand_anywhere(
    fleet: Pool,
) -> None:
    await fleet.execute("DELETE FROM device_seat")
    await drive(fleet, datetime(2026, 10, 20, 12, tzinfo=UTC), 1, HOME)
    nights = known(await fleet_nights(fleet, [], LAST))["v2"]
    last = datetime(2026, 10, 20, 12, tzinfo=UTC) + NIGHT_RULES.stands_for
    assert list(nights) == list(range(16, last.day + 1))
    [one] = [v for v in (await fleet_nights(fleet, [], LAST)).vehicles if v.vehicle_id == "v2"]
    assert (one.nights, one.depot, one.own_depot) == (len(nights), None, "")
