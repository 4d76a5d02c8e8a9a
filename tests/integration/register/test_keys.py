"""Keys change hands without a gap, one at a time, and networks bind what cannot carry one."""

import asyncio
import re
from collections.abc import AsyncGenerator
from ipaddress import ip_network

import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from ingest.gate.known_devices import AGE_MAX_S, MISS_AGE_MAX_S, KnownDevices
from register.devices import EnrolmentError, allow_networks, enrol_device
from register.keys import key_sha256, list_keys, new_device_key, new_gateway_key, revoke_key
from tests.factories.actors import SOMEBODY
from tests.factories.locks import until_waiting
from tests.factories.serving import GOOD, Client, client_of


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url) as client:
        yield client


async def test_a_key_is_replaced_without_a_gap_and_only_the_old_one_stops(
    client: Client, pool: Pool
) -> None:
    old = await new_device_key(pool, SOMEBODY, "d1", "workshop")
    assert (await client.post(GOOD, key=old))[0] == 200
    new = await new_device_key(pool, SOMEBODY, "d1", "workshop, 2027")
    await asyncio.sleep(2 * MISS_AGE_MAX_S)
    assert (await client.post(GOOD, key=new))[0] == 200
    [_, first] = await list_keys(pool, device="d1")
    await revoke_key(pool, SOMEBODY, first.key_id)
    await asyncio.sleep(AGE_MAX_S + 0.1)
    assert (await client.post(GOOD, key=old))[0] == 401
    assert (await client.post(GOOD, key=new))[0] == 200
    keys = await list_keys(pool, device="d1")
    assert [(key.label, key.revoked_at is None) for key in keys] == [
        ("workshop, 2027", True),
        ("workshop", False),
    ]


async def test_a_key_is_revoked_once(pool: Pool) -> None:
    await new_gateway_key(pool, SOMEBODY, "g")
    [key] = await list_keys(pool, gateway="g")
    await revoke_key(pool, SOMEBODY, key.key_id)
    with pytest.raises(EnrolmentError, match=f"no key {key.key_id} in force"):
        await revoke_key(pool, SOMEBODY, key.key_id)


async def test_when_a_key_was_used_last_is_written_down(pool: Pool) -> None:
    registry = KnownDevices(pool)
    key = await new_gateway_key(pool, SOMEBODY, "g")
    await new_gateway_key(pool, SOMEBODY, "idle")
    assert await registry.sender(key_sha256(key)) is not None
    await registry.write_notes()
    used = {key.gateway: key.last_used_at for key in await list_keys(pool)}
    assert used["g"] is not None
    assert used["idle"] is None


async def test_a_device_with_networks_of_its_own_sends_from_those_only(pool: Pool) -> None:
    everywhere = (ip_network("0.0.0.0/0"),)
    await enrol_device(pool, SOMEBODY, "d1")
    assert await KnownDevices(pool).sender_at("10.1.2.3", "d1", everywhere) is not None
    networks = [ip_network("10.2.0.0/16"), ip_network("2001:db8::/32")]
    await allow_networks(pool, SOMEBODY, "d1", networks)
    bound = KnownDevices(pool)
    assert await bound.sender_at("10.1.2.3", "d1", everywhere) is None
    for address in ("10.2.2.3", "::ffff:10.2.2.3", "2001:db8::7"):
        assert await bound.sender_at(address, "d1", everywhere) is not None
    await allow_networks(pool, SOMEBODY, "d1", None)
    assert await KnownDevices(pool).sender_at("10.1.2.3", "d1", everywhere) is not None
    with pytest.raises(EnrolmentError, match="d2 is not enrolled"):
        await allow_networks(pool, SOMEBODY, "d2", None)


async def test_the_page_makes_a_key_shows_it_once_and_revokes_it_alone(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    async with client_of(settings, database_url, ServerRole.INGEST, ServerRole.API) as client:
        page = {"Accept": "text/html"}
        url = client.server.url + "/intake/keys"
        unknown = {"kind": "device", "name": "nobody"}
        async with client.session.post(url, data=unknown, headers=page) as response:
            assert response.status == 422
            assert "Enheden er ikke tilmeldt" in await response.text()
        asked = {"kind": "device", "name": "d1", "label": "bil 7"}
        async with client.session.post(url, data=asked, headers=page) as response:
            made = re.search("<code>([\\w-]{43})</code>", await response.text())
        assert made is not None
        await asyncio.sleep(2 * MISS_AGE_MAX_S)
        assert (await client.post(GOOD, key=made[1]))[0] == 200
        _, again = await client.get("/intake/keys")
        assert "bil 7" in again
        assert made[1] not in again
        [key] = await list_keys(pool, device="d1")
        async with client.session.post(f"{url}/{key.key_id}/revoke") as response:
            assert response.status == 200
        await asyncio.sleep(AGE_MAX_S + 0.1)
        assert (await client.post(GOOD, key=made[1]))[0] == 401
        assert (await client.post(GOOD))[0] == 200


async def test_many_who_find_the_register_too_old_at_once_read_it_once(pool: Pool) -> None:
    await enrol_device(pool, SOMEBODY, "d1")
    registry = KnownDevices(pool)
    async with pool.acquire() as holder, holder.transaction():
        await holder.execute("LOCK TABLE device")
        asked = [asyncio.create_task(registry.look_up({"d1", "d2"})) for _ in range(100)]
        assert await until_waiting(pool, "device") == 1
    assert await asyncio.gather(*asked) == [({"d2"}, {})] * 100
