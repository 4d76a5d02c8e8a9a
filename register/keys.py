"""Keys of devices and gateways; the database stores their hashes only."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, Permission
from register.devices import NAME_MAX, EnrolmentError
from register.history import REMOVED, RegisterSubject, record_change

SQL = statements("device")


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key without its text: its device or gateway, its label, and when it was last used."""

    key_id: int
    device: str | None
    gateway: str | None
    label: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def key_sha256(key: str) -> bytes:
    """The hash of a key, as the database stores it.

    A key is 256 random bits, so nobody can invert a plain hash by search.
    """
    return hashlib.sha256(key.encode()).digest()


async def new_device_key(pool: Pool, actor: Actor, device: str, label: str = "") -> str:
    """Issue a further key for an enrolled device; the text of the key is returned only once.

    Raises:
        EnrolmentError: the device is not enrolled, or the label is too long.
    """
    actor.require(Permission.TELEMETRY_MANAGE)
    await refuse_unknown_holder(pool, device=device)
    return await _new_key(pool, actor, device, None, label)


async def new_gateway_key(pool: Pool, actor: Actor, gateway: str, label: str = "") -> str:
    """Issue a further key for a gateway, which may send for every enrolled device.

    Raises:
        EnrolmentError: the gateway has no name, or a name or label is too long.
    """
    actor.require(Permission.TELEMETRY_MANAGE)
    if not 1 <= len(gateway) <= NAME_MAX:
        raise EnrolmentError(f"a gateway's name has 1 to {NAME_MAX} characters")
    return await _new_key(pool, actor, None, gateway, label)


async def list_keys(
    pool: Pool, *, device: str | None = None, gateway: str | None = None
) -> list[IssuedKey]:
    """All keys of a device or of a gateway, or all keys; revoked ones last."""
    return [IssuedKey(**row) for row in await pool.fetch(SQL["list_keys"], device, gateway)]


async def refuse_unknown_holder(
    pool: Pool, *, device: str | None = None, gateway: str | None = None
) -> None:
    """Refuse names by which nobody can have a key.

    Raises:
        EnrolmentError: the device is not enrolled, or no key was ever made for the gateway.
    """
    if device is not None and not await pool.fetchval(SQL["is_enrolled"], device):
        raise EnrolmentError(f"device {device} is not enrolled")
    if gateway is not None and not await list_keys(pool, gateway=gateway):
        raise EnrolmentError(f"there is no gateway {gateway}")


async def revoke_key(pool: Pool, actor: Actor, key_id: int) -> None:
    """Revoke one key; listeners refuse it within `AGE_MAX_S`.

    Raises:
        EnrolmentError: there is no such key, or it is revoked already.
    """
    actor.require(Permission.TELEMETRY_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        key = await connection.fetchrow(SQL["revoke_key"], key_id)
        if key is None:
            raise EnrolmentError(f"there is no key {key_id} in force")
        await record_change(connection, actor, RegisterSubject.KEY, str(key_id), REMOVED, dict(key))


async def revoke_keys(
    pool: Pool, actor: Actor, *, device: str | None = None, gateway: str | None = None
) -> int:
    """Revoke all keys of a device or of a gateway; returns their number."""
    actor.require(Permission.TELEMETRY_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        revoked = await connection.fetch(SQL["revoke_keys"], device, gateway)
        for row in revoked:
            key = {name: row[name] for name in ("device", "gateway", "label")}
            await record_change(
                connection, actor, RegisterSubject.KEY, str(row["key_id"]), REMOVED, key
            )
    return len(revoked)


async def _new_key(
    pool: Pool, actor: Actor, device: str | None, gateway: str | None, label: str
) -> str:
    if len(label) > NAME_MAX:
        raise EnrolmentError(f"a label has at most {NAME_MAX} characters")
    key = secrets.token_urlsafe(32)
    async with pool.acquire() as connection, connection.transaction():
        key_id = await connection.fetchval(SQL["add_key"], key_sha256(key), device, gateway, label)
        content = {"device": device, "gateway": gateway, "label": label}
        await record_change(connection, actor, RegisterSubject.KEY, str(key_id), content)
    return key
