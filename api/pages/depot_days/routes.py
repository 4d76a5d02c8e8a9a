"""The addresses of the page of days at a depot."""

from api.door.needs import get, post
from api.pages.depot_days import days
from api.pages.frame.subject import Subject
from api.pages.words.vocabulary import Vocabulary
from fleet.actor import Permission

DEPOT_DAYS = Subject(
    routes=(
        get("/proposals/{proposal_id}/days", days.show_days, Permission.TRACKS_READ),
        post("/proposals/{proposal_id}/days", days.give_reason, Permission.TRACKS_READ),
    ),
    vocabulary=Vocabulary(),
)
