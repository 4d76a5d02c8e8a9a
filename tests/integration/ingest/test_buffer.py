"""With a buffer, an answer means: in the replicated log, from which writers never lose it."""

import asyncio
import os
import shutil
import socket
import struct
from collections.abc import AsyncGenerator, Coroutine
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import nats
import pytest
import uvloop
from typer.testing import CliRunner

from api.cli import command_group
from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from fleet.position import Position
from fleet.settings import SettingsError
from ingest.buffer.stream import (
    BUFFER_AWAY_ERRORS,
    STREAM_SUBJECT,
    Buffer,
    BufferBatch,
    BufferUnusable,
    encode_batches,
    open_buffer,
)
from ingest.gate.known_devices import AGE_MAX_S
from ingest.gate.receipt import Overloaded, Receipt
from ingest.gate.refusal import Reason, Refusal
from ingest.watch.metrics import Metrics
from register.devices import enrol_device
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from tests.conftest import free_port
from tests.factories.actors import SOMEBODY
from tests.factories.buffered import START, positions, stored, until, writing
from tests.factories.kills import Database
from tests.factories.nats_servers import (
    NATS_SERVER,
    NO_NATS,
    NatsServer,
    buffer_environment,
    buffer_settings,
    can_sync,
    nats_server,
)
from tests.factories.private_vehicles import add_vehicle
from tests.factories.refused import DETAIL, DETAIL_SQL
from tests.factories.refusing import refuse
from tests.factories.serving import GOOD, client_of, release

pytestmark = pytest.mark.skipif(NATS_SERVER is None, reason=NO_NATS)


T = TypeVar("T")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[NatsServer]:
    async with nats_server(free_port(), tmp_path) as server:
        yield server


@pytest.fixture
def buffered(settings: Settings, server: NatsServer) -> Settings:
    return settings.model_copy(
        update={**buffer_settings(server), "buffer_ack_wait_s": 1.0, "writer_wait_max_s": 2.0}
    )


def bodies(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{**GOOD, "ts": 1_795_255_200 + start + i} for i in range(count)]


async def test_a_listener_answers_from_the_log_and_a_writer_stores_it_later(
    pool: Pool, buffered: Settings, database_url: str
) -> None:
    async with client_of(buffered, database_url, ServerRole.INGEST) as client:
        status, answer = await client.post(bodies(3))
        assert (status, answer) == (200, {"stored": 3, "duplicate": 0, "quarantined": 0})
        # The very same message again within the window is not doubled in the log.
        assert (await client.post(bodies(3)))[1] == {"stored": 0, "duplicate": 3, "quarantined": 0}
        # Refused telemetry takes the same way.
        stranger = {**GOOD, "device": "unknown"}
        assert (await client.post(stranger))[1] == {"stored": 0, "duplicate": 0, "quarantined": 1}
        assert await pool.fetchval("SELECT count(*) FROM position") == 0
        ports = {"port": 0}
        async with running_server(
            buffered.model_copy(update=ports), database_url, [ServerRole.WRITER]
        ) as other:
            await stored(pool, 3)
            await stored(pool, 1, "quarantine")
            async with client.session.get(other.url + "/readyz") as response:
                assert response.status == 200
            # Repeats that the log no longer knows are found by the primary key.
            await client.post(bodies(5))
            await stored(pool, 5)


async def test_a_process_may_run_all_parts_with_the_buffer_between(
    pool: Pool, buffered: Settings, database_url: str
) -> None:
    async with client_of(buffered, database_url, ServerRole.INGEST, ServerRole.WRITER) as client:
        await client.post(bodies(2))
        await stored(pool, 2)


async def test_listeners_go_on_while_the_database_is_away(
    buffered: Settings, tmp_path: Path
) -> None:
    """With the register they read last; the writer stores it all when the database is back."""
    database = Database(tmp_path / "database")
    await database.start()
    try:
        async with client_of(buffered, database.url, ServerRole.INGEST) as client:
            assert (await client.post(bodies(1)))[0] == 200
            await database.kill()
            await asyncio.sleep(2.1)  # longer than the register is trusted without asking
            assert (await client.post(bodies(2, 10)))[0] == 200
            assert await client.get("/readyz") == (200, "ready; the database is away\n")
        await database.start()
        free = buffered.model_copy(update={"port": 0})
        async with running_server(free, database.url, [ServerRole.WRITER]) as server:
            await stored(server.pool, 3)
    finally:
        await database.stop()


async def test_a_full_stream_tells_senders_to_come_back_and_takes_more_when_drained(
    pool: Pool, buffered: Settings
) -> None:
    small = buffered.model_copy(update={"buffer_max_bytes": 1_000_000})
    async with open_buffer(small.buffer_url or "", small) as buffer:
        taken = 0
        with pytest.raises(Overloaded, match="maximum bytes"):  # noqa: PT012
            while taken < 100_000:
                await buffer.store(positions(100, f"d{taken}"), [])
                taken += 100
        assert taken > 1_000
        async with writing(pool, small, buffer):
            await stored(pool, taken)
            assert (await buffer.store(positions(1, "more"), [])).stored == 1
            await stored(pool, taken + 1)


async def test_without_the_buffer_nothing_is_acknowledged_and_it_is_found_again(
    pool: Pool, buffered: Settings, database_url: str, server: NatsServer
) -> None:
    async with client_of(buffered, database_url, ServerRole.INGEST, ServerRole.WRITER) as client:
        assert (await client.post(bodies(1)))[0] == 200
        await server.kill()
        status, answer = await client.post(bodies(1, 10))
        assert status == 503, answer
        assert (await client.get("/readyz"))[0] == 503
        await server.start()

        async def taken() -> bool:
            return (await client.post(bodies(1, 10)))[0] == 200

        await until(taken)
        await stored(pool, 2)


async def test_while_the_database_is_away_messages_are_held_and_then_stored(
    pool: Pool, buffered: Settings, server: NatsServer
) -> None:
    """Longer than the stream waits for an acknowledgement, and yet nobody else gets them."""
    async with (
        open_buffer(server.url, buffered) as buffer,
        writing(pool, buffered, buffer),
    ):
        async with pool.acquire() as other, other.transaction():
            await other.execute("LOCK TABLE position IN ACCESS EXCLUSIVE MODE")
            for number in range(5):
                await buffer.store(positions(2, f"d{number}"), [])
            await asyncio.sleep(3.5)
            info = await buffer.context.consumer_info("flaade", "writers")
            assert (info.num_ack_pending, info.num_redelivered) == (5, 0)
        await stored(pool, 10)
        await until(lambda: buffer_is_empty(buffer))


@pytest.mark.parametrize("state", ["53100", "25006"])
async def test_while_the_database_has_no_room_messages_are_held_and_then_stored(
    pool: Pool, buffered: Settings, server: NatsServer, state: str
) -> None:
    """For more attempts than a message is given that writers die of."""
    impatient = buffered.model_copy(update={"buffer_deliveries_max": 1})
    async with (
        open_buffer(server.url, impatient) as buffer,
        writing(pool, impatient, buffer),
    ):
        await refuse(pool, state)
        try:
            await buffer.store(positions(2), [])
            await asyncio.sleep(3.5)
        finally:
            await refuse(pool, None)
        await stored(pool, 2)
        await until(lambda: buffer_is_empty(buffer))
    assert await pool.fetchval("SELECT count(*) FROM quarantine") == 0


async def buffer_is_empty(buffer: Buffer) -> bool:
    return (await buffer.state()).messages == 0


async def test_one_value_that_the_database_refuses_is_kept_and_the_others_are_stored(
    pool: Pool, buffered: Settings, server: NatsServer
) -> None:
    await enrol_device(pool, SOMEBODY, "d1")
    good = positions(5, attrs=b'{"io": 1}')
    bad = Position(device="d1", ts=START - timedelta(days=1), lat=1, lon=1, satellites=99_999)
    async with open_buffer(server.url, buffered) as buffer, writing(pool, buffered, buffer):
        await buffer.store([*good[:3], bad, *good[3:]], [])
        await stored(pool, 5)
        await stored(pool, 1, "quarantine")
        await until(lambda: buffer_is_empty(buffer))
    row = await pool.fetchrow("SELECT protocol, device, reason, payload FROM quarantine")
    assert row is not None
    assert (row["protocol"], row["device"], row["reason"]) == ("positions", "d1", "value")
    assert b'"satellites":99999' in row["payload"]
    # It can be read again, and then the value that no receiver can say is left out.
    assert await release(pool, buffered, "d1") == (Receipt(1, 0, 0), 0)


async def test_a_message_that_nobody_can_read_is_kept_for_a_person(
    pool: Pool, buffered: Settings, server: NatsServer
) -> None:
    async with open_buffer(server.url, buffered) as buffer, writing(pool, buffered, buffer):
        client = await nats.connect(server.url)
        await client.publish(STREAM_SUBJECT, b"what is this")
        await client.close()
        await stored(pool, 1, "quarantine")
        await until(lambda: buffer_is_empty(buffer))
    row = await pool.fetchrow("SELECT protocol, device, reason, payload FROM quarantine")
    assert row is not None
    assert tuple(row) == ("buffer", "", "unreadable", b"what is this")


async def test_a_message_that_writers_die_of_is_given_up_into_quarantine(
    pool: Pool, buffered: Settings, server: NatsServer
) -> None:
    """Taken three times without an answer; the fourth writer keeps it where a person can release
    it, and lives."""
    await enrol_device(pool, SOMEBODY, "d1")
    few = buffered.model_copy(update={"buffer_deliveries_max": 2})
    async with open_buffer(server.url, few) as buffer:
        await buffer.store(positions(2), [])
        subscription = await buffer.context.pull_subscribe_bind(consumer="writers", stream="flaade")
        for _ in range(3):
            [message] = await subscription.fetch(1, timeout=5)
            await message.nak()
        await subscription.unsubscribe()
        async with writing(pool, few, buffer):
            await stored(pool, 2, "quarantine")
            await until(lambda: buffer_is_empty(buffer))
    assert await release(pool, few, "d1") == (Receipt(2, 0, 0), 0)
    assert await pool.fetchval("SELECT count(*) FROM position") == 2


async def test_a_buffer_that_cannot_be_used_is_one_line(
    settings: Settings, buffered: Settings, database_url: str, server: NatsServer
) -> None:
    with pytest.raises(BufferUnusable, match=r"at 127.0.0.1:1 cannot be reached"):
        async with open_buffer("nats://user:secret@127.0.0.1:1", buffered):
            pass
    large = buffered.model_copy(update={"body_max_bytes": 9_000_000})
    with pytest.raises(BufferUnusable, match="max_payload"):
        async with open_buffer(server.url, large):
            pass
    with pytest.raises(SettingsError, match="FLAADE_BUFFER_URL"):
        async with running_server(settings, database_url, [ServerRole.WRITER]):
            pass


async def test_what_a_writer_commits_too_late_is_not_counted_as_a_repeat(
    pool: Pool, buffered: Settings, server: NatsServer
) -> None:
    metrics = Metrics()
    async with (
        open_buffer(server.url, buffered) as buffer,
        writing(pool, buffered, buffer, metrics),
    ):
        async with pool.acquire() as other, other.transaction():
            await other.execute("LOCK TABLE position IN ACCESS EXCLUSIVE MODE")
            await buffer.store(positions(5), [])
            await asyncio.sleep(2.5)  # longer than the writer waits for a commit
        await stored(pool, 5)
        await until(lambda: buffer_is_empty(buffer))
    counted = {
        name: metrics.registry.get_sample_value(f"flaade_positions_{name}_total", labels)
        for name, labels in (
            ("stored", {"protocol": "buffer"}),
            ("stored_late", {}),
            ("duplicate", {"protocol": "buffer"}),
        )
    }
    assert (counted["stored"] or 0) + (counted["stored_late"] or 0) == 5
    assert not counted["duplicate"]


async def test_what_the_consumer_passed_over_is_handed_out_all_the_same(
    pool: Pool, buffered: Settings, server: NatsServer, tmp_path: Path
) -> None:
    """What NATS writes of its stream and of its consumer can come apart in a crash: here the
    consumer knows of acknowledgements, and the stream not that it may forget the messages."""
    metrics = Metrics()
    soon = buffered.model_copy(update={"buffer_deliveries_max": 1})
    messages = tmp_path / "store/jetstream/$G/streams/flaade/msgs"
    async with open_buffer(server.url, soon) as buffer:
        for number in range(20):
            await buffer.store(positions(2, f"d{number}"), [])
        await server.kill()
        shutil.copytree(messages, tmp_path / "before")
        await server.start()
        await until(lambda: buffer.connected)
        subscription = await buffer.context.pull_subscribe_bind(consumer="writers", stream="flaade")
        for message in await subscription.fetch(15, timeout=5):
            await message.ack_sync()
        await subscription.unsubscribe()
        await asyncio.sleep(1)  # the consumer's state is written a little later
        await server.kill()
        shutil.rmtree(messages)
        shutil.move(tmp_path / "before", messages)
        await server.start()
        await until(lambda: buffer.connected)
        passed_over = (await buffer.context.consumer_info("flaade", "writers")).ack_floor
        assert passed_over is not None
        assert passed_over.stream_seq == 15
        assert (await buffer.state()).messages == 20
        async with writing(pool, soon, buffer, metrics):
            await stored(pool, 40)
            await until(lambda: buffer_is_empty(buffer))
    assert metrics.registry.get_sample_value("flaade_buffer_renewed_total") == 1


def test_a_connection_lost_under_uvloop_is_an_error_that_is_expected(tmp_path: Path) -> None:
    """uvloop, on which the processes run, raises RuntimeError there: a writer ended of it."""

    async def losing() -> list[OSError]:
        raised: list[OSError] = []
        async with (
            nats_server(free_port(), tmp_path) as server,
            open_buffer(server.url, settings_for(server, tmp_path)) as buffer,
        ):
            client: Any = buffer._client
            for _ in range(3):
                client._transport._io_writer.transport.abort()
                await asyncio.sleep(0)
                for write, what in (("write", b"PING"), ("writelines", [b"PING"])):
                    try:
                        getattr(client._transport, write)(what)
                    except OSError as error:
                        raised.append(error)
                for _ in range(5):
                    await client.publish(STREAM_SUBJECT, b"")
                    await asyncio.sleep(0)
                await until(lambda: client.is_connected)
            client._transport._io_writer.transport.abort()  # and closing it then is no error
            await client.publish(STREAM_SUBJECT, b"")
        return raised

    raised = on_uvloop(losing())
    assert raised, "nothing was written to a lost connection"
    assert all(isinstance(error, BUFFER_AWAY_ERRORS) for error in raised), raised


def test_a_connection_reset_while_it_is_made_again_is_made_once_more(tmp_path: Path) -> None:
    """On uvloop the client gave up there, and the process never came back to the buffer."""
    open_ones: list[asyncio.StreamWriter] = []

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.append(writer)
        told, sent = await asyncio.open_connection("127.0.0.1", port)
        if len(open_ones) == 2:
            writer.write(await told.readline())
            reset(writer)
            sent.close()
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(pour(reader, sent))
            group.create_task(pour(told, writer))

    async def losing() -> None:
        async with nats_server(port, tmp_path) as server:
            settings = settings_for(server, tmp_path)
            before = await asyncio.start_server(relay, "127.0.0.1")
            here = before.sockets[0].getsockname()[1]
            async with open_buffer(f"nats://127.0.0.1:{here}", settings) as buffer:
                assert (await buffer.store(positions(1), [])).stored == 1
                reset(open_ones[0])
                await until(lambda: len(open_ones) > 2 and buffer.connected)
                assert (await buffer.store(positions(1, "d2"), [])).stored == 1
            before.close()

    port = free_port()
    on_uvloop(losing())


def settings_for(server: NatsServer, data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, **buffer_settings(server))


def on_uvloop(coroutine: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)


async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
    writer.close()


def reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the other side gets a reset, not an end."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def test_private_driving_does_not_reach_the_buffer(
    pool: Pool, buffered: Settings, database_url: str
) -> None:
    """Neither positions nor what is refused, also while the database is away."""
    async with client_of(buffered, database_url, ServerRole.INGEST) as client:
        await add_vehicle(pool, "v1", "d1")
        now = datetime.now(UTC).replace(microsecond=0)
        period = PrivatePeriod(now - timedelta(hours=1), None)
        await set_private(pool, Actor.trusted("driver"), "v1", period)
        await asyncio.sleep(AGE_MAX_S + 0.1)
        batch = [{**GOOD, "ts": now.isoformat()}, {**GOOD, "ts": now.isoformat(), "lat": 95}]
        nothing = (200, {"stored": 0, "duplicate": 0, "quarantined": 0})
        assert await client.post(batch) == nothing
        await client.server.pool.close()
        await asyncio.sleep(AGE_MAX_S + 0.1)
        assert await client.post(batch) == nothing
    async with open_buffer(buffered.buffer_url or "", buffered) as buffer:
        assert (await buffer.state()).messages == 0


async def test_what_the_command_releases_goes_to_the_buffer(
    pool: Pool,
    server: NatsServer,
    buffered: Settings,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await pool.execute(
        "INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256)"
        f" VALUES ('positions', 'd1', 'unknown_device', {DETAIL_SQL}, $1, $1)",
        b'{"device":"d1","ts":"2026-11-20T10:00:00Z","lat":55.77,"lon":12.5}',
    )
    await enrol_device(pool, SOMEBODY, "d1")
    monkeypatch.setenv("FLAADE_DATABASE_URL", database_url)
    for name, value in buffer_environment(server).items():
        monkeypatch.setenv(name, value)
    done = await asyncio.to_thread(
        CliRunner().invoke, command_group(), ["quarantine", "release", "d1"]
    )
    assert "1 stored, 0 duplicate, 0 refused still" in done.output
    assert await pool.fetchval("SELECT count(*) FROM position") == 0
    async with (
        open_buffer(buffered.buffer_url or "", buffered) as buffer,
        writing(pool, buffered, buffer),
    ):
        await stored(pool, 1)


def test_a_large_request_is_cut_into_messages_that_hold_all_of_it() -> None:
    refusal = Refusal("positions", "d1", Reason.CLOCK, DETAIL, os.urandom(3_000))
    batch = BufferBatch(positions(1_000), [refusal] * 3)
    messages = encode_batches(batch, 10_000)
    assert all(len(payload) <= 10_000 for _, payload in messages)
    assert [p for part, _ in messages for p in part.positions] == batch.positions
    assert [r for part, _ in messages for r in part.refusals] == batch.refusals


async def test_servers_that_may_lose_what_they_acknowledged_are_refused(
    settings: Settings, tmp_path: Path
) -> None:
    """NATS does by default; who runs it may accept that, and then says so."""
    away = f"http://127.0.0.1:{free_port()}"
    (tmp_path / "other").mkdir()
    async with (
        nats_server(free_port(), tmp_path, syncs=False) as loses,
        nats_server(free_port(), tmp_path / "other") as keeps,
    ):
        for urls, told in (
            (None, "FLAADE_BUFFER_MONITOR_URLS"),
            (away, "no monitoring port"),
            (loses.monitor_url, "sync_interval: always"),
            (f"{keeps.monitor_url}, {loses.monitor_url}", "sync_interval: always"),
        ):
            given = settings.model_copy(update={"buffer_monitor_urls": urls})
            with pytest.raises(BufferUnusable, match=told):
                async with open_buffer(loses.url, given):
                    pass
        accepted = settings.model_copy(update={"buffer_unsynced_allowed": True})
        async with open_buffer(loses.url, accepted) as buffer:
            assert (await buffer.store(positions(1), [])).stored == 1


@pytest.mark.skipif(not can_sync(), reason="this release of NATS cannot sync every write")
async def test_servers_that_sync_every_write_are_used_also_when_one_of_them_is_away(
    settings: Settings, server: NatsServer
) -> None:
    one_away = f"http://127.0.0.1:{free_port()},{server.monitor_url}/"
    given = settings.model_copy(update={"buffer_monitor_urls": one_away})
    async with open_buffer(server.url, given) as buffer:
        assert (await buffer.store(positions(1), [])).stored == 1
