"""Teltonika trackers over TLS, with certificates made for the test."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from fleet.settings import SettingsError
from register.devices import enrol_device
from tests.conftest import free_port
from tests.factories.actors import SOMEBODY
from tests.factories.refused import detail_of
from tests.factories.teltonika_tracker import Tracker, records, stored
from tests.unit.ingest.teltonika_encoder import IMEI, login, packet

OTHER = "356307042440000"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secured(settings: Settings, authority: trustme.CA, tmp_path: Path) -> Settings:
    """A TLS port with a certificate for 127.0.0.1; everybody who trusts it may connect."""
    issued = authority.issue_cert("127.0.0.1")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(key)
    return settings.model_copy(
        update={
            "port": 0,
            "osmand_port": 0,
            "teltonika_port": 0,
            "teltonika_tls_port": free_port(),
            "teltonika_tls_cert": cert,
            "teltonika_tls_key": key,
        }
    )


@pytest.fixture
def certified_only(secured: Settings, authority: trustme.CA, tmp_path: Path) -> Settings:
    """The same, and trackers must have a certificate of their own."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return secured.model_copy(update={"teltonika_tls_client_ca": path})


def named(authority: trustme.CA, name: str) -> trustme.LeafCert:
    """A tracker's certificate with this common name."""
    return authority.issue_cert("tracker.invalid", common_name=name)


@asynccontextmanager
async def over_tls(
    settings: Settings, trust: trustme.CA, certificate: trustme.LeafCert | None = None
) -> AsyncGenerator[Tracker]:
    context = ssl.create_default_context()
    trust.configure_trust(context)
    if certificate is not None:
        certificate.configure_cert(context)
    port = settings.teltonika_tls_port
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="127.0.0.1"
    )
    yield Tracker(reader, writer)
    writer.close()


async def test_a_tracker_sends_over_tls_and_is_answered_after_the_commit(
    pool: Pool, secured: Settings, database_url: str, authority: trustme.CA
) -> None:
    await enrol_device(pool, SOMEBODY, IMEI)
    async with (
        running_server(secured, database_url, [ServerRole.INGEST]),
        over_tls(secured, authority) as tracker,
    ):
        await tracker.send(login() + packet(*records(20)))
        assert await tracker.answer(1) == b"\x01"
        assert await tracker.counted() == 20
        assert await stored(pool) == 20


async def test_a_certificate_speaks_for_the_device_it_names_wherever_it_is(
    pool: Pool, certified_only: Settings, database_url: str, authority: trustme.CA
) -> None:
    await enrol_device(pool, SOMEBODY, IMEI)
    nowhere = certified_only.model_copy(update={"teltonika_networks": ()})
    async with running_server(nowhere, database_url, [ServerRole.INGEST]):
        async with over_tls(nowhere, authority, named(authority, IMEI)) as tracker:
            await tracker.send(login() + packet(*records(2)))
            assert await tracker.answer(1) == b"\x01"
            assert await tracker.counted() == 2
        assert await stored(pool) == 2
        async with over_tls(nowhere, authority, named(authority, OTHER)) as tracker:
            await tracker.send(login() + packet(*records(2, 2)))
            assert await tracker.answer(1) == b"\x01"
            assert await tracker.counted() == 2
    assert await stored(pool) == 2
    rows = await pool.fetch("SELECT reason, detail FROM quarantine")
    assert {(row["reason"], detail_of(row["detail"])) for row in rows} == {
        ("not_authorised", f"the certificate is of '{OTHER}'")
    }


async def answer_to(
    settings: Settings, trust: trustme.CA, certificate: trustme.LeafCert | None
) -> bytes:
    """What a login is answered; empty where the connection does not come about."""
    try:
        async with over_tls(settings, trust, certificate) as tracker:
            await tracker.send(login() + packet(*records(1)))
            return await tracker.answer(1)
    except (ssl.SSLError, ConnectionError):
        return b""


async def test_without_a_certificate_of_our_authority_nothing_is_taken(
    pool: Pool, certified_only: Settings, database_url: str, authority: trustme.CA
) -> None:
    await enrol_device(pool, SOMEBODY, IMEI)
    async with running_server(certified_only, database_url, [ServerRole.INGEST]):
        assert await answer_to(certified_only, authority, None) == b""
        assert await answer_to(certified_only, authority, named(trustme.CA(), IMEI)) == b""
        assert await stored(pool) == 0
        assert await answer_to(certified_only, authority, named(authority, IMEI)) == b"\x01"
    assert await pool.fetchval("SELECT count(*) FROM quarantine") == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"teltonika_tls_key": None}, "TLS_PORT: needs"),
        ({"teltonika_tls_cert": Path("/nothing.pem")}, "TLS_CERT: /nothing.pem"),
        ({"teltonika_tls_client_ca": Path("/nothing.pem")}, "TLS_CLIENT_CA: /nothing.pem"),
    ],
)
async def test_a_certificate_that_cannot_be_used_stops_the_start(
    pool: Pool, secured: Settings, database_url: str, change: dict[str, object], words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        async with running_server(
            secured.model_copy(update=change), database_url, [ServerRole.INGEST]
        ):
            pass


async def test_a_renewed_certificate_is_used_without_a_restart_and_a_broken_one_never(
    pool: Pool, secured: Settings, database_url: str, authority: trustme.CA
) -> None:
    await enrol_device(pool, SOMEBODY, IMEI)
    cert, key = secured.teltonika_tls_cert, secured.teltonika_tls_key
    assert cert is not None
    assert key is not None
    eager = secured.model_copy(update={"teltonika_tls_renew_s": 0.05})
    later = trustme.CA()
    async with (
        running_server(eager, database_url, [ServerRole.INGEST]),
        over_tls(eager, authority) as old,
    ):
        key.write_text("half of a key")
        await asyncio.sleep(0.2)
        assert await answer_to(eager, authority, None) == b"\x01"
        issued = later.issue_cert("127.0.0.1")
        cert.write_bytes(issued.cert_chain_pems[0].bytes())
        issued.private_key_pem.write_to_path(key)
        for _ in range(100):
            if await answer_to(eager, later, None) == b"\x01":
                break
            await asyncio.sleep(0.05)
        assert await answer_to(eager, later, None) == b"\x01"
        assert await answer_to(eager, authority, None) == b""
        # Who was connected before goes on.
        await old.send(login() + packet(*records(2)))
        assert await old.answer(1) == b"\x01"
        assert await old.counted() == 2
