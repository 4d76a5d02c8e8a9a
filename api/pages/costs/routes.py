"""The addresses and words of the pages of assumptions, capabilities and kinds."""

from aiohttp import web

from api.pages.costs import assumptions, capabilities, catalogue
from api.pages.costs.labels import VOCABULARY
from api.pages.frame.subject import Subject

COSTS = Subject(
    routes=(
        web.get("/assumptions", assumptions.show_assumptions),
        web.get("/assumptions/{key}", assumptions.show_assumption),
        web.post("/assumptions/{key}", assumptions.change_assumption),
        web.post("/assumptions/{key}/withdraw", assumptions.withdraw_figure),
        web.get("/capabilities", capabilities.show_capabilities),
        web.post("/capabilities", capabilities.name_capabilities),
        web.get("/catalogue", catalogue.show_catalogue),
        web.post("/catalogue", catalogue.add_kind),
        web.get("/catalogue/new", catalogue.show_new_kind),
        web.post("/catalogue/offer", catalogue.offer_kinds),
        web.get("/catalogue/{kind}", catalogue.show_kind),
        web.post("/catalogue/{kind}", catalogue.change_kind),
    ),
    vocabulary=VOCABULARY,
)
