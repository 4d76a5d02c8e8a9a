"""Sample views of the pages of trackers."""

from datetime import date, timedelta

from api.pages.choices.list_parts import asked_part
from api.pages.frame.views import PageView
from api.pages.trackers import views
from api.pages.trackers.phone_setup import App, Reach, setup_of
from api.settings import Settings
from ingest.watch.received import FirstPosition
from register.contact import Contact, Tracker
from register.enrolment.enrol import EnrolmentReport, Outcome, TakenLine
from register.enrolment.tracker_list import LineReason, ListedTracker, RefusedLine
from register.keys import IssuedKey
from tests.samples.intake import REFUSED
from tests.samples.places import CAR, NOW

IMEI = "356307042441013"
REACH = Reach("127.0.0.1", "http://127.0.0.1:5055/", is_here_only=True)
VALUES = {
    "most": 128,
    "line": 3,
    "vehicle": "Van 7",
    "vehicles": 2,
    "device": IMEI,
    "sits_in": "Van 8",
    "until": "2026-11-20",
}


def tracker(device: str, contact: Contact, *, seated: bool = True) -> Tracker:
    return Tracker(
        device=device,
        vehicle_id=CAR.id if seated else None,
        vehicle_name=CAR.name if seated else None,
        contact=contact,
        enrolled_at=NOW - timedelta(days=3),
        last_heard=None if contact is Contact.NEVER else NOW,
        silence_s=None if contact is Contact.NEVER else 5.0,
        interval_s=None,
        protocol=None if contact is Contact.NEVER else "osmand",
        soc_pct=None,
        charging=None,
        battery_v=None,
        tracker_battery_pct=None,
    )


def tracker_page(
    shown: Tracker, first: FirstPosition | None = None, app: App | None = None, **more: object
) -> views.TrackerPage:
    settings = Settings()  # pyright: ignore[reportCallIssue]
    parts: dict[str, object] = {
        "tracker": shown,
        "first": first,
        "refused": (),
        "seats": (),
        "keys": (),
        "networks": (),
        "reach": REACH,
        "ports": [("Teltonika (TCP, UDP)", 5027), ("GT06 (TCP)", 5023)],
        "today": NOW.date(),
        "setup": None
        if app is None
        else setup_of(app, shown.device, "m2Zr8bq", REACH, "http://flaade.example", settings),
    }
    return views.TrackerPage(**(parts | more))  # pyright: ignore[reportArgumentType]


TRACKER_PAGES: dict[str, PageView] = {
    "trackers": views.TrackersPage(
        part=asked_part(
            [tracker(f"35369184001234{n}", contact) for n, contact in enumerate(Contact)] * 9,
            {"part": "2"},
            "/intake/trackers",
            {"q": "35"},
        ),
        enrolled=60,
        asked="35",
        shown=Contact.NEVER,
        counts=dict.fromkeys(Contact, 12),
        strangers=REFUSED[1:3],
        report=EnrolmentReport(
            [
                TakenLine(ListedTracker(n, IMEI[:-1] + str(n), "Van 7"), outcome, CAR.id, CAR.name)
                for n, outcome in enumerate(Outcome, start=2)
            ],
            [
                RefusedLine(n, "3,54018E+14; Van 7", reason, VALUES)
                for n, reason in enumerate(LineReason, start=7)
            ],
        ),
        values={"list": "3,54018E+14; Van 7"},
        errors={"since": "Enter a date that is not in the future, or leave the field empty"},
    ),
    "trackers-empty": views.TrackersPage(
        part=asked_part((), {}, "/intake/trackers", {}),
        enrolled=0,
        asked="",
        shown=None,
        counts=dict.fromkeys(Contact, 0),
        strangers=(),
    ),
    "tracker-waits": tracker_page(
        tracker(IMEI, Contact.NEVER), networks=("10.20.0.0/16", "2001:db8::/32")
    ),
    "tracker-refused": tracker_page(
        tracker("phone-1", Contact.NEVER, seated=False),
        refused=REFUSED[1:],
        errors={"vehicle": "Choose a vehicle, or that the tracker sits in none"},
    ),
    "tracker-heard": tracker_page(
        tracker("phone-1", Contact.ON_TIME),
        FirstPosition(NOW, NOW),
        seats=[
            views.SeatRow(vehicle=CAR, since=date(2026, 11, 1), until=None),
            views.SeatRow(vehicle=None, since=date(2026, 10, 1), until=date(2026, 10, 31)),
            views.SeatRow(vehicle=CAR, since=None, until=date(2026, 9, 30)),
        ],
        keys=[
            IssuedKey(1, "phone-1", None, "Traccar", NOW, NOW, None),
            IssuedKey(2, "phone-1", None, "", NOW, None, NOW),
            IssuedKey(3, "phone-1", None, "", NOW, None, None),
        ],
        notice=views.Notice.MOVED,
    ),
    **{f"tracker-{app}": tracker_page(tracker("phone-1", Contact.NEVER), app=app) for app in App},
}
