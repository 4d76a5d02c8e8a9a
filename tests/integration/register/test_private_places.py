"""Where a vehicle was in private is not where it is said to be later, while its GPS sleeps."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from api.ingest_parts import ingest_parts
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from fleet.position import Position
from ingest.buffer.stream import BufferBatch, decode_batch, encode_batches
from ingest.gate.known_devices import AGE_MAX_S
from ingest.gate.sender import Sender
from ingest.listeners.listener_context import ListenerContext
from ingest.protocols import positions
from ingest.protocols.protocol_names import POSITIONS
from register.devices import enrol_device
from register.private_periods import set_private
from register.private_sweep import sweep_period
from register.private_time import PrivatePeriod
from tests.factories.actors import SOMEBODY
from tests.factories.moments import at
from tests.factories.private_vehicles import add_vehicle
from tests.factories.writers import writing

DAY = datetime(2026, 10, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
WORK, HOME = 55.77, 55.60
PERIOD = PrivatePeriod(DAY + 11 * HOUR, DAY + 13 * HOUR)


@pytest.fixture
async def context(pool: Pool, settings: Settings) -> AsyncGenerator[ListenerContext]:
    await add_vehicle(pool, "v1", "d1")
    ingest = ingest_parts(pool, settings)
    running = asyncio.create_task(ingest.writer.run())
    yield ingest.context
    ingest.writer.close()
    await running


async def tell(context: ListenerContext, hour: float, lat: float, satellites: int = 9) -> None:
    body = at(DAY + hour * HOUR, lat, satellites=satellites)
    message = positions.decode(orjson.dumps(body))
    await context.intake.take(message, Sender(device=None, gateway="test"), POSITIONS)


async def places(pool: Pool) -> dict[float, float]:
    rows = await pool.fetch("SELECT ts, lat FROM position ORDER BY ts")
    return {(row["ts"] - DAY) / HOUR: row["lat"] for row in rows}


@pytest.mark.parametrize("wait_s", [0, AGE_MAX_S + 0.1])
async def test_a_place_of_a_private_period_does_not_come_back_from_memory(
    context: ListenerContext, pool: Pool, wait_s: float
) -> None:
    await tell(context, 10, WORK)
    await tell(context, 12, HOME)
    await tell(context, 13.5, 0, satellites=0)
    await set_private(pool, Actor.trusted("x"), "v1", PERIOD)
    await asyncio.sleep(wait_s)
    await tell(context, 14, 0, satellites=0)
    await tell(context, 14.5, HOME, satellites=0)
    found = await places(pool)
    assert set(found.values()) == {WORK}
    # Of what came before the register was read again nobody knows where it was put.
    assert set(found) == ({10, 13.5, 14, 14.5} if wait_s else {10, 13.5})


async def test_nothing_is_learned_from_what_is_not_swept_yet(
    context: ListenerContext, pool: Pool
) -> None:
    await tell(context, 10, WORK)
    await tell(context, 12, HOME)
    await tell(context, 13.5, 0, satellites=0)
    private_id = await pool.fetchval(
        "INSERT INTO private_period (vehicle_id, begins, ends, note, set_by)"
        " VALUES ('v1', $1, $2, '', 'x') RETURNING private_id",
        *(PERIOD.begins, PERIOD.ends),
    )
    await context.known.refresh()
    await tell(context, 14, 0, satellites=0)
    assert set(await places(pool)) == {10, 12, 13.5}
    await sweep_period(pool, private_id)
    await context.known.refresh()
    await tell(context, 15, 0, satellites=0)
    assert await places(pool) == {10: WORK, 13.5: WORK, 15: WORK}


async def test_where_a_tracker_says_that_it_was_may_have_been_in_private(
    context: ListenerContext, pool: Pool
) -> None:
    """What was stored before goes too, when nobody knows another place."""
    await tell(context, 13.5, HOME, satellites=0)
    assert await places(pool) == {13.5: HOME}
    await set_private(pool, Actor.trusted("x"), "v1", PERIOD)
    assert await places(pool) == {}
    await context.known.refresh()
    await tell(context, 14, HOME, satellites=0)
    assert await places(pool) == {}
    await tell(context, 15, WORK)
    await tell(context, 16, HOME, satellites=0)
    assert await places(pool) == {15: WORK, 16: WORK}


async def test_a_place_given_under_other_periods_is_not_stored(pool: Pool) -> None:
    """As it comes from the buffer of a cluster, however long it waited there."""
    await add_vehicle(pool, "v1", "d1")
    await enrol_device(pool, SOMEBODY, "d2")
    before = await pool.fetchval("SELECT last_value + is_called::integer FROM private_revision")
    told = [
        Position(device=device, ts=DAY + hour * HOUR, lat=HOME, lon=12.5, satellites=satellites)
        for device in ("d1", "d2")
        for hour, satellites in ((14, 0), (15, 9), (16, None))
    ]
    halves = encode_batches(BufferBatch(told, (), before), 300)
    assert len(halves) > 1
    await set_private(pool, Actor.trusted("x"), "v1", PERIOD)
    async with writing(pool) as writer:
        for _, payload in halves:
            batch = decode_batch(payload)
            await writer.store(batch.positions, batch.refusals, batch.placed_revision)
        left = await pool.fetch("SELECT device, ts FROM position ORDER BY device, ts")
        assert [(row["device"], (row["ts"] - DAY) / HOUR) for row in left] == [
            *(("d1", 15), ("d1", 16)),
            *(("d2", 14), ("d2", 15), ("d2", 16)),
        ]
        now = await pool.fetchval("SELECT last_value + is_called::integer FROM private_revision")
        assert (await writer.store(told[:1], [], now)).stored == 1
