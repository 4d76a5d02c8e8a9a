"""An error in a decoder that nobody foresaw costs one message: what may be kept of it is kept with
the kind of the error, and its tracker, acknowledged, goes on with the next."""

from collections.abc import AsyncGenerator

import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from ingest.protocols import osmand
from ingest.protocols.teltonika.io_elements import IoElements
from register.keys import new_device_key
from tests.conftest import free_port
from tests.factories.actors import SOMEBODY
from tests.factories.refused import detail_of
from tests.factories.serving import Client, client_of
from tests.factories.teltonika_tracker import ask, logged_in, records
from tests.unit.ingest.teltonika_encoder import CODEC_8, IMEI, Sent, block, datagram, login, packet

#: Element 78 names who drives.
DRIVER = 0x1122334455667788


@pytest.fixture
def ports(settings: Settings) -> Settings:
    return settings.model_copy(update={"osmand_port": free_port(), "teltonika_port": free_port()})


@pytest.fixture
async def client(pool: Pool, ports: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(
        ports, database_url, ServerRole.INGEST, devices=("d1", IMEI), given_ports=True
    ) as client:
        yield client


def fail(*_: object) -> None:
    raise KeyError("nobody foresaw this")


async def kept(pool: Pool) -> list[tuple[str, str, str, bytes]]:
    rows = await pool.fetch("SELECT protocol, device, detail, payload FROM quarantine ORDER BY 1")
    return [(p, d, detail_of(detail), payload) for p, d, detail, payload in rows]


async def test_a_phone_is_answered_and_its_known_parameters_are_kept(
    client: Client, ports: Settings, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await new_device_key(pool, SOMEBODY, "d1")
    url = f"http://127.0.0.1:{ports.osmand_port}/?key={key}&driverUniqueId=Anna&id=d1"
    url += "&lat=55.7&lon=12.5&timestamp=1795255200"
    monkeypatch.setattr(osmand, "decode_query", fail)
    async with client.session.get(url) as answer:
        assert answer.status == 200
    monkeypatch.setattr(osmand, "known_query", fail)
    async with client.session.get(url) as answer:
        assert answer.status == 200
    [(protocol, device, detail, payload), (_, _, _, digest)] = sorted(
        await kept(pool), key=lambda row: b"sha256" in row[3]
    )
    assert (protocol, device) == ("osmand", "d1")
    assert "unexpected error: KeyError" in detail
    assert payload == b"id=d1&lat=55.7&lon=12.5&timestamp=1795255200"
    assert b" bytes, sha256 " in digest
    assert b"Anna" not in digest
    _, figures = await client.get("/metrics")
    assert 'flaade_unexpected_errors_total{kind="KeyError",protocol="osmand"} 3.0' in figures


async def test_a_tracker_is_acknowledged_and_nothing_that_may_name_a_driver_is_kept(
    client: Client, ports: Settings, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = Sent(timestamp_ms=records(1)[0].timestamp_ms, io=({}, {}, {}, {78: DRIVER}))
    monkeypatch.setattr(IoElements, "reader", fail)
    async with logged_in(ports) as tracker:
        await tracker.send(packet(named, named))
        assert await tracker.counted() == 2
        monkeypatch.undo()
        await tracker.send(packet(*records(1)))  # the connection goes on
        assert await tracker.counted() == 1
    monkeypatch.setattr(IoElements, "reader", fail)
    assert await ask(ports, datagram(block(CODEC_8, [named]))) is not None
    [(tcp, device, detail, by_tcp), (udp, _, _, by_udp)] = await kept(pool)
    assert (tcp, udp, device) == ("teltonika_tcp", "teltonika_udp", IMEI)
    assert "unexpected error: KeyError" in detail
    assert by_tcp.startswith(login())
    for payload in (by_tcp, by_udp):
        assert DRIVER.to_bytes(8) not in payload
        assert len(payload) < 50
    assert await pool.fetchval("SELECT count(*) FROM position") == 1
