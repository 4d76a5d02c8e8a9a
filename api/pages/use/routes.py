"""The addresses and words of the pages of the use of the fleet."""

from aiohttp import web

from api.pages.frame.subject import Subject
from api.pages.use import closing_days, use
from api.pages.use.labels import VOCABULARY

USE = Subject(
    routes=(
        web.get("/use", use.show_use),
        web.get("/use/export/{form}", use.export_use),
        web.get("/use/closing-days", closing_days.show_closing_days),
        web.post("/use/closing-days", closing_days.add_closing_day),
        web.post("/use/closing-days/{day}/remove", closing_days.remove_own_closing_day),
    ),
    vocabulary=VOCABULARY,
)
