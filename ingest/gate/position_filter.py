"""Filters the positions of a message: which pass, which are refused, and which are private.

A position passes when its sender may send for its device, its device is enrolled, and the position
can be true. A private one is counted and not kept.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fleet.moments import NO_MOMENT
from fleet.saying import Saying
from ingest.gate.detail import NOT_ENROLLED
from ingest.gate.known_devices import KnownDevices
from ingest.gate.plausibility import PlausibleLimits, all_plausible, implausible, without_impossible
from ingest.gate.refusal import Reason, Refusal
from ingest.gate.sender import Sender
from ingest.protocols import positions
from ingest.protocols.attributes import KeptAttributes
from ingest.protocols.message import Message
from ingest.protocols.protocol_names import FREE_ATTRIBUTES
from ingest.watch.metrics import Metrics
from register.private_time import PrivatePeriod, is_private

#: The reasons that an unknown sender can cause at will.
_OF_STRANGERS = frozenset({Reason.UNKNOWN_DEVICE, Reason.NOT_AUTHORISED})


@dataclass(frozen=True, slots=True)
class FilteredPositions:
    """The positions of a message, filtered.

    Attributes:
        passed: the indices of those that may be stored.
        refusals: the positions that are refused, each with its reason.
        private: how many are private.
        periods: the private periods they were filtered by, of devices that have any.
        private_revision: the revision of these periods.
    """

    passed: Sequence[int]
    refusals: list[Refusal]
    private: int
    periods: Mapping[str, Sequence[PrivatePeriod]]
    private_revision: int

    def may_be_private(self, refusal: Refusal, now: datetime) -> bool:
        """Whether a refused position was, or may have been, driven or received in a private
        period."""
        periods = self.periods.get(refusal.device)
        if periods is None:
            return False
        return refusal.ts is None or may_be_private(refusal.ts, now, periods)


class PositionFilter:
    """Filters messages by the register and by what is plausible."""

    def __init__(
        self,
        known: KnownDevices,
        metrics: Metrics,
        limits: PlausibleLimits,
        attributes: KeptAttributes,
    ) -> None:
        self._known = known
        self._metrics = metrics
        self._limits = limits
        self._attributes = attributes

    def cleaned(self, message: Message, protocol: str) -> Message:
        """The message without attributes that are on no list and without optional values that
        cannot be true. It counts the values."""
        message = self._without_unlisted(message, protocol)
        plausible = all_plausible(message.extremes, self._limits, datetime.now(UTC))
        if plausible and not message.left_out:  # as almost always
            return message
        dropped = Counter(message.left_out)
        if not plausible:
            possible, more = without_impossible(message.positions, self._limits)
            dropped += more
            message = Message(possible, message.original, None, message.dropped)
        for field, count in dropped.items():
            self._metrics.dropped_values.labels(protocol, field).inc(count)
        return message

    async def filter_positions(
        self, message: Message, sender: Sender | None, protocol: str, stranger: Saying
    ) -> FilteredPositions:
        """Filter a message that is `cleaned`. `stranger` is the detail that quarantine keeps where
        the sender may not send for a device.

        Raises:
            TRY_LATER_ERRORS: the register cannot be read now.
        """
        now = datetime.now(UTC)
        positions = message.positions
        devices = positions.devices
        unknown, private = await self._known.look_up(devices)
        private_revision = self._known.private_revision
        refused: dict[str, tuple[Reason, Saying]] = {}
        if sender is None or sender.gateway is None:
            for device in devices:
                if sender is None or not sender.may_send_for(device):
                    refused[device] = Reason.NOT_AUTHORISED, stranger
        for device in unknown:
            refused[device] = Reason.UNKNOWN_DEVICE, NOT_ENROLLED
        self._known.note_heard(devices - refused.keys() if refused else devices, protocol)
        limits = self._limits
        if not refused and not private and all_plausible(message.extremes, limits, now):
            return FilteredPositions(
                range(len(positions)), [], 0, private, private_revision
            )  # as almost always
        verdicts = [
            refused.get(position.device) or implausible(position, limits, now)
            for position in positions
        ]
        passed: list[int] = []
        refusals: list[Refusal] = []
        for index, (position, verdict) in enumerate(zip(positions, verdicts, strict=True)):
            device = position.device
            if device in private and device not in refused:
                # A refused position is not kept either, whatever its own clock says.
                moment = position.ts if verdict is None else now
                if may_be_private(position.ts, moment, private[device]):
                    self._known.note_private(device, moment)
                    continue
            if verdict is None:
                passed.append(index)
            else:
                reason, detail = verdict
                # A wrong clock does not say when the position was driven.
                ts = None if reason is Reason.CLOCK else position.ts
                original, vouched = message.original(index), reason not in _OF_STRANGERS
                refusals.append(Refusal(protocol, device, reason, detail, original, ts, vouched))
        dropped = len(positions) - len(passed) - len(refusals)
        return FilteredPositions(passed, refusals, dropped, private, private_revision)

    def _without_unlisted(self, message: Message, protocol: str) -> Message:
        """The message without attributes that are on no list, also in its original bytes.

        Only some protocols let a sender name attributes; the decoders of the others read nothing
        but parameters that they know.
        """
        if protocol not in FREE_ATTRIBUTES or not any(message.positions.attrs):
            return message
        kept, dropped = self._attributes.kept(message.positions)
        if not dropped:
            return message

        def original(index: int) -> bytes:
            return positions.with_attrs(message.original(index), kept.attrs[index])

        return Message(kept, original, message.extremes, dropped, message.left_out)


def may_be_private(ts: datetime, came: datetime, periods: Sequence[PrivatePeriod]) -> bool:
    """Whether a position was driven (at `ts`) or received (at `came`) in one of the periods. A
    position without a moment may have been driven in any of them."""
    return ts == NO_MOMENT or is_private(ts, periods) or is_private(came, periods)
