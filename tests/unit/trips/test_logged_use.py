"""Use of the vehicles of a log: what their measure is, and which days it tells of."""

from datetime import UTC, date, datetime, timedelta

from fleet.period import Period
from trips.driving_log.log_row import LoggedTrip
from trips.use.use_of_log import LoggedVehicle, use_in_log

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_a_machine_has_no_km_anywhere() -> None:
    """Its measure is engine hours, whatever its log tells of its way to work."""
    start = datetime(2026, 11, 2, 8, tzinfo=UTC)
    trips = [
        LoggedTrip(row, vehicle_id, start, start + timedelta(hours=2), 12.0)
        for row, vehicle_id in enumerate(("car", "digger"), start=2)
    ]
    register = {
        name: LoggedVehicle(vehicle_id=name, name=name, by_hours=name == "digger")
        for name in ("car", "digger")
    }
    period = Period(date(2026, 11, 2), date(2026, 11, 2))
    used = use_in_log(register, trips, period, 0.8, NOW)
    assert [(v.vehicle.by_hours, v.figures.km) for v in used.vehicles] == [
        (False, 12.0),
        (True, 0.0),
    ]
    assert used.together().km == 12.0
    assert [v.figures.longest_km.value for v in used.vehicles] == [12.0, 0.0]
