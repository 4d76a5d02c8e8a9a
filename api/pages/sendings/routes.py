"""The addresses and words of what waits for an answer, and of sending."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.sendings import sendings
from api.pages.sendings.labels import VOCABULARY as OWN_VOCABULARY
from api.pages.talk.labels import VOCABULARY as TALK_VOCABULARY
from api.pages.words.vocabulary import Vocabulary
from fleet.actor import Permission

SENDINGS = Subject(
    routes=(
        get("/proposals/mine", sendings.show_mine, Permission.PROPOSALS_DECIDE),
        get("/proposals/send", sendings.show_send, Permission.ROUNDS_REQUEST),
        post("/proposals/send", sendings.send_proposals, Permission.ROUNDS_REQUEST),
    ),
    vocabulary=Vocabulary.together([OWN_VOCABULARY, TALK_VOCABULARY]),
)
