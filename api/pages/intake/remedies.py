"""What helps against each refusal of telemetry: one sentence, and what can be done now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from api.pages.frame.views import BoundedCount, vehicle_choice
from api.pages.intake.views import QuarantineGroup, Remedy
from api.pages.words.language import mark
from fleet.saying import Saying
from ingest.gate.detail import RefusalDetail
from ingest.gate.refusal import Reason
from ingest.protocols.mistake import Mistake
from ingest.quarantine_items import WaitingGroup


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence on a refusal, and what can be done about it, the first thing first."""

    why: str
    remedies: Sequence[Remedy]


_RELEASE = (Remedy.RELEASE, Remedy.DISCARD)
_DISCARD = (Remedy.DISCARD,)

#: The advice on telemetry of a device that is not enrolled.
STRANGER = Advice(
    mark("Enrol the device, if it is yours. Then release its messages."),
    (Remedy.ENROL, Remedy.DISCARD),
)

#: The advice by reason, for devices that are enrolled.
ADVICE: Mapping[Reason, Advice] = {
    Reason.UNKNOWN_DEVICE: Advice(
        mark("The device was not enrolled yet when this came. It is now: release its messages."),
        _RELEASE,
    ),
    Reason.NOT_AUTHORISED: Advice(
        mark(
            "Make a key for the device and enter it there. Then release what came without it, if"
            " you believe it."
        ),
        (Remedy.KEY, *_RELEASE),
    ),
    Reason.CLOCK: Advice(
        mark("Ask the supplier to set the tracker's clock. The time cannot be guessed: discard."),
        _DISCARD,
    ),
    Reason.COORDINATES: Advice(
        mark("The tracker sent a place that does not exist. Nothing is lost: discard."), _DISCARD
    ),
    Reason.ZERO_ISLAND: Advice(
        mark(
            "The tracker had found no satellites. Put it where it can see the sky, and discard"
            " this."
        ),
        _DISCARD,
    ),
    Reason.NO_FIX: Advice(
        mark(
            "No position of the device was known then. Release the messages when it has been heard"
            " with satellites."
        ),
        _RELEASE,
    ),
    Reason.SPEED: Advice(
        mark("An earlier version refused the speed. Release: today only the speed is left out."),
        _RELEASE,
    ),
    Reason.JUMP: Advice(
        mark(
            "No vehicle can have driven there in the time. Release if it was carried there, by"
            " ferry for example; otherwise discard."
        ),
        _RELEASE,
    ),
    Reason.VALUE: Advice(
        mark("A sensor value is outside what the sensor can measure. Have the sensor looked at."),
        _RELEASE,
    ),
    Reason.SAME_MOMENT_DIFFERS: Advice(
        mark(
            "The device sent two different positions for one moment, and the first is stored."
            " Discard this."
        ),
        _DISCARD,
    ),
    Reason.UNREADABLE: Advice(
        mark(
            "The message does not follow its protocol, and the detail says where. Check the"
            " tracker's protocol and port, and discard."
        ),
        _DISCARD,
    ),
}

#: The advice by detail, where that says more than the reason.
BY_DETAIL: Mapping[str, Advice] = {
    RefusalDetail.NETWORK: Advice(
        mark(
            "The device may not send from that network. Allow it, if it is the trackers' own, and"
            " release the messages."
        ),
        (Remedy.NETWORK, *_RELEASE),
    ),
    RefusalDetail.CERTIFICATE: Advice(
        mark(
            "Another device's certificate was shown. Give the tracker its own, and discard what you"
            " do not believe."
        ),
        _RELEASE,
    ),
    RefusalDetail.TOPIC: Advice(
        mark(
            "It was published under another device's topic. Correct the topic in the tracker, and"
            " discard what you do not believe."
        ),
        _RELEASE,
    ),
    RefusalDetail.ATTEMPTS: Advice(
        mark("The server could not store it then. Release it to try again."), _RELEASE
    ),
    RefusalDetail.DATABASE: Advice(
        mark("The server could not store it then. Release it to try again."), _RELEASE
    ),
    Mistake.UNEXPECTED: Advice(
        mark(
            "The fault is the server's, not the tracker's. Tell those who run the system, and"
            " release it after the next update."
        ),
        _RELEASE,
    ),
}


def advice_on(group: WaitingGroup) -> Advice:
    """What helps against the refusals of a group."""
    if not group.enrolled and group.device:
        return STRANGER
    by_detail = (BY_DETAIL[code] for code in _codes(group.detail) if code in BY_DETAIL)
    return next(by_detail, ADVICE[group.reason])


def _codes(detail: Saying) -> Iterator[str]:
    """The code of a detail, and those of the sayings in it."""
    yield detail.code
    for value in detail.values.values():
        if isinstance(value, tuple):
            for one in value:
                yield from _codes(one)


def quarantine_group(group: WaitingGroup) -> QuarantineGroup:
    """The view of a group, with what helps."""
    advice = advice_on(group)
    messages = BoundedCount.up_to_max(group.items)
    address = group.detail.values.get("address")
    return QuarantineGroup(
        device=group.device,
        vehicle=vehicle_choice(group.vehicle_id, group.vehicle_name),
        reason=group.reason,
        detail=group.detail,
        messages=messages,
        sent=BoundedCount(group.times_sent, more=messages.more),
        last_received=group.last_received,
        why=advice.why,
        remedies=advice.remedies,
        network=address if isinstance(address, str) else None,
    )
