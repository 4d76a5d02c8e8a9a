"""Takes one message in: the gate judges it, the store commits it, its sender gets a receipt."""

import asyncio
from collections.abc import Iterable, Sequence

from fleet.saying import Saying
from ingest.gate.detail import NO_KEY
from ingest.gate.judgement import Gate, Judgement
from ingest.gate.receipt import Receipt
from ingest.gate.refusal import Reason
from ingest.gate.sender import Sender
from ingest.gate.unexpected import UnexpectedErrors
from ingest.protocols.message import Message
from ingest.protocols.mistake import Mistake
from ingest.protocols.unreadable import unreadable
from ingest.store.message_store import MessageStore
from ingest.watch.metrics import Metrics

#: Pieces of one large message that are stored at a time, so that it leaves room for others.
PIECES_TOGETHER = 8


class Intake:
    """Takes messages that listeners have read. An answer means that all of it is stored."""

    def __init__(
        self,
        gate: Gate,
        store: MessageStore,
        metrics: Metrics,
        unexpected: UnexpectedErrors,
        *,
        records_max: int,
    ) -> None:
        """`records_max` is how many positions one message may have."""
        self._gate = gate
        self._store = store
        self._metrics = metrics
        self._unexpected = unexpected
        self._records_max = records_max

    async def take(
        self,
        message: Message,
        sender: Sender | None,
        protocol: str,
        *,
        stranger: Saying = NO_KEY,
        source: str | None = None,
    ) -> Receipt:
        """Store the positions that may be stored, quarantine the rest, and return when both are
        committed.

        `stranger` is the detail that quarantine keeps where the sender may not send for a device;
        `source` is the address of a sender without a key. Where the work fails on an unexpected
        error, the message is quarantined with the kind of that error.

        Raises:
            StrangerQuotaExceeded: the sender is a stranger, and the quota is used up.
            Overloaded: nothing was acknowledged; the sender is to come back.
        """
        judgement = await self._gate.judge(message, sender, protocol, stranger, source)
        return await self._stored(judgement, protocol)

    async def take_all(
        self,
        messages: Sequence[Message],
        sender: Sender | None,
        protocol: str,
        *,
        stranger: Saying = NO_KEY,
        source: str | None = None,
    ) -> Receipt:
        """Take the pieces of a large message, a few of them at a time, so that it does not hold up
        the messages of others.

        Raises:
            StrangerQuotaExceeded: as for `take`.
            Overloaded: not all of it is stored; the stored positions are duplicates when it comes
                again.
        """
        if len(messages) == 1:
            return await self.take(messages[0], sender, protocol, stranger=stranger, source=source)
        receipt = Receipt(0, 0, 0)
        for start in range(0, len(messages), PIECES_TOGETHER):
            judged: list[Judgement] = []
            for message in messages[start : start + PIECES_TOGETHER]:
                judged.append(await self._gate.judge(message, sender, protocol, stranger, source))
                await asyncio.sleep(0)
            receipts = await asyncio.gather(*[self._stored(one, protocol) for one in judged])
            receipt = sum(receipts, receipt)
        return receipt

    async def read(self, pieces: Iterable[Message], protocol: str) -> list[Message]:
        """Read a large message piece by piece; between two of them others have their turn.

        Raises:
            Unreadable: one of them is, or there are more positions than one message may have.
        """
        read: list[Message] = []
        count = 0
        with self._unexpected.contained(protocol):
            for message in pieces:
                if read:
                    await asyncio.sleep(0)
                read.append(message)
                count += len(message.positions)
                if count > self._records_max:
                    most = f"{self._records_max:,}"
                    raise unreadable(None, "body", Mistake.POSITIONS, most=most)
        return read

    async def keep_unreadable(
        self,
        protocol: str,
        device: str,
        detail: Saying,
        payload: bytes,
        sender: Sender | None,
        source: str | None = None,
    ) -> None:
        """Quarantine a message that cannot be read but whose sender will not send it again.

        Raises:
            StrangerQuotaExceeded: the sender is a stranger, and the quota is used up.
            Overloaded: nothing was kept.
        """
        refusals = await self._gate.refuse_unreadable(
            protocol, device, detail, payload, sender, source
        )
        if refusals:
            await self._store.keep(refusals, protocol)
            self._metrics.quarantined.labels(protocol, Reason.UNREADABLE).inc()

    async def _stored(self, judgement: Judgement, protocol: str) -> Receipt:
        """Store what was judged, and count it."""
        receipt, refusals = await self._store.store(judgement, protocol)
        counted = self._metrics.of_protocol(protocol)
        counted.received.inc(len(judgement.message.positions))
        counted.stored.inc(receipt.stored)
        if receipt.duplicate:
            counted.duplicate.inc(receipt.duplicate)
        if judgement.private:
            self._metrics.private.labels(protocol).inc(judgement.private)
        for refusal in refusals:
            self._metrics.quarantined.labels(protocol, refusal.reason).inc(refusal.times)
        return receipt
