"""A database that refuses for a while says nothing of a message: every protocol's sender is told to
come back, or is not answered, and nothing of it goes to quarantine."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from register.keys import new_device_key
from tests.conftest import free_port
from tests.factories.actors import SOMEBODY
from tests.factories.refusing import refuse
from tests.factories.serving import GOOD, Client, client_of
from tests.factories.teltonika_tracker import ask, logged_in, records
from tests.unit.ingest.teltonika_encoder import CODEC_8, IMEI, block, datagram, packet
from trips.stored.set_aside import failure_of

OTHER_IMEI = "352093081452269"


@pytest.fixture
def ports(settings: Settings) -> Settings:
    return settings.model_copy(
        update={"osmand_port": free_port(), "teltonika_port": free_port(), "page_wait_max_s": 60.0}
    )


@pytest.fixture
async def client(pool: Pool, ports: Settings, database_url: str) -> AsyncGenerator[Client]:
    names = ("d1", "d2", IMEI, OTHER_IMEI)
    async with client_of(
        ports, database_url, ServerRole.INGEST, devices=names, given_ports=True
    ) as client:
        yield client


@asynccontextmanager
async def locked_and_cancelled(database_url: str) -> AsyncIterator[None]:
    """Somebody holds the table of devices' states, and an administrator cancels whoever waits."""
    other = await asyncpg.connect(database_url)
    administrator = await asyncpg.connect(database_url)

    async def cancel() -> None:
        while True:
            await administrator.execute(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            await asyncio.sleep(0.02)

    cancelling = asyncio.create_task(cancel())
    try:
        async with other.transaction():
            await other.execute("LOCK TABLE device_state IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        cancelling.cancel()
        await asyncio.gather(cancelling, return_exceptions=True)
        await other.close()
        await administrator.close()


async def test_a_statement_that_is_cancelled_before_the_store_is_no_fault_of_the_message(
    client: Client, ports: Settings, pool: Pool, database_url: str
) -> None:
    key = await new_device_key(pool, SOMEBODY, "d2")
    by_osmand = f"http://127.0.0.1:{ports.osmand_port}/?key={key}&id=d2&lat=55.7&lon=12.5"
    by_osmand += "&timestamp=1795255200"
    by_tcp = packet(*records(1))
    by_udp = datagram(block(CODEC_8, records(1)), OTHER_IMEI)

    async def osmand() -> int:
        async with client.session.get(by_osmand) as answer:
            return answer.status

    async with locked_and_cancelled(database_url):
        status, told = await client.post(GOOD)
        assert (status, told["detail"]) == (
            503,
            "the database refuses for now: QueryCanceledError",
        )
        assert (await client.post(GOOD, compress=True))[0] == 503
        assert await osmand() == 503
        async with logged_in(ports) as tracker:
            await tracker.send(by_tcp)
            assert await tracker.answer() == b""
        assert await ask(ports, by_udp) is None
    assert (await client.post(GOOD))[0] == 200
    assert await osmand() == 200
    async with logged_in(ports) as tracker:
        await tracker.send(by_tcp)
        assert await tracker.counted() == 1
    assert await ask(ports, by_udp) is not None
    assert await pool.fetchval("SELECT count(*) FROM position") == 4
    assert await pool.fetchval("SELECT count(*) FROM quarantine") == 0


@pytest.mark.parametrize("state", ["53100", "53200", "25006", "55P03", "58030", "57014", "40001"])
async def test_a_database_without_room_is_come_back_to(
    client: Client, pool: Pool, state: str
) -> None:
    await refuse(pool, state)
    try:
        assert (await client.post(GOOD))[0] == 503
    finally:
        await refuse(pool, None)
    assert (await client.post(GOOD))[0] == 200
    assert await pool.fetchval("SELECT count(*) FROM quarantine") == 0


async def test_a_database_that_only_reads_is_no_place_to_send_to(
    client: Client, pool: Pool, database_url: str
) -> None:
    """So a standby says that it is, and a primary that an administrator guards: a load balancer
    sends trackers elsewhere, and the operator is told which of the two states it is."""
    name = await pool.fetchval("SELECT quote_ident(current_database())")
    other = await asyncpg.connect(database_url)
    await other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    try:
        assert await client.get("/readyz") == (503, "the database only reads\n")
    finally:
        await other.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        await other.close()
    assert await client.get("/readyz") == (200, "ready\n")


async def test_a_full_disk_is_no_trouble_of_a_device() -> None:
    async def find_trips() -> None:
        raise asyncpg.DiskFullError("could not extend file")

    with pytest.raises(asyncpg.DiskFullError):
        await failure_of(find_trips())
