"""The judgement of one message: what of it is stored, what is refused, and what is nowhere kept."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from db.connect import NOT_NOW
from fleet.saying import Saying
from ingest.gate.detail import NO_KEY
from ingest.gate.known_devices import KnownDevices
from ingest.gate.mishaps import Mishaps, Unexpected
from ingest.gate.place import Places
from ingest.gate.plausibility import Sender
from ingest.gate.receipt import away
from ingest.gate.refusal import Reason, Refusal, folded
from ingest.gate.sift import Sieve
from ingest.gate.stranger_quota import ROW_BYTES, StrangerQuota, TooMuch
from ingest.protocols.message import Message
from ingest.watch.metrics import Metrics

#: Who sends what a person releases from quarantine: that is authority enough.
_RELEASED_BY_HAND = Sender(device=None, gateway="release")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A message before it is stored.

    Attributes:
        message: the message, with all places known.
        passed: the indices of the positions that are to be stored.
        refusals: what is refused, and why.
        private: how many positions are private; they are counted and kept nowhere.
        placed_as: the revision of the private periods by which positions without a fix were put in
            a place; None: none was.
    """

    message: Message
    passed: Sequence[int]
    refusals: list[Refusal]
    private: int
    placed_as: int | None


class Gate:
    """Judges what comes in: by who sent it, by what is plausible, and by what is private."""

    def __init__(
        self,
        known: KnownDevices,
        sieve: Sieve,
        places: Places,
        strangers: StrangerQuota,
        metrics: Metrics,
        mishaps: Mishaps,
    ) -> None:
        self._known = known
        self._sieve = sieve
        self._places = places
        self._strangers = strangers
        self._metrics = metrics
        self._mishaps = mishaps

    async def judge(
        self,
        message: Message,
        sender: Sender | None,
        protocol: str,
        stranger: Saying,
        source: str | None,
    ) -> Judgement:
        """Judge a message that was read. Where that fails on an error that nobody foresaw, all of
        it is refused with the kind of the error.

        Raises:
            TooMuch: it is a stranger's, and no more is kept of those now.
            Overloaded: the database cannot be asked now.
        """
        try:
            with self._mishaps.contained(protocol):
                message = self._sieve.cleaned(message, protocol)
                sifted = await self._sieve.sift(message, sender, protocol, stranger)
                self._places.forget_hidden(sifted.periods)
                message, passed, refusals = await self._places.refuse_jumps(
                    message, sifted, protocol
                )
        except NOT_NOW as error:
            raise away(error) from None
        except Unexpected as error:
            judgement = await self._set_aside(message, sender, protocol, error.saying, source)
        else:
            if refusals:
                now = datetime.now(UTC)
                refusals = self._admitted(
                    source, protocol, folded(refusals), lambda one: sifted.hides(one, now)
                )
            judgement = Judgement(message, passed, refusals, sifted.private, sifted.private_as)
        if message.dropped and sender is not None:
            self._metrics.note_dropped(protocol, message.dropped)
        return judgement

    async def judge_released(self, message: Message, protocol: str) -> Judgement:
        """Judge a message that a person releases from quarantine, by the rules of today. Its device
        must be enrolled, and every fix is believed."""
        message = self._sieve.cleaned(message, protocol)
        sifted = await self._sieve.sift(message, _RELEASED_BY_HAND, protocol, NO_KEY)
        self._places.forget_hidden(sifted.periods)
        passed = sifted.passed
        if not sifted.refusals:
            message, passed = await self._places.put_in_place(message, sifted, protocol)
        return Judgement(message, passed, sifted.refusals, sifted.private, sifted.private_as)

    async def refuse_unreadable(
        self,
        protocol: str,
        device: str,
        detail: Saying,
        payload: bytes,
        sender: Sender | None,
        source: str | None,
    ) -> list[Refusal]:
        """What is kept of a message that cannot be read; nothing of what is private.

        What has no valid key is a stranger's, also where it names a device that is enrolled.

        A message of a vehicle with private periods is only counted: it may have been driven in one.
        Of a stranger's nothing is kept then either, but the vehicle's private positions are not
        more.

        Raises:
            TooMuch, Overloaded: as for `judge`.
        """
        try:
            unknown, private = await self._known.look_up({device})
        except NOT_NOW as error:
            raise away(error) from None
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
        """Refuse all of a message, but for what may have been driven in private.

        Raises:
            TooMuch, Overloaded: as for `judge`.
        """
        devices = message.positions.device
        try:
            _, private = await self._known.look_up(message.positions.devices)
        except NOT_NOW as error:
            raise away(error) from None
        theirs = {one for one in private if sender is not None and sender.may_send_for(one)}
        kept = [index for index, device in enumerate(devices) if device not in theirs]
        refusals = folded(
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
        hidden: Callable[[Refusal], bool],
    ) -> list[Refusal]:
        """What is kept of these refusals. Of a stranger's that is `hidden` nothing is: the stranger
        is answered as for any other vehicle, and so does not learn that this one is private.

        Raises:
            TooMuch: no more is kept of those that nobody vouches for.
        """
        strange = [one for one in refusals if not one.vouched]
        if source is not None and strange:
            size = sum(len(one.payload) + ROW_BYTES for one in strange)
            if not self._strangers.admits(source, size, time.monotonic()):
                self._metrics.rejected.labels(protocol, "stranger").inc(len(strange))
                raise TooMuch("no more is kept of senders that nobody knows; come back later")
        return [one if one.vouched or not hidden(one) else one.withheld() for one in refusals]


def all_refused(
    message: Message, indexes: Iterable[int], protocol: str, reason: Reason, detail: Saying
) -> list[Refusal]:
    """These positions of a message as refused, each as it came."""
    devices, moments = message.positions.device, message.positions.ts
    return [
        Refusal(
            *(protocol, devices[index], reason, detail),
            *(message.original(index), moments[index]),
        )
        for index in indexes
    ]
