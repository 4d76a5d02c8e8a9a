"""The addresses and words of the pages of what-ifs."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.what_ifs import ask, what_if, what_ifs
from api.pages.what_ifs.labels import VOCABULARY
from fleet.actor import Permission

WHAT_IFS = Subject(
    routes=(
        get("/what-ifs", what_ifs.show_what_ifs, Permission.FIGURES_READ),
        get("/what-ifs/new", ask.show_form, Permission.ROUNDS_REQUEST),
        post("/what-ifs/new", ask.ask_what_if, Permission.ROUNDS_REQUEST),
        get("/what-ifs/{what_if_id}", what_if.show_what_if, Permission.FIGURES_READ),
        post("/what-ifs/{what_if_id}", what_if.change_what_if, Permission.ROUNDS_REQUEST),
    ),
    vocabulary=VOCABULARY,
)
