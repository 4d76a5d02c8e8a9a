"""Keeps enrolled devices and their keys in memory for the gate, as a copy that is at most seconds
old."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime

from db.connect import TRY_LATER_ERRORS, Pool
from db.statements import statements
from fleet.localtime import local_day
from fleet.position import SpeedUnit
from fleet.settings import Network
from ingest.gate.receipt import overloaded_by
from ingest.gate.sender import Sender, sender_by_address
from register.private_time import (
    PERIODS_LOOKBACK,
    PrivatePeriod,
    PrivateRegister,
    read_private_register,
)

SQL = statements("device")
CONTACT_SQL = statements("contact")
PRIVATE_SQL = statements("private")

#: Seconds for which a revoked key works at most.
AGE_MAX_S = 2.0
#: The least seconds between two reads of the register that unknown keys or devices cause.
MISS_AGE_MAX_S = 0.2

#: Seconds after which a database that has not answered counts as away.
READ_MAX_S = 10.0

#: Seconds between two writes of which keys were used, how devices were heard, what was dropped.
NOTES_EVERY_S = 5.0


_NO_DEVICE: Set[str] = frozenset()
_NEVER_PRIVATE: Mapping[str, Sequence[PrivatePeriod]] = {}
_NOT_READ = PrivateRegister(-1, {}, datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class _Snapshot:
    devices: frozenset[str]
    senders: dict[bytes, Sender]
    #: The networks of each device that has some of its own.
    networks: dict[str, tuple[Network, ...]]
    #: The private periods of each device whose vehicle has some.
    private: PrivateRegister
    #: The unit of the speed of each device for which one is set.
    speed_units: dict[str, SpeedUnit]
    read_at: float


class KnownDevices:
    """Looks up devices and keys in a snapshot of the register, refreshed on age and on a miss."""

    def __init__(self, pool: Pool, *, stale_max_s: float = 0.0) -> None:
        """While the database is away, the last snapshot serves for `stale_max_s`."""
        self._pool = pool
        self._stale_max_s = stale_max_s
        self._stale_until = float("-inf")
        self._snapshot = _Snapshot(frozenset(), {}, {}, _NOT_READ, {}, float("-inf"))
        self._reading: asyncio.Task[None] | None = None
        self._used: dict[bytes, datetime] = {}
        self._heard: dict[str, str] = {}
        self._dropped: Counter[tuple[str, date]] = Counter()

    async def sender(self, digest: bytes) -> Sender | None:
        """The sender whose key has the `digest` (`key_sha256`); None when no sender has such a key,
        or it is revoked."""
        snapshot = await self._fresh(AGE_MAX_S)
        if digest not in snapshot.senders:
            snapshot = await self._fresh(MISS_AGE_MAX_S)
        found = snapshot.senders.get(digest)
        if found is not None:
            self._used[digest] = datetime.now(UTC)
        return found

    async def sender_at(
        self, address: str, device: str, networks: Sequence[Network]
    ) -> Sender | None:
        """The sender behind a tracker without a key: the device that it names, if it sends from one
        of the device's own networks or, when the device has none, from one of `networks`.

        Raises:
            Overloaded: the register cannot be read now.
        """
        try:
            snapshot = await self._fresh(AGE_MAX_S)
        except TRY_LATER_ERRORS as error:
            raise overloaded_by(error) from None
        return sender_by_address(address, device, snapshot.networks.get(device, networks))

    @property
    def speed_units(self) -> Mapping[str, SpeedUnit]:
        """The unit of the speed of each device for which one is set, as of the last look-up of a
        key: a message without a key is kept as it is, and read when it is released."""
        return self._snapshot.speed_units

    async def look_up(
        self, devices: Set[str]
    ) -> tuple[Set[str], Mapping[str, Sequence[PrivatePeriod]]]:
        """Look up some devices.

        Returns:
            Those of them that are not enrolled, and the private periods of the vehicles of the
            others, without those that have none.
        """
        snapshot = await self._fresh(AGE_MAX_S)
        unknown: Set[str] = _NO_DEVICE
        if not devices <= snapshot.devices:
            snapshot = await self._fresh(MISS_AGE_MAX_S)
            unknown = {one for one in devices if one not in snapshot.devices}
        periods = snapshot.private.periods
        if periods.keys().isdisjoint(devices):
            return unknown, _NEVER_PRIVATE
        return unknown, {one: periods[one] for one in devices if one in periods}

    @property
    def private_revision(self) -> int:
        """The revision of the private periods that the last look-up returned."""
        return self._snapshot.private.revision

    @property
    def unswept(self) -> Set[str]:
        """The devices of which private positions may still be stored, as of the last look-up."""
        return self._snapshot.private.unswept

    def note_heard(self, devices: Iterable[str], protocol: str) -> None:
        """Note that these devices were heard just now, and by which protocol."""
        self._heard.update(dict.fromkeys(devices, protocol))

    def note_private(self, device: str, ts: datetime) -> None:
        """Count a private position that is dropped, on the local day of `ts`."""
        self._dropped[device, local_day(ts)] += 1

    async def refresh(self) -> None:
        """Read the register now, for a caller who knows that it changed."""
        await self._fresh(0)

    async def run(self) -> None:
        """Write the notes to the database every few seconds until cancelled, and then once more."""
        try:
            while True:
                await asyncio.sleep(NOTES_EVERY_S)
                await self.write_notes()
        finally:
            await self.write_notes()

    async def write_notes(self) -> None:
        """Write the notes to the database; while it is away, keep them for later."""
        used, self._used = self._used, {}
        heard, self._heard = self._heard, {}
        dropped, self._dropped = self._dropped, Counter()
        days = [(device, day, count) for (device, day), count in dropped.items()]
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                if used:
                    await connection.execute(SQL["keys_used"], list(used), list(used.values()))
                if heard:
                    await connection.execute(
                        CONTACT_SQL["set_protocols"], list(heard), list(heard.values())
                    )
                if days:
                    await connection.execute(
                        PRIVATE_SQL["count_dropped"],
                        *(list(column) for column in zip(*days, strict=True)),
                    )
        except TRY_LATER_ERRORS:
            self._used = used | self._used
            self._heard = heard | self._heard
            self._dropped += dropped

    async def _fresh(self, age_max_s: float) -> _Snapshot:
        oldest = time.monotonic() - age_max_s
        while self._snapshot.read_at < oldest and time.monotonic() > self._stale_until:
            # All connections find the snapshot too old at the same moment; one of them reads for
            # all.
            if self._reading is None:
                self._reading = asyncio.create_task(self._read())
            await asyncio.shield(self._reading)
        return self._snapshot

    async def _read(self) -> None:
        read_at = time.monotonic()
        try:
            async with asyncio.timeout(READ_MAX_S), self._pool.acquire() as connection:
                devices = await connection.fetch(SQL["devices"])
                keys = await connection.fetch(SQL["keys"])
                private = await read_private_register(
                    connection, datetime.now(UTC) - PERIODS_LOOKBACK
                )
        except TRY_LATER_ERRORS:
            # With a buffer, listeners go on for a while without the database.
            now = time.monotonic()
            if now - self._snapshot.read_at > self._stale_max_s:
                raise
            self._stale_until = now + AGE_MAX_S
            return
        finally:
            self._reading = None
        self._snapshot = _Snapshot(
            frozenset(row["device"] for row in devices),
            {row["key_sha256"]: Sender(row["device"], row["gateway"]) for row in keys},
            {row["device"]: tuple(row["networks"]) for row in devices if row["networks"]},
            private,
            {row["device"]: SpeedUnit(row["speed_unit"]) for row in devices if row["speed_unit"]},
            read_at,
        )
