"""A round begins when the trips of all stored positions are found, and says when they are not."""

import asyncio
from datetime import date

import pytest

from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from fleet.period import Period
from optimiser.rounds.failure import FailureReason
from optimiser.rounds.overview import latest_run
from optimiser.rounds.prepare import prepare_round
from optimiser.rounds.requests import cancel_round, request_round
from tests.conftest import empty_tables
from tests.factories.pilot import load_pilot
from trips.service import TripService

ACTOR = Actor.trusted("test")
PERIOD = Period(date(2026, 9, 28), date(2026, 10, 11))
STORE_AGAIN = """
    UPDATE device_state SET dirty_from = first_ts, dirty_to = last_ts, dirty_since = now()
    WHERE device IN (SELECT device FROM device WHERE vehicle_id IS NOT NULL)"""


@pytest.fixture(scope="module")
async def driven(shared_pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Pool:
    await empty_tables(shared_pool)
    directory = tmp_path_factory.mktemp("pilot")
    await load_pilot(shared_pool, directory, start=PERIOD.first, weeks=2, vehicles=22)
    return shared_pool


async def asked(pool: Pool) -> int:
    """A round that was asked for while the trips of every vehicle are to be found."""
    for table in ("round_part", "round"):
        await pool.execute(f"DELETE FROM {table}")
    await pool.execute(STORE_AGAIN)
    return await request_round(pool, ACTOR, PERIOD)


async def test_a_round_waits_for_the_trips_of_what_is_stored(driven: Pool) -> None:
    round_id = await asked(driven)
    preparing = asyncio.create_task(prepare_round(driven, round_id, Settings.model_validate({})))
    await asyncio.sleep(1.2)
    assert not preparing.done()
    await TripService(driven).refresh()
    assert await preparing


async def test_positions_that_come_meanwhile_are_not_waited_for(driven: Pool) -> None:
    round_id = await asked(driven)
    preparing = asyncio.create_task(prepare_round(driven, round_id, Settings.model_validate({})))
    await asyncio.sleep(0.6)
    # On a busy machine it may not have counted by now what is stored.
    await driven.execute(
        "UPDATE device_state SET dirty_since = now() + interval '1 hour'"
        " WHERE dirty_from IS NOT NULL"
    )
    assert await preparing
    await TripService(driven).refresh()


async def test_a_round_whose_trips_are_not_found_in_time_says_so(driven: Pool) -> None:
    round_id = await asked(driven)
    assert not await prepare_round(driven, round_id, Settings.model_validate({"trips_wait_s": 0}))
    run = await latest_run(driven)
    assert run is not None
    assert run.reason is FailureReason.TRIPS_BEHIND


async def test_nobody_waits_for_a_tracker_that_is_set_aside(driven: Pool) -> None:
    round_id = await asked(driven)
    await driven.execute(
        "INSERT INTO trip_aside (device, trouble, error, retry_at)"
        " SELECT device, 'unexpected', '', now() + interval '1 hour' FROM device_state"
    )
    assert await prepare_round(driven, round_id, Settings.model_validate({"trips_wait_s": 0}))
    await driven.execute("DELETE FROM trip_aside")


async def test_a_round_that_is_cancelled_waits_no_more(driven: Pool) -> None:
    round_id = await asked(driven)
    preparing = asyncio.create_task(prepare_round(driven, round_id, Settings.model_validate({})))
    await asyncio.sleep(0.6)
    await cancel_round(driven, ACTOR, round_id)
    assert not await preparing
