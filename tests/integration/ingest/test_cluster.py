"""A cluster on one machine: listeners, writers and NATS servers, any of which may die or stop."""

import asyncio
import signal
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from ingest.buffer.stream import open_buffer
from ingest.gate.receipt import Overloaded
from register.devices import enrol_device
from register.keys import new_gateway_key
from tests.conftest import free_port
from tests.factories.actors import SOMEBODY
from tests.factories.buffered import positions, stored, writing
from tests.factories.kills import Served, environment, killing
from tests.factories.locks import lock_waiters
from tests.factories.nats_servers import (
    NATS_SERVER,
    NO_NATS,
    buffer_settings,
    nats_cluster,
    nats_server,
)
from tests.factories.serving import GOOD

pytestmark = pytest.mark.skipif(NATS_SERVER is None, reason=NO_NATS)


async def test_what_is_acknowledged_is_stored_once_whoever_is_killed(
    pool: Pool, database_url: str, tmp_path: Path
) -> None:
    """Two listeners, two writers and NATS, each killed once under load; that PostgreSQL is killed
    too is for `benchmarks/ingest/durability.py`."""
    outcome = await killing(tmp_path, 4, 1, cluster=True, database_url=database_url, between_s=0.5)
    assert outcome.killed == {"Served": 4, "NatsServer": 1}
    assert outcome.acknowledged > 1_000
    assert outcome.good, outcome


async def test_a_replicated_stream_loses_nothing_when_a_server_dies_for_good(
    pool: Pool, settings: Settings, tmp_path: Path
) -> None:
    """Three NATS servers, replicas 3: two of them go on and have it all."""
    ports = [free_port() for _ in range(3)]
    async with nats_cluster(ports, tmp_path) as servers:
        url = ",".join(server.url for server in servers)
        replicated = settings.model_copy(
            update={**buffer_settings(*servers), "buffer_replicas": 3, "writer_wait_max_s": 2.0}
        )
        async with open_buffer(url, replicated) as buffer:
            state = (await buffer.context.stream_info("flaade")).cluster
            assert state is not None
            assert len(state.replicas or ()) == 2
            acknowledged = 0
            for number in range(60):
                if number == 20:  # the leader of the stream, the worst to lose
                    leader = int((state.leader or "").removeprefix("nats-"))
                    await servers[leader].kill()
                for _ in range(60):
                    try:
                        await buffer.store(positions(10, f"d{number}"), [])
                    except Overloaded:
                        await asyncio.sleep(0.25)  # as a sender does, until a leader is elected
                    else:
                        acknowledged += 10
                        break
            assert acknowledged == 600
            async with writing(pool, replicated, buffer):
                await stored(pool, 600)


async def test_told_to_stop_a_listener_answers_what_it_took_and_a_writer_finishes(
    database_url: str, pool: Pool, tmp_path: Path
) -> None:
    """SIGTERM, while the commits are held up by a lock; both end by themselves, with code 0."""
    async with nats_server(free_port(), tmp_path) as nats:
        env = environment(database_url, nats)
        buffered = Settings(data_dir=tmp_path, **buffer_settings(nats))
        direct = environment(database_url, None)
        await enrol_device(pool, SOMEBODY, "d1")
        key = await new_gateway_key(pool, SOMEBODY, "test")
        listener = Served("ingest", direct, tmp_path / "listener.log")
        writer = Served("writer", env, tmp_path / "writer.log")
        await asyncio.gather(listener.start(), writer.start())
        async with (
            open_buffer(nats.url, buffered) as buffer,
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
        ):
            lock = await asyncpg.connect(database_url)
            transaction = lock.transaction()
            await transaction.start()
            await lock.execute("LOCK TABLE position IN ACCESS EXCLUSIVE MODE")
            await buffer.store(positions(5, "d2"), [])
            posting = asyncio.create_task(
                session.post(f"http://127.0.0.1:{listener.port}/v1/positions", json=GOOD)
            )
            # Both wait for the lock.
            for _ in range(500):
                if await lock_waiters(lock) >= 2:
                    break
                await asyncio.sleep(0.02)
            assert await lock_waiters(lock) >= 2
            listener.signal(signal.SIGTERM)
            writer.signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
            assert not posting.done()
            await transaction.rollback()
            await lock.close()
            async with await posting as response:
                assert await response.json() == {"stored": 1, "duplicate": 0, "quarantined": 0}
            assert await listener.ended() == 0
            assert await writer.ended() == 0
            assert (await buffer.state()).messages == 0
        assert await pool.fetchval("SELECT count(*) FROM position") == 6


async def test_a_worker_alone_answers_a_monitor(
    database_url: str, pool: Pool, settings: Settings
) -> None:
    free = settings.model_copy(update={"port": 0})
    async with (
        running_server(free, database_url, [ServerRole.WORKER]) as worker,
        aiohttp.ClientSession() as session,
    ):
        for path, words in (("readyz", "ready"), ("metrics", "flaade_"), ("healthz", "ok")):
            async with session.get(f"{worker.url}/{path}") as response:
                assert response.status == 200
                assert words in await response.text()
        async with session.get(f"{worker.url}/vehicles") as response:
            assert response.status == 404
