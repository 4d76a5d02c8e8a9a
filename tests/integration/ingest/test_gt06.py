"""GT06 trackers on real sockets: an answer means that what came before is stored."""

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from ingest.gate.receipt import Receipt
from ingest.protocols import gt06
from register.devices import enrol_device
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from tests.conftest import free_port
from tests.factories.actors import SOMEBODY
from tests.factories.gt06_tracker import (
    ALARM,
    CELL,
    HEARTBEAT,
    IMEI,
    INFORMATION,
    LOCATION_WITH_IGNITION,
    LOGIN,
    TIME,
    Place,
    alarm,
    answer,
    connected,
    driving,
    frame,
    heartbeat,
    location,
    logged_in,
    login,
)
from tests.factories.private_vehicles import add_vehicle, rows
from tests.factories.refused import detail_of
from tests.factories.serving import client_of, release

STRANGER = "359000000000025"


@pytest.fixture
def ports(settings: Settings) -> Settings:
    return settings.model_copy(
        update={
            "port": 0,
            "osmand_port": 0,
            "teltonika_port": 0,
            "gt06_port": free_port(),
            "tracker_packet_max_bytes": 2_000,
            "writer_wait_max_s": 1.0,
        }
    )


@pytest.fixture
async def port(pool: Pool, ports: Settings, database_url: str) -> AsyncGenerator[int]:
    """The port of a server that knows one tracker."""
    await enrol_device(pool, SOMEBODY, IMEI)
    async with running_server(ports, database_url, [ServerRole.INGEST]):
        yield ports.gt06_port or 0


async def test_what_came_before_a_heartbeat_is_stored_when_that_is_answered(
    port: int, pool: Pool
) -> None:
    drive = driving(20)
    async with logged_in(port) as tracker:
        for number, place in enumerate(drive):
            await tracker.send(location(place, number + 2, ignition=True))
        await tracker.send(heartbeat(serial=90))
        assert await tracker.answer() == answer(HEARTBEAT, 90)
        stored = await pool.fetch("SELECT * FROM position ORDER BY ts")
        *places, heard = stored
        assert [(row["ts"], row["ignition"], row["satellites"]) for row in places] == [
            (place.ts, True, 9) for place in drive
        ]
        assert [row["lat"] for row in places] == pytest.approx([one.lat for one in drive], abs=1e-6)
        # A heartbeat tells that the tracker was heard, where it was last.
        assert abs(datetime.now(UTC) - heard["ts"]) < timedelta(minutes=1)
        assert (heard["lat"], heard["ignition"]) == (places[-1]["lat"], True)
        await tracker.send(b"".join(location(place) for place in drive) + heartbeat(91))
        assert await tracker.answer() == answer(HEARTBEAT, 91)
    assert await rows(pool, "position") == 20 + 2


async def test_glued_and_split_frames_are_answered_in_their_order(port: int, pool: Pool) -> None:
    first, second, third = driving(3)
    sent = login(serial=1) + location(first) + alarm(second, code=6, serial=7)
    sent += frame(TIME, serial=8) + alarm(third, code=1, serial=9)
    async with connected(port) as tracker:
        for byte in sent:
            await tracker.send(bytes([byte]))
        assert await tracker.answer() == answer(LOGIN, 1)
        assert await tracker.answer() == answer(ALARM, 7)
        asked = await tracker.answer()
        assert (asked[3], asked[-6:-4], len(asked)) == (TIME, b"\0\x08", 16)
        told = datetime(2000 + asked[4], *asked[5:10], tzinfo=UTC)  # pyright: ignore[reportArgumentType]
        assert abs(datetime.now(UTC) - told) < timedelta(minutes=1)
        assert await tracker.answer() == answer(ALARM, 9)
    attrs = await pool.fetch("SELECT attrs FROM position ORDER BY ts")
    assert [row["attrs"] for row in attrs] == [
        None,
        {"alarm": 6},
        {"alarm": 1},
    ]


async def test_every_real_frame_is_answered_and_all_of_it_is_somewhere(
    pool: Pool, ports: Settings, database_url: str, shared_data: Path
) -> None:
    lines = (shared_data / "gt06_frames.jsonl").read_text().splitlines()
    frames = [json.loads(line) for line in lines]
    silent = 0
    async with client_of(ports, database_url, devices=(IMEI,), given_ports=True) as client:
        for known in frames:
            async with connected(ports.gt06_port or 0) as tracker:
                sent = bytes.fromhex(known["frame"])
                if known["meaning"] != "login":
                    await tracker.send(login())
                    assert await tracker.answer() == answer(LOGIN, 1)
                await tracker.send(sent)
                if "answer" in known:
                    assert await tracker.answer() == bytes.fromhex(known["answer"])
                elif known["protocol"] == "0x8a":
                    assert (await tracker.answer())[3] == TIME
                else:
                    silent += 1
                # Answered behind it, so that it is stored or kept now, and asks for no more.
                await tracker.send(frame(TIME, serial=99))
                assert (await tracker.answer())[-6:-4] == b"\0\x63"
        _, metrics = await client.get("/metrics")
    assert silent == 9
    information = 'flaade_tracker_commands_total{kind="0x94",protocol="gt06_tcp"} 1.0'
    assert information in metrics
    stored = await pool.fetch("SELECT ts, lat, lon FROM position")
    expected = {
        (datetime.fromisoformat(one["ts"]), round(one["lat"], 4))
        for one in frames
        if one.get("fix") and "bad checksum" not in one["meaning"]
    }
    kept = await pool.fetch("SELECT reason, payload FROM quarantine")
    reasons = [row["reason"] for row in kept]
    assert {"unreadable"} <= set(reasons) <= {"unreadable", "jump"}
    found = {(row["ts"], round(row["lat"], 4)) for row in stored}
    jumped = {
        (one.ts, round(one.lat, 4))
        for row in kept
        if row["reason"] == "jump"
        for one in gt06.GT06.read_kept(row["payload"], datetime.now(UTC)).positions
    }
    assert expected <= found | jumped


async def test_a_bad_checksum_is_not_acknowledged_but_kept_and_the_connection_goes_on(
    port: int, pool: Pool
) -> None:
    wrong = bytearray(alarm(Place(), code=2, serial=5))
    wrong[-3] ^= 1
    async with logged_in(port) as tracker:
        await tracker.send(bytes(wrong))
        assert await tracker.is_silent(0.3)
        await tracker.send(alarm(Place(), code=2, serial=6))
        assert await tracker.answer() == answer(ALARM, 6)
    [row] = await pool.fetch("SELECT device, reason, detail, payload FROM quarantine")
    assert (row["device"], row["reason"]) == (IMEI, "unreadable")
    assert "checksum" in detail_of(row["detail"])
    assert row["payload"].endswith(bytes(wrong))
    assert await rows(pool, "position") == 1


async def test_a_release_tells_of_a_blanked_frame_the_checksum_that_it_came_with(
    port: int, pool: Pool, ports: Settings
) -> None:
    """What is kept has zeros for a driver's card, and so another checksum than what was sent."""
    whole = frame(LOCATION_WITH_IGNITION, Place().content() + CELL + b"\1\0\0ID=0012345678", 5)
    wrong = bytearray(whole)
    wrong[-3] ^= 1
    [stated, found] = [f"{int.from_bytes(one[-4:-2]):#06x}" for one in (wrong, whole)]
    async with logged_in(port) as tracker:
        await tracker.send(bytes(wrong) + heartbeat(7))
        assert await tracker.answer() == answer(HEARTBEAT, 7)
    kept = "SELECT reason, detail, payload FROM quarantine WHERE released_at IS NULL"
    [row] = await pool.fetch(kept)
    assert b"12345678" not in row["payload"]
    sent = f"checksum {stated} is stated, the bytes have {found}"
    assert detail_of(row["detail"]) == sent
    for _ in range(2):
        assert await release(pool, ports, IMEI) == (Receipt(0, 0, 0), 1)
        [again] = await pool.fetch(kept)
        assert again["reason"] == "unreadable"
        assert detail_of(again["detail"]) == (
            f"when it came: {sent}; only known values of it are kept, and these cannot be read by"
            " themselves"
        )


async def test_a_number_that_nobody_knows_is_acknowledged_and_kept_once(
    port: int, pool: Pool
) -> None:
    async with logged_in(port) as tracker:
        for serial in range(3):
            await tracker.send(frame(0x17, b"card 0011223344", serial))
            assert await tracker.answer() == answer(0x17, serial)
        await tracker.send(frame(INFORMATION, b"\x04ALM1=45", 7, is_long=True))
        assert await tracker.is_silent(0.3)
    [row] = await pool.fetch("SELECT detail, payload, times_sent FROM quarantine")
    assert (detail_of(row["detail"]), row["times_sent"]) == ("protocol: 0x17 is not known", 3)
    assert b"0011" not in row["payload"]


async def test_nothing_is_acknowledged_before_the_commit_nor_without_one(
    port: int, pool: Pool
) -> None:
    first, second = driving(2)
    sent = location(first) + alarm(second, code=1, serial=6)
    async with logged_in(port) as tracker, pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE position IN ACCESS EXCLUSIVE MODE")
        await tracker.send(sent)
        assert await tracker.is_silent(0.5)
        assert await tracker.answer() == b""
    async with logged_in(port) as again:
        await again.send(sent)
        assert await again.answer() == answer(ALARM, 6)
    assert await rows(pool, "position") == 2


async def test_an_unknown_device_is_acknowledged_and_stored_when_it_is_enrolled(
    port: int, pool: Pool, ports: Settings
) -> None:
    sent_at = datetime.now(UTC)
    async with logged_in(port, STRANGER) as tracker:
        for place in driving(3):
            await tracker.send(location(place, ignition=False))
        await tracker.send(heartbeat(4))
        assert await tracker.answer() == answer(HEARTBEAT, 4)
    kept = await pool.fetch("SELECT protocol, reason, payload FROM quarantine")
    assert {(row["protocol"], row["reason"]) for row in kept} == {("gt06_tcp", "unknown_device")}
    assert login(STRANGER, serial=0) + heartbeat(4)[:4] + bytes([0x46]) + bytes(4) in {
        row["payload"][: 18 + 9] for row in kept
    }
    await enrol_device(pool, SOMEBODY, STRANGER)
    # The heartbeat waits until a place of its tracker is stored, which is so the second time.
    receipt, refused = await release(pool, ports, STRANGER)
    assert (receipt.stored, refused) == (3, 1)
    receipt, refused = await release(pool, ports, STRANGER)
    assert (receipt.stored, refused) == (1, 0)
    *driven, heard = await pool.fetch("SELECT ts, lat, lon, ignition FROM position ORDER BY ts")
    assert [(row["ts"], row["ignition"]) for row in driven] == [
        (place.ts, False) for place in driving(3)
    ]
    assert abs(heard["ts"] - sent_at) < timedelta(minutes=1)
    assert (heard["lat"], heard["lon"]) == (driven[-1]["lat"], driven[-1]["lon"])


async def test_a_network_that_is_not_allowed_goes_to_quarantine(
    pool: Pool, ports: Settings, database_url: str
) -> None:
    await enrol_device(pool, SOMEBODY, IMEI)
    closed = ports.model_copy(update={"gt06_networks": ()})
    async with (
        running_server(closed, database_url, [ServerRole.INGEST]),
        logged_in(closed.gt06_port or 0) as tracker,
    ):
        await tracker.send(alarm(Place(), code=1, serial=2))
        assert await tracker.answer() == answer(ALARM, 2)
    [row] = await pool.fetch("SELECT reason, detail FROM quarantine")
    assert (row["reason"], detail_of(row["detail"])) == (
        "not_authorised",
        "127.0.0.1 is in no network allowed for it",
    )
    assert await release(pool, closed, IMEI) == (Receipt(1, 0, 0), 0)


async def test_private_driving_is_answered_and_kept_nowhere(
    pool: Pool, ports: Settings, database_url: str
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    await add_vehicle(pool, "v1", IMEI)
    period = PrivatePeriod(now - timedelta(hours=1), None)
    await set_private(pool, Actor.trusted("driver"), "v1", period)
    wrong = bytearray(location(Place(ts=now)))
    wrong[-3] ^= 1
    async with (
        running_server(ports, database_url, [ServerRole.INGEST]),
        logged_in(ports.gt06_port or 0) as tracker,
    ):
        await tracker.send(location(Place(ts=now)) + wrong + frame(0x42, b"?"))
        assert await tracker.answer() == answer(0x42, 1)
        await tracker.send(heartbeat(5) + alarm(replace(Place(), ts=now), 1, serial=6))
        assert await tracker.answer() == answer(HEARTBEAT, 5)
        assert await tracker.answer() == answer(ALARM, 6)
    assert await rows(pool, "position") == 0
    assert await rows(pool, "quarantine") == 0
    assert await pool.fetchval("SELECT sum(positions) FROM private_day") == 5


async def test_an_error_nobody_foresaw_costs_one_frame_which_is_acknowledged(
    port: int, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("nobody foresaw this")

    async with logged_in(port) as tracker:
        monkeypatch.setattr(gt06, "_moment", fail)
        await tracker.send(alarm(Place(), code=1, serial=2))
        assert await tracker.answer() == answer(ALARM, 2)
        monkeypatch.undo()
        await tracker.send(alarm(Place(), code=1, serial=3))
        assert await tracker.answer() == answer(ALARM, 3)
    detail = await pool.fetchval("SELECT detail FROM quarantine")
    assert "unexpected error: KeyError" in detail_of(detail)
    assert await rows(pool, "position") == 1


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\x0f356307042441013",
        location(Place()),
        b"\x79\x79\xff\xff\x01",
        login("359000000000017")[:-4] + b"\0\0\r\n",
    ],
)
async def test_what_is_no_login_is_closed_without_an_answer(
    port: int, pool: Pool, garbage: bytes
) -> None:
    async with connected(port) as tracker:
        await tracker.send(garbage)
        assert await tracker.answer() == b""
    assert await rows(pool, "quarantine") == 0


@pytest.mark.parametrize(
    "garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\x79\x79\xff\xff\x12", location(Place())[:-2] + b"ab"]
)
async def test_a_stream_that_cannot_be_followed_is_closed_and_its_beginning_kept(
    port: int, pool: Pool, garbage: bytes
) -> None:
    async with logged_in(port) as tracker:
        await tracker.send(garbage)
        assert await tracker.answer() == b""
    assert await pool.fetchval("SELECT payload FROM quarantine") == (login(serial=0) + garbage[:5])


@pytest.mark.parametrize("said", [b"", login()[:10]])
async def test_who_does_not_log_in_is_closed(
    pool: Pool, ports: Settings, database_url: str, said: bytes
) -> None:
    impatient = ports.model_copy(update={"tracker_login_wait_max_s": 0.5})
    async with (
        running_server(impatient, database_url, [ServerRole.INGEST]),
        connected(impatient.gt06_port or 0) as tracker,
    ):
        await tracker.send(said)
        assert await tracker.answer() == b""
    assert await rows(pool, "quarantine") == 0
