"""A vehicle's day of driving from a depot."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from db.connect import Pool
from fleet.position import Position

MORNING = datetime(2026, 11, 16, 6, tzinfo=UTC)


DEPOT = (55.77, 12.50)


def day_of_driving(device: str, days: int = 3, hours: Sequence[int] = (2, 5, 9)) -> list[Position]:
    """Each day some visits: out for ten minutes, an hour there, and back; heartbeats between."""
    seen: list[tuple[datetime, float, float]] = []

    def add(ts: datetime, north_km: float, kmh: float) -> None:
        seen.append((ts, north_km, kmh))

    for day in range(days):
        start = MORNING + timedelta(days=day)
        for minute in range(0, 24 * 60, 20):
            ts = start + timedelta(minutes=minute)
            if not any(0 <= minute - 60 * hour <= 90 for hour in hours):
                add(ts, 0, 0)
        for hour in hours:
            leave = start + timedelta(hours=hour)
            for step in range(31):
                add(leave + timedelta(seconds=20 * step), step / 30 * 6, 0 if step == 30 else 36)
            back = leave + timedelta(minutes=75)
            for step in range(31):
                add(back + timedelta(seconds=20 * step), 6 - step / 30 * 6, 0 if step == 30 else 36)
    seen.sort()
    ran_s = accumulate(20 if kmh else 0 for _, _, kmh in seen)
    return [
        Position(
            device=device,
            ts=ts,
            lat=DEPOT[0] + north_km / 111.195,
            lon=DEPOT[1],
            speed_kmh=kmh,
            engine_hours_h=100 + s / 3600,
        )
        for (ts, north_km, kmh), s in zip(seen, ran_s, strict=True)
    ]


async def tables(pool: Pool) -> list[list[tuple[object, ...]]]:
    """All that is found from positions, but for the number that a round trip is given."""
    names = ("trip", "round_trip", "engine_session", "device_day")
    found = [await pool.fetch(f"SELECT * FROM {name} ORDER BY 1, 2") for name in names]
    return [
        [tuple(value for name, value in row.items() if name != "trip_number") for row in rows]
        for rows in found
    ]
