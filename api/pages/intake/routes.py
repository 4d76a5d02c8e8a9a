"""The addresses and words of the pages of trackers, keys and refused telemetry."""

from aiohttp import web

from api.pages.frame.subject import Subject
from api.pages.intake import intake, keys, live
from api.pages.intake.labels import VOCABULARY

INTAKE = Subject(
    routes=(
        web.get("/intake", intake.show_intake),
        web.post("/intake/release", intake.release_quarantined),
        web.get("/intake/keys", keys.show_keys),
        web.post("/intake/keys", keys.make_key),
        web.post("/intake/keys/{key_id}/revoke", keys.revoke_one_key),
        web.get("/intake/live", live.show_live),
    ),
    vocabulary=VOCABULARY,
)
