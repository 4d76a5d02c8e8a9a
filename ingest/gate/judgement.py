"""The gate, which judges one message: which positions are stored, refused, or dropped as
private."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from db.connect import TRY_LATER_ERRORS
from fleet.saying import Saying
from ingest.gate.believed_places import BelievedPlaces
from ingest.gate.detail import NO_KEY, RefusalDetail
from ingest.gate.known_devices import KnownDevices
from ingest.gate.position_filter import PositionFilter
from ingest.gate.receipt import overloaded_by
from ingest.gate.refusal import Reason, Refusal, fold_refusals
from ingest.gate.sender import Sender
from ingest.gate.stranger_quota import ITEM_OVERHEAD_BYTES, StrangerQuota, StrangerQuotaExceeded
from ingest.gate.unexpected import UnexpectedError, UnexpectedErrors
from ingest.protocols.message import Message
from ingest.watch.metrics import Metrics

#: The sender of telemetry that a person releases from quarantine; it may send for every device.
_RELEASED_BY_HAND = Sender(device=None, gateway="release")


@dataclass(frozen=True, slots=True)
class Judgement:
    """The gate's judgement of a message, before the message is stored.

    Attributes:
        message: the message, with all places known.
        passed: the indices of the positions that are to be stored.
        refusals: the telemetry that is refused, each with its reason.
        private: how many positions are private; they are counted and not kept.
        placed_revision: the revision of the private periods by which positions without a fix were
            put in a place; None: none was.
    """

    message: Message
    passed: Sequence[int]
    refusals: list[Refusal]
    private: int
    placed_revision: int | None


class Gate:
    """Judges messages: by who sent them, by what is plausible, and by what is private."""

    def __init__(
        self,
        known: KnownDevices,
        position_filter: PositionFilter,
        places: BelievedPlaces,
        strangers: StrangerQuota,
        metrics: Metrics,
        unexpected: UnexpectedErrors,
    ) -> None:
        self._known = known
        self._filter = position_filter
        self._places = places
        self._strangers = strangers
        self._metrics = metrics
        self._unexpected = unexpected

    async def judge(
        self,
        message: Message,
        sender: Sender | None,
        protocol: str,
        stranger: Saying,
        source: str | None,
    ) -> Judgement:
        """Judge a message that a decoder has read. Where judging fails on an unexpected error, the
        whole message is refused with the kind of the error.

        Raises:
            StrangerQuotaExceeded: the sender is a stranger, and the quota of strangers is used up.
            Overloaded: the database cannot be asked now.
        """
        try:
            with self._unexpected.contained(protocol):
                message = self._filter.cleaned(message, protocol)
                filtered = await self._filter.filter_positions(message, sender, protocol, stranger)
                self._places.forget_private_places(filtered.periods)
                message, passed, refusals = await self._places.refuse_jumps(
                    message, filtered, protocol
                )
        except TRY_LATER_ERRORS as error:
            raise overloaded_by(error) from None
        except UnexpectedError as error:
            judgement = await self._set_aside(message, sender, protocol, error.saying, source)
        else:
            if refusals:
                now = datetime.now(UTC)
                refusals = self._admitted(
                    source,
                    protocol,
                    fold_refusals(refusals),
                    lambda one: filtered.may_be_private(one, now),
                )
            judgement = Judgement(
                message, passed, refusals, filtered.private, filtered.private_revision
            )
        if message.dropped and sender is not None:
            self._metrics.note_dropped(protocol, message.dropped)
        return judgement

    async def judge_released(self, message: Message, protocol: str) -> Judgement:
        """Judge a message that a person releases from quarantine, by the rules of today. Its device
        must be enrolled, and every fix is believed."""
        message = self._filter.cleaned(message, protocol)
        filtered = await self._filter.filter_positions(message, _RELEASED_BY_HAND, protocol, NO_KEY)
        self._places.forget_private_places(filtered.periods)
        passed = filtered.passed
        if not filtered.refusals:
            message, passed = await self._places.put_in_place(message, filtered, protocol)
        # Live, such a position is counted only. One that a person releases would be lost by that.
        placeless = sorted({*filtered.passed} - {*passed})
        refusals = all_refused(
            *(message, placeless, protocol, Reason.NO_FIX, Saying(RefusalDetail.PLACE_UNKNOWN))
        )
        return Judgement(
            *(message, passed, [*filtered.refusals, *refusals]),
            *(filtered.private, filtered.private_revision),
        )

    async def refuse_unreadable(
        self,
        protocol: str,
        device: str,
        detail: Saying,
        payload: bytes,
        sender: Sender | None,
        source: str | None,
    ) -> list[Refusal]:
        """The refusals to keep of a message that cannot be read.

        A message without a valid key is a stranger's, also where it names an enrolled device.

        A message of a vehicle with private periods is only counted, since it may have been sent in
        one. A stranger's message that names such a vehicle is not kept either, and does not count
        as one of the vehicle's private positions.

        Raises:
            StrangerQuotaExceeded, Overloaded: as for `judge`.
        """
        try:
            unknown, private = await self._known.look_up({device})
        except TRY_LATER_ERRORS as error:
            raise overloaded_by(error) from None
        vouched = not unknown and sender is not None and sender.may_send_for(device)
        if private and vouched:
            self._known.note_private(device, datetime.now(UTC))
            self._metrics.private.labels(protocol).inc()
            return []
        refusal = Refusal(protocol, device, Reason.UNREADABLE, detail, payload, vouched=vouched)
        return self._admitted(source, protocol, [refusal], lambda _: bool(private))

    async def _set_aside(
        self,
        message: Message,
        sender: Sender | None,
        protocol: str,
        detail: Saying,
        source: str | None,
    ) -> Judgement:
        """Refuse all positions of a message, except those that may have been driven in private.

        Raises:
            StrangerQuotaExceeded, Overloaded: as for `judge`.
        """
        devices = message.positions.device
        try:
            _, private = await self._known.look_up(message.positions.devices)
        except TRY_LATER_ERRORS as error:
            raise overloaded_by(error) from None
        theirs = {one for one in private if sender is not None and sender.may_send_for(one)}
        kept = [index for index, device in enumerate(devices) if device not in theirs]
        refusals = fold_refusals(
            one
            if sender is not None and sender.may_send_for(one.device)
            else replace(one, vouched=False)
            for one in all_refused(message, kept, protocol, Reason.UNREADABLE, detail)
        )
        for device in devices:
            if device in theirs:
                self._known.note_private(device, datetime.now(UTC))
        refusals = self._admitted(source, protocol, refusals, lambda one: one.device in private)
        return Judgement(message, (), refusals, len(devices) - len(kept), None)

    def _admitted(
        self,
        source: str | None,
        protocol: str,
        refusals: Sequence[Refusal],
        may_be_private: Callable[[Refusal], bool],
    ) -> list[Refusal]:
        """The refusals to keep. A stranger's refusal that `may_be_private` is kept without its
        content: the stranger gets the answer of any other vehicle, and so does not learn that this
        one is private.

        Raises:
            StrangerQuotaExceeded: the quota of senders without a valid key is used up.
        """
        strange = [one for one in refusals if not one.vouched]
        if source is not None and strange:
            size = sum(len(one.payload) + ITEM_OVERHEAD_BYTES for one in strange)
            if not self._strangers.admits(source, size, time.monotonic()):
                self._metrics.rejected.labels(protocol, "stranger").inc(len(strange))
                raise StrangerQuotaExceeded(
                    "no more is kept of senders that nobody knows; come back later"
                )
        return [
            one if one.vouched or not may_be_private(one) else one.withheld() for one in refusals
        ]


def all_refused(
    message: Message, indexes: Iterable[int], protocol: str, reason: Reason, detail: Saying
) -> list[Refusal]:
    """A refusal of each of some positions of a message, with the original bytes."""
    devices, moments = message.positions.device, message.positions.ts
    return [
        Refusal(
            *(protocol, devices[index], reason, detail),
            *(message.original(index), moments[index]),
        )
        for index in indexes
    ]
