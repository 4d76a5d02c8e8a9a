"""Enrolled devices and their keys, as the gate needs them: in memory, never older than seconds."""

import hashlib
import secrets
import time
from dataclasses import dataclass

from db.connect import Pool
from db.statements import statements
from ingest.gate import Sender

SQL = statements("device")

#: A revoked key works for at most this long.
AGE_MAX_S = 2.0
#: An unknown key or device asks the database again, but no more often than this.
MISS_AGE_MAX_S = 0.2


class EnrolmentError(ValueError):
    """A device or key cannot be enrolled as asked. The message says why."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    devices: frozenset[str]
    senders: dict[bytes, Sender]
    read_at: float


class Registry:
    """Looks up devices and keys in a snapshot of the register, refreshed on age and on a miss."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._snapshot = _Snapshot(frozenset(), {}, float("-inf"))

    async def sender(self, key: str) -> Sender | None:
        """Whose key this is; None when nobody's or revoked."""
        digest = key_sha256(key)
        snapshot = await self._fresh(AGE_MAX_S)
        if digest not in snapshot.senders:
            snapshot = await self._fresh(MISS_AGE_MAX_S)
        return snapshot.senders.get(digest)

    async def unknown(self, devices: set[str]) -> set[str]:
        """Those of `devices` that are not enrolled."""
        snapshot = await self._fresh(AGE_MAX_S)
        if devices - snapshot.devices:
            snapshot = await self._fresh(MISS_AGE_MAX_S)
        return devices - snapshot.devices

    async def refresh(self) -> None:
        """Read the register now: the caller knows that it changed."""
        await self._fresh(-1)

    async def _fresh(self, age_max_s: float) -> _Snapshot:
        if time.monotonic() - self._snapshot.read_at > age_max_s:
            read_at = time.monotonic()
            async with self._pool.acquire() as connection:
                devices = await connection.fetch(SQL["devices"])
                keys = await connection.fetch(SQL["keys"])
            self._snapshot = _Snapshot(
                frozenset(row["device"] for row in devices),
                {row["key_sha256"]: Sender(row["device"], row["gateway"]) for row in keys},
                read_at,
            )
        return self._snapshot


def key_sha256(key: str) -> bytes:
    """What is kept of a key. A key is 256 random bits, so a plain hash cannot be searched back."""
    return hashlib.sha256(key.encode()).digest()


async def enrol_device(pool: Pool, device: str, vehicle_id: str | None = None) -> None:
    """Let `device` send; an enrolled one is bound to another vehicle when one is given.

    Raises:
        EnrolmentError: the name is empty or too long, or there is no such vehicle.
    """
    if not 1 <= len(device) <= 128:
        raise EnrolmentError("a device's name has 1 to 128 characters")
    if vehicle_id is not None and not await pool.fetchval(SQL["vehicle_exists"], vehicle_id):
        raise EnrolmentError(f"there is no vehicle {vehicle_id}")
    await pool.execute(SQL["enrol"], device, vehicle_id)


async def new_device_key(pool: Pool, device: str) -> str:
    """A further key for an enrolled device; shown once, only its hash is kept.

    Raises:
        EnrolmentError: the device is not enrolled.
    """
    if await Registry(pool).unknown({device}):
        raise EnrolmentError(f"device {device} is not enrolled")
    return await _new_key(pool, device, None)


async def new_gateway_key(pool: Pool, gateway: str) -> str:
    """A further key for a gateway, which may send for every enrolled device; shown once."""
    if not gateway:
        raise EnrolmentError("a gateway needs a name")
    return await _new_key(pool, None, gateway)


async def revoke_keys(pool: Pool, *, device: str | None = None, gateway: str | None = None) -> int:
    """Revoke all keys of a device or of a gateway; returns how many there were."""
    return len(await pool.fetch(SQL["revoke"], device, gateway))


async def _new_key(pool: Pool, device: str | None, gateway: str | None) -> str:
    key = secrets.token_urlsafe(32)
    await pool.execute(SQL["new_key"], key_sha256(key), device, gateway)
    return key
