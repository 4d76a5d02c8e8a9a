"""The way of one message: who sent it, what is plausible, one commit, one receipt."""

from datetime import UTC, datetime

from db.connect import Pool
from db.statements import statements
from fleet.position import Position
from fleet.settings import Settings
from ingest.gate import Limits, Reason, Refusal, Sender, implausible
from ingest.metrics import Metrics
from ingest.protocols import osmand, positions
from ingest.protocols.refusal import Message, Unreadable
from ingest.registry import Registry
from ingest.writer import PositionWriter, Receipt

SQL = statements("quarantine")

POSITIONS = "positions"
OSMAND = "osmand"

#: Items of a release that are handled in one step.
RELEASE_BATCH = 500


class Intake:
    """Takes decoded messages from every protocol to the writer, and quarantine back to it."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self.metrics = Metrics()
        self.registry = Registry(pool)
        self.writer = PositionWriter(
            pool,
            self.metrics,
            rows_max=settings.writer_rows_max,
            queue_rows_max=settings.writer_queue_rows_max,
            wait_max_s=settings.writer_wait_max_s,
        )
        self._pool = pool
        self._limits = Limits(
            settings.position_earliest, settings.position_future_max, settings.speed_max_kmh
        )

    async def take(self, message: Message, sender: Sender | None, protocol: str) -> Receipt:
        """Store what may be stored, quarantine the rest, and return when both are committed.

        Raises:
            Overloaded: nothing was acknowledged; the sender is to come back.
        """
        passed, refusals = await self._sift(message, sender, protocol)
        receipt = await self.writer.store(passed, refusals)
        self.metrics.received.labels(protocol).inc(len(message.positions))
        self.metrics.stored.labels(protocol).inc(receipt.stored)
        self.metrics.duplicate.labels(protocol).inc(receipt.duplicate)
        for refusal in refusals:
            self.metrics.quarantined.labels(protocol, refusal.reason).inc()
        return receipt

    async def keep_unreadable(
        self, protocol: str, device: str, detail: str, payload: bytes
    ) -> None:
        """Keep a message that cannot be read but whose sender will not send it again."""
        refusal = Refusal(protocol, device, Reason.UNREADABLE, detail, payload)
        await self.writer.store([], [refusal])
        self.metrics.quarantined.labels(protocol, Reason.UNREADABLE).inc()

    async def release(self, device: str, reason: str | None) -> tuple[Receipt, int]:
        """Send what is quarantined for a device through the normal path again.

        Returns the receipt of what passed, and how many items are refused still; those stay, with
        the reason of today.
        """
        await self.registry.refresh()
        stored = duplicate = refused = after = 0
        while rows := await self._pool.fetch(
            SQL["to_release"], device, reason, after, RELEASE_BATCH
        ):
            after = rows[-1]["quarantine_id"]
            passed: list[Position] = []
            passed_ids: list[int] = []
            for row in rows:
                verdict = await self._read_again(
                    row["protocol"], row["payload"], row["received_at"]
                )
                if isinstance(verdict, Refusal):
                    refused += 1
                    await self._pool.execute(
                        SQL["still_refused"], row["quarantine_id"], verdict.reason, verdict.detail
                    )
                else:
                    passed.extend(verdict)
                    passed_ids.append(row["quarantine_id"])
            # Stored first: a crash in between leaves items whose next release finds duplicates.
            receipt = await self.writer.store(passed, [])
            await self._pool.execute(SQL["released"], passed_ids)
            stored += receipt.stored
            duplicate += receipt.duplicate
        return Receipt(stored=stored, duplicate=duplicate, quarantined=0), refused

    async def _sift(
        self, message: Message, sender: Sender | None, protocol: str
    ) -> tuple[list[Position], list[Refusal]]:
        now = datetime.now(UTC)
        unknown = await self.registry.unknown({p.device for p in message.positions})
        passed: list[Position] = []
        refusals: list[Refusal] = []
        for index, position in enumerate(message.positions):
            if position.device in unknown:
                found = Reason.UNKNOWN_DEVICE, "the device is not enrolled"
            elif sender is None or not sender.may_send_for(position.device):
                found = Reason.NOT_AUTHORISED, "the key is missing or is not this device's"
            else:
                found = implausible(position, self._limits, now)
            if found is None:
                passed.append(position)
            else:
                original = message.original(index)
                refusals.append(Refusal(protocol, position.device, *found, original))
        return passed, refusals

    async def _read_again(
        self, protocol: str, payload: bytes, received_at: datetime
    ) -> list[Position] | Refusal:
        try:
            message = _decode(protocol, payload, received_at)
        except Unreadable as error:
            return Refusal(protocol, "", Reason.UNREADABLE, str(error), payload)
        # A person releases it, which is authority enough; the device must still be enrolled.
        released_by_hand = Sender(device=None, gateway="release")
        passed, refusals = await self._sift(message, released_by_hand, protocol)
        return refusals[0] if refusals else passed


def _decode(protocol: str, payload: bytes, received_at: datetime) -> Message:
    if protocol == OSMAND:
        if payload.lstrip().startswith(b"{"):
            return osmand.decode_json(payload)
        return osmand.decode_query(payload, received_at)
    return positions.decode(payload)
