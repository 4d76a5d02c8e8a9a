"""Vehicles in the database, for tests of what their trackers and drivers tell."""

from db.connect import Pool


async def put_cars(
    pool: Pool, *vehicle_ids: str, depot_id: str = "home", measured_in: str = "km"
) -> None:
    """Put cars that belong to a depot which is there; a car is called as its id, in capitals."""
    await pool.execute(
        "INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, source)"
        " VALUES ('car', 'Car', 'petrol', 1, 1, 1, 'test') ON CONFLICT DO NOTHING"
    )
    await pool.execute(
        "INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id, measured_in)"
        " SELECT id, upper(id), 'car', 'd', $2, $3 FROM unnest($1::text[]) id",
        *(vehicle_ids, depot_id, measured_in),
    )
