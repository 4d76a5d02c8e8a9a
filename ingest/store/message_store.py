"""Storing what was judged. What the database refuses, or holds otherwise, goes to quarantine."""

from collections.abc import Sequence

from db.connect import NOT_NOW
from fleet.saying import Saying
from ingest.gate.detail import Detail, value_refused
from ingest.gate.judgement import Judgement, all_refused
from ingest.gate.mishaps import Mishaps, Unexpected
from ingest.gate.receipt import Overloaded, Receipt, Store, away
from ingest.gate.refusal import Reason, Refusal, folded
from ingest.protocols.message import Message
from ingest.store.writer import REFUSED_VALUE


class MessageStore:
    """Stores messages, whose original bytes it has for what cannot be stored as a position."""

    def __init__(self, store: Store, mishaps: Mishaps) -> None:
        self._store = store
        self._mishaps = mishaps

    async def store(self, judgement: Judgement, protocol: str) -> tuple[Receipt, list[Refusal]]:
        """Store what passed and keep what is refused; return when both are committed.

        Where that fails on an error that nobody foresaw, what passed is refused with the kind of
        the error.

        Returns:
            The receipt, and all that was refused.

        Raises:
            Overloaded: nothing was acknowledged.
        """
        message = judgement.message
        try:
            with self._mishaps.contained(protocol):
                return await self._store_chosen(
                    message, judgement.passed, judgement.refusals, protocol, judgement.placed_as
                )
        except Unexpected as error:
            aside = all_refused(
                message, judgement.passed, protocol, Reason.UNREADABLE, error.saying
            )
            refusals = folded([*judgement.refusals, *aside])
            return await self.keep(refusals, protocol), refusals

    async def keep(self, refusals: Sequence[Refusal], protocol: str) -> Receipt:
        """Keep what was refused. What cannot even be kept, its sender keeps.

        Raises:
            Overloaded: nothing was kept.
        """
        try:
            with self._mishaps.contained(protocol):
                return await self._store.store([], refusals)
        except Unexpected as error:
            raise Overloaded(str(error)) from None
        except NOT_NOW as error:
            raise away(error) from None

    async def _store_chosen(
        self,
        message: Message,
        indexes: Sequence[int],
        refusals: list[Refusal],
        protocol: str,
        placed_as: int | None,
    ) -> tuple[Receipt, list[Refusal]]:
        """Store these positions of a message, but keep in quarantine what the database refuses.

        A value that the gate let pass and the database refuses is found by halving, so that the
        rest is stored.
        """
        positions = message.positions.chosen(indexes)
        try:
            receipt = await self._store.store(positions, refusals, placed_as)
            if not receipt.differing:
                return receipt, refusals
            return await self._keep_differing(message, indexes, receipt, refusals, protocol)
        except REFUSED_VALUE as error:
            if len(indexes) > 1:
                half = len(indexes) // 2
                first, second = indexes[:half], indexes[half:]
                one, kept = await self._store_chosen(message, first, refusals, protocol, placed_as)
                other, more = await self._store_chosen(message, second, [], protocol, placed_as)
                return one + other, [*kept, *more]
            refused = all_refused(message, indexes, protocol, Reason.VALUE, value_refused(error))
            kept = folded([*refusals, *refused])
        return await self._store.store([], kept), kept

    async def _keep_differing(
        self,
        message: Message,
        indexes: Sequence[int],
        receipt: Receipt,
        refusals: list[Refusal],
        protocol: str,
    ) -> tuple[Receipt, list[Refusal]]:
        """Keep in quarantine what says something else than is stored for its moment.

        Where this fails the sender is told to come back: all of it is a repeat then, and what
        differs is found again.
        """
        unlike = set(receipt.differing)
        kept = folded(
            Refusal(
                *(protocol, position.device, Reason.SAME_MOMENT_DIFFERS),
                Saying(Detail.SAME_MOMENT, {"ts": position.ts.isoformat()}),
                *(message.original(index), position.ts),
            )
            for index, position in zip(indexes, message.positions.chosen(indexes), strict=True)
            if position in unlike
        )
        receipt = Receipt(receipt.stored, receipt.duplicate, receipt.quarantined)
        return receipt + await self._store.store([], kept), [*refusals, *kept]
