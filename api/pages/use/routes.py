"""The addresses and words of the pages of the use of the fleet."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.use import closing_days, use
from api.pages.use.labels import VOCABULARY
from fleet.actor import Permission

USE = Subject(
    routes=(
        get("/use", use.show_use, Permission.FIGURES_READ),
        get("/use/export/{form}", use.export_use, Permission.FIGURES_READ),
        get("/use/closing-days", closing_days.show_closing_days, Permission.FIGURES_READ),
        post("/use/closing-days", closing_days.add_closing_day, Permission.REGISTER_CHANGE),
        post(
            "/use/closing-days/{day}/remove",
            closing_days.remove_own_closing_day,
            Permission.REGISTER_CHANGE,
        ),
    ),
    vocabulary=VOCABULARY,
)
