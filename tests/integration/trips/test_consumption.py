"""Consumption is learned from what trackers sent, and nothing of it from private time."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from math import cos, pi
from pathlib import Path

import pytest

from costs.assumptions import FigureKey, shipped_assumptions
from costs.basis import read_basis
from costs.catalogue import CatalogueKind, Specification
from costs.catalogue_stored import put_kind
from costs.measured_range import Level, MonthUse
from costs.measured_stored import measured_by_kind
from db.connect import Pool
from fleet.actor import Actor
from fleet.position import Position
from fleet.vehicle import Energy
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from simulators.dispatch import MID_JANUARY
from simulators.municipality import load_municipality
from tests.factories.pilot import load_pilot
from tests.factories.private_vehicles import add_vehicle, rows
from tests.factories.writers import writing
from trips.consumption.learning import learn_kinds, read_levels, vehicle_uses
from trips.service import TripService

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
MORNING = datetime(2026, 11, 10, 7, tzinfo=UTC)
JULY = datetime(2026, 7, 20, 7, tzinfo=UTC)
ELECTRIC = CatalogueKind(
    kind="electric",
    name="Elbil",
    energy=Energy.ELECTRIC,
    figures=Specification(
        price_kr=200_000, wltp_use_100km=15, wltp_range_km=400, battery_kwh=50, charge_kw=10
    ),
    source="tilbud",
    year=2026,
)
FIGURES = shipped_assumptions().at(2026)


def drive(
    device: str,
    start: datetime,
    *,
    km: int,
    battery: float | None = None,
    range_km: float = 200,
    tank: float | None = None,
) -> list[Position]:
    """Ten minutes standing, `km` at 60 km/h, ten minutes standing, a fix every 20 s.

    `battery` and `tank` are the levels at the start in per cent, told in whole ones.
    """
    found: list[Position] = []
    for second in range(-600, 60 * km + 600, 20):
        driven = min(max(second, 0), 60 * km) / 60
        used = driven * 100 / range_km
        found.append(
            Position(
                device=device,
                ts=start + timedelta(seconds=second),
                lat=55.77 + driven / 111.2,
                lon=12.5,
                satellites=9,
                soc_pct=None if battery is None else float(int(battery - used)),
                fuel_pct=None if tank is None else float(int(tank - used)),
            )
        )
    return found


async def put(pool: Pool, positions: Sequence[Position]) -> None:
    async with writing(pool) as writer:
        await writer.store(positions, [])
    await TripService(pool).refresh()


async def learn(pool: Pool) -> None:
    await read_levels(pool, NOW)
    await learn_kinds(pool, NOW)


async def of_kind(pool: Pool, vehicle_id: str, kind: CatalogueKind) -> None:
    await put_kind(pool, Actor.trusted("x"), kind)
    await pool.execute("UPDATE vehicle SET kind = $2 WHERE vehicle_id = $1", vehicle_id, kind.kind)


async def test_a_round_plans_with_the_range_that_was_measured(pool: Pool) -> None:
    """Four trips of 40 km in July at 250 km, and sixteen of them in November at 200 km."""
    await add_vehicle(pool, "v1", "d1")
    await of_kind(pool, "v1", ELECTRIC)
    before = (await read_basis(pool, 2026)).kinds["electric"]
    assert before.charge_km_h is not None
    assert before.range_km is not None
    assert before.range_km == 400 * FIGURES[FigureKey.WINTER_RANGE_OVER_WLTP]
    for number in range(16):
        start = MORNING + number * 6 * HOUR
        await put(pool, drive("d1", start, km=40, battery=99.5))
    for number in range(4):
        await put(pool, drive("d1", JULY + number * 6 * HOUR, km=40, battery=90, range_km=250))
    await learn(pool)
    [autumn, summer] = sorted(
        await vehicle_uses(pool, "v1", Level.BATTERY, NOW), key=lambda use: -use.month
    )
    assert (autumn.month, autumn.trips, summer.month, summer.trips) == (11, 16, 7, 4)
    assert autumn.km == pytest.approx(640, rel=0.03)
    measured = (await measured_by_kind(pool, FIGURES, Level.BATTERY))["electric"]
    assert measured.otherwise is None, "160 km of a season are too few"
    assert measured.winter is not None
    assert measured.winter.range_km == pytest.approx(200, rel=0.03)
    after = (await read_basis(pool, 2026)).kinds["electric"]
    assert after.range_km is not None
    assert after.range_km == measured.winter.range_km
    assert after.charge_km_h == pytest.approx(before.charge_km_h * after.range_km / before.range_km)
    assert (after.fixed_kr_year, after.kr_km) == (before.fixed_kr_year, before.kr_km)


async def test_what_the_vehicles_of_a_pilot_use_is_found(pool: Pool, tmp_path: Path) -> None:
    """In November an electric vehicle of the pilot uses more than in July, a petrol one does not.
    The share by which it does is that of the middle of the two weeks."""
    await load_pilot(pool, tmp_path, start=date(2026, 11, 2), weeks=2, vehicles=22)
    town = load_municipality()
    kinds, extra = town.kinds(), town.figures.winter_use_extra.value
    middle = date(2026, 11, 9).timetuple().tm_yday
    winter = (1 + cos(2 * pi * (middle - MID_JANUARY) / 365.25)) / 2
    await learn(pool)
    found: dict[str, float] = {}
    for row in await pool.fetch("SELECT kind, km, pct FROM kind_consumption WHERE km > 200"):
        kind = kinds[row["kind"]]
        more = extra * winter if kind.energy == "electric" else 0
        real = kind.store / kind.use_km / (1 + more)
        found[kind.type] = 100 * row["km"] / row["pct"] / real
    assert found.keys() >= {"lille elbil", "elvarebil", "lille benzinbil"}
    assert list(found.values()) == pytest.approx([1] * len(found), abs=0.03)


async def test_what_happens_between_trips_is_not_learned(pool: Pool) -> None:
    """The vehicle stands for five hours and is charged, or loses what it has."""
    await add_vehicle(pool, "v1", "d1")
    for number, battery in enumerate((90.1, 95.4, 40.6, 99.9)):
        await put(pool, drive("d1", MORNING + number * 6 * HOUR, km=40, battery=battery))
    await learn(pool)
    [use] = await vehicle_uses(pool, "v1", Level.BATTERY, NOW)
    assert 100 * use.km / use.pct == pytest.approx(200, rel=0.03)


async def test_trips_while_a_tracker_says_that_it_charges_are_not_learned(pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")
    await put(pool, drive("d1", MORNING, km=40, battery=90))
    await pool.execute("UPDATE position SET charging = true")
    assert await read_levels(pool, NOW) == 1
    assert await vehicle_uses(pool, "v1", Level.BATTERY, NOW) == []
    assert await read_levels(pool, NOW) == 0, "a trip is read once"


async def test_of_a_tank_the_km_on_a_full_one_are_known(pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")
    for number, tank in enumerate((90.2, 90.5, 90.8)):
        await put(pool, drive("d1", MORNING + number * 6 * HOUR, km=60, tank=tank, range_km=600))
    await learn(pool)
    [use] = await vehicle_uses(pool, "v1", Level.TANK, NOW)
    assert (use.month, use.trips) == (11, 3)
    assert 100 * use.km / use.pct == pytest.approx(600, rel=0.05)
    assert await vehicle_uses(pool, "v1", Level.BATTERY, NOW) == []


async def test_a_vehicle_without_levels_teaches_nothing(pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")
    await put(pool, drive("d1", MORNING, km=40))
    assert await read_levels(pool, NOW) == 1
    await learn_kinds(pool, NOW)
    assert await rows(pool, "kind_consumption") == 0


async def test_what_was_driven_in_private_is_not_learned_from(pool: Pool) -> None:
    """The private trip takes three times as much; at once nothing is known of the kind, and what is
    learned again is without it."""
    await add_vehicle(pool, "v1", "d1")
    await of_kind(pool, "v1", ELECTRIC)
    heavy = MORNING + 6 * HOUR
    await put(
        pool,
        [
            *drive("d1", MORNING, km=40, battery=90),
            *drive("d1", heavy, km=40, battery=90, range_km=67),
        ],
    )
    await learn(pool)
    [both] = await vehicle_uses(pool, "v1", Level.BATTERY, NOW)
    assert both.trips == 2
    assert await rows(pool, "kind_consumption") == 1
    await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(heavy - HOUR, heavy + 3 * HOUR))
    assert await rows(pool, "kind_consumption") == 0
    await learn(pool)
    [alone] = await vehicle_uses(pool, "v1", Level.BATTERY, NOW)
    assert alone.trips == 1
    assert 100 * alone.km / alone.pct == pytest.approx(200, rel=0.05)
    kept = await pool.fetchrow("SELECT month, km, pct, trips FROM kind_consumption")
    assert kept is not None
    assert MonthUse(*kept) == alone


async def test_only_weeks_that_are_over_are_told_of(pool: Pool) -> None:
    """Else the figures of two days would tell what a vehicle did on one."""
    await add_vehicle(pool, "v1", "d1")
    sunday, monday = (datetime(2026, 11, day, 7, tzinfo=UTC) for day in (22, 23))
    for start in (sunday, monday):
        await put(pool, drive("d1", start, km=40, battery=90))
    await learn(pool)
    for day, trips in ((NOW, 1), (NOW + 12 * HOUR, 2)):
        [use] = await vehicle_uses(pool, "v1", Level.BATTERY, day)
        assert use.trips == trips


@pytest.mark.parametrize("private", [False, True])
async def test_the_tank_is_not_compared_over_private_time(pool: Pool, private: bool) -> None:
    """Between two trips that begin and end at one place a private one took 6 % of the tank, which
    would be no more than noise."""
    await add_vehicle(pool, "v1", "d1")
    for number, tank in enumerate((90.5, 74.5)):
        start = MORNING + number * 8 * HOUR
        there = drive("d1", start, km=30, tank=tank, range_km=600)
        back = [
            Position(
                device="d1",
                ts=one.ts + 2 * HOUR,
                lat=2 * 55.77 + 30 / 111.2 - one.lat,
                lon=12.5,
                satellites=9,
                fuel_pct=None if one.fuel_pct is None else one.fuel_pct - 5,
            )
            for one in there
        ]
        await put(pool, [*there, *back])
    if private:
        between = MORNING + 5 * HOUR
        await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(between, between + HOUR))
        await TripService(pool).refresh()
    await learn(pool)
    [use] = await vehicle_uses(pool, "v1", Level.TANK, NOW)
    assert use.trips == 4
    assert use.pct == pytest.approx(20 if private else 26, abs=1.5)
