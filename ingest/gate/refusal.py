"""A refusal of telemetry: its reason, and the bytes that quarantine keeps."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from fleet.saying import Saying


class Reason(StrEnum):
    """The reason for which telemetry was quarantined. NO_FIX: the position was released, and no
    place is known to store it at. SPEED: an earlier version quarantined it."""

    UNKNOWN_DEVICE = "unknown_device"
    NOT_AUTHORISED = "not_authorised"
    CLOCK = "clock"
    COORDINATES = "coordinates"
    ZERO_ISLAND = "zero_island"
    NO_FIX = "no_fix"
    SPEED = "speed"
    JUMP = "jump"
    VALUE = "value"
    SAME_MOMENT_DIFFERS = "same_moment_differs"
    UNREADABLE = "unreadable"


#: The detail of a refusal of which nothing is kept.
_NOTHING = Saying("")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Telemetry that did not pass the gate: the original bytes, the device, and the reason.

    Attributes:
        ts: when it was driven; None: that is not known.
        vouched: whether it came with a valid key. Without one it may name any device.
        times: how often the same bytes were sent.
        kept: whether it goes into quarantine. If not, it is only answered and counted.
    """

    protocol: str
    device: str
    reason: Reason
    detail: Saying
    payload: bytes
    ts: datetime | None = None
    vouched: bool = True
    times: int = 1
    kept: bool = True

    def withheld(self) -> "Refusal":
        """The refusal without the bytes and the detail, so that it is answered and counted only."""
        return replace(self, device="", detail=_NOTHING, payload=b"", ts=None, kept=False)


def fold_refusals(refusals: Iterable[Refusal]) -> list[Refusal]:
    """Fold equal refusals into one that counts them, as quarantine stores them, with the detail of
    the last one."""
    found: dict[tuple[str, bytes, bool], Refusal] = {}
    for one in refusals:
        key = one.protocol, one.payload, one.kept
        before = found.get(key)
        if before is None:
            found[key] = one
        else:
            times, vouched = before.times + one.times, before.vouched or one.vouched
            found[key] = replace(one, times=times, vouched=vouched)
    return list(found.values())
