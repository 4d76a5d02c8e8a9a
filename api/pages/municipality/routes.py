"""The addresses and words of the pages of the municipality."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.municipality import closing_days, municipality, start
from api.pages.municipality.labels import VOCABULARY
from fleet.actor import Permission

MUNICIPALITY = Subject(
    routes=(
        get("/start", start.show_start, Permission.FIGURES_READ),
        get("/municipality", municipality.show_municipality, Permission.FIGURES_READ),
        post("/municipality/name", municipality.set_name, Permission.REGISTER_CHANGE),
        post(
            "/municipality/closing-days", closing_days.add_closing_day, Permission.REGISTER_CHANGE
        ),
        post(
            "/municipality/closing-days/{day}/remove",
            closing_days.remove_own_closing_day,
            Permission.REGISTER_CHANGE,
        ),
        post(
            "/municipality/no-closing-days",
            closing_days.settle_no_closing_days,
            Permission.REGISTER_CHANGE,
        ),
    ),
    vocabulary=VOCABULARY,
)
