"""Stores judged messages, and quarantines positions that the database refuses or has with other
values."""

from collections.abc import Sequence

from db.connect import TRY_LATER_ERRORS
from fleet.saying import Saying
from ingest.gate.detail import RefusalDetail, value_refused
from ingest.gate.judgement import Judgement, all_refused
from ingest.gate.receipt import Overloaded, Receipt, Store, overloaded_by
from ingest.gate.refusal import Reason, Refusal, fold_refusals
from ingest.gate.unexpected import UnexpectedError, UnexpectedErrors
from ingest.protocols.message import Message
from ingest.store.writer import REFUSED_VALUE


class MessageStore:
    """Stores messages, and keeps the original bytes of positions that cannot be stored."""

    def __init__(self, store: Store, unexpected: UnexpectedErrors) -> None:
        self._store = store
        self._unexpected = unexpected

    async def store(self, judgement: Judgement, protocol: str) -> tuple[Receipt, list[Refusal]]:
        """Store the positions that passed and keep the refusals; return when both are committed.

        Where storing fails on an unexpected error, the positions that passed are refused with the
        kind of that error.

        Returns:
            The receipt, and all that was refused.

        Raises:
            Overloaded: nothing was acknowledged.
        """
        message = judgement.message
        try:
            with self._unexpected.contained(protocol):
                return await self._store_chosen(
                    message,
                    judgement.passed,
                    judgement.refusals,
                    protocol,
                    judgement.placed_revision,
                )
        except UnexpectedError as error:
            aside = all_refused(
                message, judgement.passed, protocol, Reason.UNREADABLE, error.saying
            )
            refusals = fold_refusals([*judgement.refusals, *aside])
            return await self.keep(refusals, protocol), refusals

    async def keep(self, refusals: Sequence[Refusal], protocol: str) -> Receipt:
        """Keep refusals in quarantine. Where that fails, their sender keeps the telemetry.

        Raises:
            Overloaded: nothing was kept.
        """
        try:
            with self._unexpected.contained(protocol):
                return await self._store.store([], refusals)
        except UnexpectedError as error:
            raise Overloaded(str(error)) from None
        except TRY_LATER_ERRORS as error:
            raise overloaded_by(error) from None

    async def _store_chosen(
        self,
        message: Message,
        indexes: Sequence[int],
        refusals: list[Refusal],
        protocol: str,
        placed_revision: int | None,
    ) -> tuple[Receipt, list[Refusal]]:
        """Store some positions of a message, but keep those in quarantine that the database
        refuses.

        A value that the gate let pass and the database refuses is found by halving, so that the
        other positions are stored.

        Returns:
            The receipt, and all that was refused.
        """
        positions = message.positions.chosen(indexes)
        try:
            receipt = await self._store.store(positions, refusals, placed_revision)
            if not receipt.differing:
                return receipt, refusals
            return await self._keep_differing(message, indexes, receipt, refusals, protocol)
        except REFUSED_VALUE as error:
            if len(indexes) > 1:
                half = len(indexes) // 2
                first, second = indexes[:half], indexes[half:]
                one, kept = await self._store_chosen(
                    message, first, refusals, protocol, placed_revision
                )
                other, more = await self._store_chosen(
                    message, second, [], protocol, placed_revision
                )
                return one + other, [*kept, *more]
            refused = all_refused(message, indexes, protocol, Reason.VALUE, value_refused(error))
            kept = fold_refusals([*refusals, *refused])
        return await self._store.store([], kept), kept

    async def _keep_differing(
        self,
        message: Message,
        indexes: Sequence[int],
        receipt: Receipt,
        refusals: list[Refusal],
        protocol: str,
    ) -> tuple[Receipt, list[Refusal]]:
        """Keep the positions in quarantine that differ from the stored ones of their moment.

        Where this fails, the sender is told to send again: all positions are repeats then, and
        those that differ are found again.

        Returns:
            The receipt with these positions counted as quarantined, and all that was refused.
        """
        differing = set(receipt.differing)
        kept = fold_refusals(
            Refusal(
                *(protocol, position.device, Reason.SAME_MOMENT_DIFFERS),
                Saying(RefusalDetail.SAME_MOMENT, {"ts": position.ts.isoformat()}),
                *(message.original(index), position.ts),
            )
            for index, position in zip(indexes, message.positions.chosen(indexes), strict=True)
            if position in differing
        )
        receipt = Receipt(receipt.stored, receipt.duplicate, receipt.quarantined)
        return receipt + await self._store.store([], kept), [*refusals, *kept]
