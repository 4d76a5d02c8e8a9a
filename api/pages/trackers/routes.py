"""The addresses and words of the pages of trackers."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.trackers import tracker, trackers
from api.pages.trackers.labels import VOCABULARY
from fleet.actor import Permission

ONE = "/intake/trackers/{device}"
NEED = Permission.TELEMETRY_MANAGE

TRACKERS = Subject(
    routes=(
        get("/intake/trackers", trackers.show_trackers, NEED),
        post("/intake/trackers", trackers.enrol_trackers, NEED),
        get(ONE, tracker.show_tracker, NEED),
        post(f"{ONE}/vehicle", tracker.set_vehicle, NEED),
        post(f"{ONE}/key", tracker.make_tracker_key, NEED),
        post(f"{ONE}/keys/{{key_id}}/revoke", tracker.revoke_tracker_key, NEED),
        post(f"{ONE}/networks", tracker.set_networks, NEED),
    ),
    vocabulary=VOCABULARY,
)
