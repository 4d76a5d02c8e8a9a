"""What rounds of proposals keep says nothing of single trips that were private, or whose time is
over; what was decided on, and its figures, stay."""

import asyncio
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from fleet.files.own_process import ReadingBounds
from fleet.period import Period
from optimiser.model.remark import in_english
from optimiser.parts.part_plan import read_part_plan
from optimiser.rounds.basis import round_notes
from optimiser.rounds.requests import request_round
from optimiser.studies.study import read_study
from optimiser.workers import Workers
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from tests.factories.actors import SOMEBODY
from tests.factories.locks import until_waiting
from tests.factories.rounds import answer_round, run_round
from tests.factories.vehicles import put_cars
from trips.ageing import age_trips
from trips.driving_log.log_headings import guess_columns
from trips.driving_log.log_import import import_log
from trips.driving_log.log_row import LogLimits
from trips.driving_log.log_sheet import read_sheet

PERIOD = Period(date(2026, 10, 5), date(2026, 10, 16))
NOW = datetime(2026, 11, 20, tzinfo=UTC)
#: The evening of a car's own, the longest time that anybody was out, and faster than can be.
EVENING = datetime(2026, 10, 7, 16, 17, tzinfo=UTC)
PRIVATE = PrivatePeriod(EVENING - timedelta(minutes=17), EVENING + timedelta(hours=6))

#: Moments as anything of ours would write them, UTC and local.
TOLD = re.compile(r"2026-10-07[T ](16:17|18:17|20:41|22:41)")

ROUNDS = ("round", "round_part", "proposal", "procrastinate_jobs")


@pytest.fixture
async def fleet(pool: Pool) -> Pool:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1", "v2")
    await pool.execute("UPDATE vehicle_kind SET fixed_kr_year = 30000")
    rows = ["Bil;Start;Slut;Km"]
    for number in range(10):
        day = date(2026, 10, 5) + timedelta(days=number)
        rows.append(f"v1;{day} 08:00;{day} 09:00;10")
        rows.append(f"v2;{day} 12:00;{day} 13:00;10")
    rows += ["v1;2026-10-07 18:17;2026-10-07 22:41;33", "v2;2026-10-07 19:00;2026-10-07 20:00;140"]
    sheet = read_sheet("log.csv", "\n".join(rows).encode(), ReadingBounds())
    limits = LogLimits(now=NOW, speed_max_kmh=200)
    done = await import_log(pool, SOMEBODY, sheet, guess_columns(sheet), "log.csv", limits)
    assert done.trips == 22
    return pool


@pytest.fixture
def quick(settings: Settings) -> Settings:
    """Of the two cars one may go, as nobody asks for one while the other is in the workshop."""
    return settings.model_copy(
        update={
            "optimiser_seconds_max": 3.0,
            "study_seconds_max": 1.0,
            "curve_solves": 2,
            "workshop_ready": False,
        }
    )


async def text_of(pool: Pool, *tables: str) -> str:
    rows = [await pool.fetch(f"SELECT t::text AS text FROM {table} t") for table in tables]
    return "\n".join(row["text"] for own in rows for row in own)


async def figures(pool: Pool) -> list[object]:
    """What people decide on: money, tonnes and counts."""
    parts = await pool.fetch("SELECT part_plan, study FROM round_part")
    answers = [read_part_plan(row["part_plan"]) for row in parts]
    proposals = await pool.fetch("SELECT * FROM proposal ORDER BY rank")
    return [
        [(p.cost_kr_year, p.lower_bound_kr_year, p.fleet_plan["fleet"]) for p in answers],
        [[(d.baseline, d.proposed, d.peak, d.changes) for d in p.depots] for p in answers],
        [
            (p["saving_kr_year"], p["key"], p["content"] | {"tight_days": None}, p["rank"])
            for p in proposals
        ],
        [row["summary"] for row in await pool.fetch("SELECT summary FROM round")],
        [row["study"] and read_study(row["study"]) for row in parts],
    ]


async def tight_days(pool: Pool) -> set[str]:
    rows = await pool.fetch("SELECT content FROM proposal")
    return {day for row in rows for day in row["content"]["tight_days"]}


async def told_days(pool: Pool) -> set[str]:
    """The days that anything of a round names, of whichever vehicle."""
    [part] = await pool.fetch("SELECT part_plan FROM round_part")
    answer = read_part_plan(part["part_plan"])
    days = {tight.day for depot in answer.depots for tight in depot.tight_days}
    days |= {day for decision in answer.decisions for day in decision.tight_days}
    return {day.isoformat() for day in days} | await tight_days(pool)


async def notes(pool: Pool) -> list[str]:
    round_id = await pool.fetchval("SELECT max(round_id) FROM round")
    return [in_english(note) for note in await round_notes(pool, round_id)]


async def test_a_round_keeps_nothing_of_a_period_that_is_set_after_it(
    fleet: Pool, quick: Settings, database_url: str
) -> None:
    round_id = await request_round(fleet, Actor.trusted("x"), PERIOD)
    await run_round(database_url, fleet, round_id, quick)
    assert "v1 2026" not in await text_of(fleet, *ROUNDS)
    before = await figures(fleet)
    assert "2026-10-07" in await tight_days(fleet)
    assert await notes(fleet) == [
        "trip 'V2 2026-10-07T17:00:00Z': 140 km/h on average; it is taken as it stands"
    ]
    for vehicle in ("v1", "v2"):
        await set_private(fleet, Actor.trusted("x"), vehicle, PRIVATE)
    assert not TOLD.search(await text_of(fleet, *ROUNDS, "round_trip", "trip"))
    days = await told_days(fleet)
    assert days
    assert "2026-10-07" not in days
    assert await figures(fleet) == before
    [note] = await notes(fleet)
    assert note.startswith("trip 'a trip that is no longer kept': 140 km/h ")


@pytest.mark.parametrize("vehicle", ["v1", "v2"])
async def test_the_neighbours_of_a_private_vehicle_tell_nothing_of_its_days(
    fleet: Pool, quick: Settings, workers: Workers, vehicle: str
) -> None:
    """Whichever of the two the round proposes to part with."""
    round_id = await request_round(fleet, Actor.trusted("x"), PERIOD)
    await answer_round(fleet, round_id, quick, workers)
    before, days = await figures(fleet), await told_days(fleet)
    assert "2026-10-07" in days
    await set_private(fleet, Actor.trusted("x"), vehicle, PRIVATE)
    # It ends at 00:17.
    assert await told_days(fleet) == days - {"2026-10-07", "2026-10-08"}
    assert await figures(fleet) == before


async def test_a_period_that_is_set_while_a_round_is_answered_is_gone_from_it(
    fleet: Pool, quick: Settings, database_url: str
) -> None:
    """Whatever the moment: the answer was read with it, and is stored after it was swept."""
    round_id = await request_round(fleet, Actor.trusted("x"), PERIOD)
    running = asyncio.create_task(run_round(database_url, fleet, round_id, quick))
    while not await fleet.fetchval("SELECT count(*) FROM round_part"):  # noqa: ASYNC110 - a table
        await asyncio.sleep(0.01)
    async with fleet.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM round FOR UPDATE")
        await until_waiting(fleet)  # the worker is about to store the answer
        for vehicle in ("v1", "v2"):
            await set_private(fleet, Actor.trusted("x"), vehicle, PRIVATE)
        assert not await fleet.fetchval("SELECT bool_or(part_plan IS NOT NULL) FROM round_part")
    await running
    assert await fleet.fetchval("SELECT state FROM round") == "done"
    assert not TOLD.search(await text_of(fleet, *ROUNDS))
    assert await tight_days(fleet)
    assert "2026-10-07" not in await tight_days(fleet)


async def test_single_days_go_from_rounds_with_the_trips(
    fleet: Pool, quick: Settings, workers: Workers
) -> None:
    round_id = await request_round(fleet, Actor.trusted("x"), PERIOD)
    await answer_round(fleet, round_id, quick, workers)
    before = await figures(fleet)
    days = await tight_days(fleet)
    kept = {"exact_days": 0, "round_m": 100.0}
    await age_trips(fleet, NOW, **kept, keep_days=60)
    assert await tight_days(fleet) == days
    cutoff = datetime(2026, 10, 9, 12, tzinfo=UTC)
    for _ in range(2):
        await age_trips(fleet, cutoff + timedelta(days=60), **kept, keep_days=60)
        assert await tight_days(fleet) == {day for day in days if day >= "2026-10-09"}
        assert not re.search(r"2026-10-0[78]", await text_of(fleet, "round_part", "proposal"))
        assert await figures(fleet) == before
    await age_trips(fleet, NOW + timedelta(days=365), **kept, keep_days=60)
    assert await tight_days(fleet) == set()
    assert await figures(fleet) == before
