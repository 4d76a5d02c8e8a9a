"""Why something is refused, and what is kept of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from fleet.saying import Saying


class Reason(StrEnum):
    """Why telemetry was quarantined. NO_FIX and SPEED are in what earlier versions quarantined."""

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


#: What is said of a refusal of which nothing is kept.
_NOTHING = Saying("")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Telemetry that did not pass: the original bytes, whose they are, and why.

    `ts` is when it was driven; None: nobody can say.
    `vouched` is false for what came without a valid key, whatever device it names. `times` is how
    often the same was sent. What is not `kept` is answered and counted as the others are, but
    nothing of it goes into quarantine.
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
        """The same with nothing of what was sent, to be answered and counted only."""
        return replace(self, device="", detail=_NOTHING, payload=b"", ts=None, kept=False)


def folded(refusals: Iterable[Refusal]) -> list[Refusal]:
    """Equal ones as one with a count, as quarantine keeps them: the last detail stays."""
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
