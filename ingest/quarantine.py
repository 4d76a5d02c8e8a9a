"""Releases refused messages from quarantine into the normal path, and evicts items beyond its
bounds."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import asyncpg

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.position import Position
from fleet.saying import Saying
from ingest.buffer.stream import decode_kept_batch
from ingest.gate.detail import RefusalDetail, as_it_came
from ingest.gate.judgement import Gate
from ingest.gate.known_devices import KnownDevices
from ingest.gate.receipt import Receipt, Store
from ingest.gate.refusal import Reason, Refusal
from ingest.gate.stranger_quota import ITEM_OVERHEAD_BYTES
from ingest.gate.unexpected import UnexpectedErrors
from ingest.intake import Intake
from ingest.protocols import flespi, osmand, positions, protocol_names
from ingest.protocols.message import Message
from ingest.protocols.unreadable import Unreadable
from ingest.quarantine_items import ChosenItems
from ingest.tracker_ports import TrackerPort

SQL = statements("quarantine")

#: The most items of a release that are handled in one step.
RELEASE_BATCH = 500

#: Reads a payload that quarantine kept, with the time it was received.
Decoder = Callable[[bytes, datetime], Iterable[Message]]


def kept_decoders(trackers: Sequence[TrackerPort], known: KnownDevices) -> Mapping[str, Decoder]:
    """The decoder for the payloads of each protocol that quarantine may hold."""
    return {
        protocol_names.POSITIONS: lambda payload, _: positions.read(payload),
        protocol_names.MQTT: lambda payload, _: positions.read(payload),
        protocol_names.FLESPI: lambda payload, _: flespi.read(payload),
        protocol_names.OSMAND: lambda payload, received_at: [
            osmand.decode(payload, received_at, known.speed_units)
        ],
        protocol_names.BUFFER: lambda payload, _: [decode_kept_batch(payload)],
        **{port.protocol.name: _tracker_decoder(port) for port in trackers},
    }


def _tracker_decoder(port: TrackerPort) -> Decoder:
    return lambda payload, received_at: [port.protocol.read_kept(payload, received_at)]


class Quarantine:
    """Releases items: they are read, judged and stored as if they came now."""

    def __init__(
        self,
        pool: Pool,
        known: KnownDevices,
        decoders: Mapping[str, Decoder],
        intake: Intake,
        gate: Gate,
        store: Store,
        unexpected: UnexpectedErrors,
    ) -> None:
        self._pool = pool
        self._known = known
        self._decoders = decoders
        self._intake = intake
        self._gate = gate
        self._store = store
        self._unexpected = unexpected

    async def release(self, actor: Actor, chosen: ChosenItems) -> tuple[Receipt, int]:
        """Release the chosen items that wait.

        Returns:
            The receipt of what passed, and how many items are refused still; those stay, with the
            reason of today.
        """
        actor.require(Permission.TELEMETRY_MANAGE)
        await self._known.refresh()
        stored = duplicate = refused = after = 0
        while rows := await self._pool.fetch(
            *(SQL["to_release"], chosen.device, chosen.reason, chosen.ids, after, RELEASE_BATCH)
        ):
            after = rows[-1]["quarantine_id"]
            placed_revision = self._known.private_revision
            read: dict[int, list[Position]] = {}
            for row in rows:
                item = row["quarantine_id"]
                found = await self._read_again(row)
                if isinstance(found, Refusal):
                    refused += 1
                    await self._refuse_still(item, found.reason, found.detail)
                else:
                    read[item] = found
            # Stored first: a crash in between leaves items whose next release finds duplicates.
            passed = [position for one in read.values() for position in one]
            receipt = await self._store.store(passed, [], placed_revision)
            unlike = set(receipt.differing)
            for item, own in [*read.items()]:
                if differing := [one for one in own if one in unlike]:
                    del read[item]
                    refused += 1
                    detail = Saying(RefusalDetail.SAME_MOMENT, {"ts": differing[0].ts.isoformat()})
                    await self._refuse_still(item, Reason.SAME_MOMENT_DIFFERS, detail)
            if read:
                await self._released(actor, chosen, [*read])
            stored += receipt.stored
            duplicate += receipt.duplicate
        return Receipt(stored=stored, duplicate=duplicate, quarantined=0), refused

    async def _released(self, actor: Actor, chosen: ChosenItems, items: Sequence[int]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["released"], items, str(actor))
            detail = {"items": len(items), "reason": chosen.reason}
            await record(
                connection, actor, Act.RELEASED, Subject.QUARANTINE, chosen.device or "", detail
            )

    async def _refuse_still(self, item: int, reason: Reason, detail: Saying) -> None:
        await self._pool.execute(SQL["still_refused"], item, reason, detail.to_json())

    async def _read_again(self, row: asyncpg.Record) -> list[Position] | Refusal:
        """The positions of an item by the rules of today, or why it is refused still."""
        protocol, payload = row["protocol"], row["payload"]
        try:
            with self._unexpected.contained(protocol):
                pieces = self._decoders[protocol](payload, row["received_at"])
            messages = await self._intake.read(pieces, protocol)
        except Unreadable as error:
            detail = error.saying
            if row["reason"] == Reason.UNREADABLE:
                detail = as_it_came(Saying.from_json(row["detail"]))
            return Refusal(protocol, "", Reason.UNREADABLE, detail, payload)
        passed: list[Position] = []
        for message in messages:
            judgement = await self._gate.judge_released(message, protocol)
            if judgement.refusals:
                return judgement.refusals[0]
            passed += [judgement.message.positions[index] for index in judgement.passed]
            await asyncio.sleep(0)
        return passed


async def evict_quarantine(pool: Pool, rows_max: int, bytes_max: int) -> int:
    """Make room in a full quarantine; returns how many items had to go.

    Items that have left it go first, then the oldest of strangers, then the oldest of enrolled
    devices. Items that still waited are counted by day, protocol and reason.
    """
    return int(await pool.fetchval(SQL["evict"], rows_max, bytes_max, ITEM_OVERHEAD_BYTES))
