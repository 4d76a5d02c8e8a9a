"""Sample views of the pages of trackers, keys and refused telemetry."""

from datetime import timedelta

from api.pages.choices.list_parts import asked_part
from api.pages.frame import views
from api.pages.frame.views import PageView
from api.pages.intake import views as intake_views
from api.pages.intake.remedies import ADVICE
from fleet.saying import Saying
from ingest.gate.detail import RefusalDetail
from ingest.gate.refusal import Reason
from ingest.quarantine_items import EvictedItems
from register.contact import Contact
from register.keys import IssuedKey
from tests.samples.parts import first_part
from tests.samples.places import CAR, NOW
from trips.stored.set_aside import TripTrouble

REFUSED = [
    intake_views.QuarantineGroup(
        device="353691840099120" if index else "",
        vehicle=CAR if index > 2 else None,
        reason=reason,
        detail=Saying(
            RefusalDetail.TOO_EARLY,
            {"ts": "1970-01-01T00:00:07+00:00", "earliest": "2010-01-01T00:00:00+00:00"},
        ),
        messages=views.BoundedCount(11) if index else views.BoundedCount(1_000, more=True),
        sent=views.BoundedCount(125_396, more=not index),
        last_received=NOW,
        why=ADVICE[reason].why,
        remedies=tuple(intake_views.Remedy)
        if reason is Reason.NOT_AUTHORISED
        else ADVICE[reason].remedies,
        network="10.20.7.9",
    )
    for index, reason in enumerate(Reason)
]

INTAKE_PAGES: dict[str, PageView] = {
    "intake": intake_views.IntakePage(
        received_24h=158_221,
        devices_24h=59,
        latest=[
            intake_views.PingRow(
                device="353691840012347",
                vehicle=vehicle,
                ts=NOW,
                received_at=NOW,
            )
            for vehicle in (CAR, None)
        ],
        set_aside=first_part(),
        quarantine=asked_part(REFUSED, {}, "/intake", {}),
        evicted=[EvictedItems("teltonika_tcp", Reason.UNKNOWN_DEVICE, 41_200)],
        dropped=[
            intake_views.DroppedAttribute("http", "driver_name", 41_200),
            intake_views.DroppedAttribute("teltonika_tcp", "other", 3),
        ],
        notice=intake_views.Notice.RELEASED,
    ),
    "intake-aside": intake_views.IntakePage(
        received_24h=1,
        devices_24h=1,
        latest=(),
        quarantine=asked_part((), {}, "/intake", {}),
        set_aside=first_part(
            [
                intake_views.SetAsideRow(
                    device="353691840012347",
                    vehicle=CAR if attempts > 1 else None,
                    trouble=trouble,
                    error="ValueError",
                    attempts=attempts,
                    since=NOW,
                    retry_at=NOW,
                )
                for attempts, trouble in enumerate([*TripTrouble] * 20, start=1)
            ],
        ),
    ),
    "intake-empty": intake_views.IntakePage(
        received_24h=0,
        devices_24h=0,
        latest=(),
        quarantine=asked_part((), {}, "/intake", {}),
        set_aside=first_part(),
    ),
    "discard": intake_views.DiscardPage(
        group=REFUSED[3], values={"why": ""}, errors={"why": "Write why the messages are discarded"}
    ),
    "keys": intake_views.KeysPage(
        part=first_part(
            [
                IssuedKey(
                    key_id=index,
                    device=None if index % 2 else "353691840012347",
                    gateway="flespi" if index % 2 else None,
                    label="Leverandørens gateway, 2027" if index else "",
                    created_at=NOW,
                    last_used_at=NOW if index else None,
                    revoked_at=NOW if index == 2 else None,
                )
                for index in range(60)
            ],
        ),
        made="m2Zr8bq0oXWJ9pYtVd3uKc7LhAfE5sNgQ1RiTzMxB4w",
        values={"kind": "device", "name": "ny", "label": ""},
        errors={"name": "The device is not enrolled"},
    ),
    "keys-empty": intake_views.KeysPage(part=first_part()),
    "live": intake_views.LivePage(
        part=asked_part(
            [
                intake_views.LiveRow(
                    device="353691840012347",
                    vehicle=CAR if index else None,
                    contact=state,
                    last_ping=None if state is Contact.NEVER else NOW - timedelta(minutes=9**index),
                    silence_s=None if state is Contact.NEVER else 60.0 * 9**index,
                    interval_s=None if state is Contact.NEVER else 10.0,
                    protocol="teltonika_tcp",
                    soc_pct=81.0 if index == 1 else None,
                    charging=True,
                    battery_v=12.64 if index == 2 else None,
                    tracker_battery_pct=88.0 if index == 3 else None,
                )
                for index, state in enumerate(Contact)
            ],
            {},
            "/intake/live",
            {},
        ),
        counts={state: 11 * index for index, state in enumerate(Contact)},
        shown=Contact.LATE,
        as_of=NOW,
    ),
    "live-empty": intake_views.LivePage(
        part=asked_part((), {}, "/intake/live", {}),
        counts=dict.fromkeys(Contact, 0),
        shown=None,
        as_of=NOW,
    ),
}
