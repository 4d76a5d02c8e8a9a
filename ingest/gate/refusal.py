"""Refused telemetry: why it was refused, and what quarantine keeps of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from fleet.saying import Saying


class Reason(StrEnum):
    """Why telemetry was quarantined. NO_FIX is of what was released and has no place to be stored
    at; SPEED is in what earlier versions quarantined."""

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
    """Telemetry that did not pass: the original bytes, whose they are, and why.

    Attributes:
        ts: when it was driven; None: nobody can say.
        vouched: whether it came with a valid key. Without one it may name any device.
        times: how often the same was sent.
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
        """The same refusal without anything of what was sent, to be answered and counted only."""
        return replace(self, device="", detail=_NOTHING, payload=b"", ts=None, kept=False)


def folded(refusals: Iterable[Refusal]) -> list[Refusal]:
    """The refusals with equal ones folded into one that counts them, as quarantine keeps them; the
    last detail stays."""
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
