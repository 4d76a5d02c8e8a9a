"""The addresses and words of the pages of trackers, keys and refused telemetry."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.intake import intake, keys, live
from api.pages.intake.labels import VOCABULARY
from fleet.actor import Permission

INTAKE = Subject(
    routes=(
        get("/intake", intake.show_intake, Permission.TELEMETRY_MANAGE),
        post("/intake/release", intake.release_quarantined, Permission.TELEMETRY_MANAGE),
        get("/intake/discard", intake.ask_discard, Permission.TELEMETRY_MANAGE),
        post("/intake/discard", intake.discard_quarantined, Permission.TELEMETRY_MANAGE),
        get("/intake/keys", keys.show_keys, Permission.TELEMETRY_MANAGE),
        post("/intake/keys", keys.make_key, Permission.TELEMETRY_MANAGE),
        post("/intake/keys/{key_id}/revoke", keys.revoke_one_key, Permission.TELEMETRY_MANAGE),
        get("/intake/live", live.show_live, Permission.TELEMETRY_MANAGE),
    ),
    vocabulary=VOCABULARY,
)
