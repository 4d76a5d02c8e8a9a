"""The addresses and words of the pages of assumptions, capabilities and kinds."""

from api.door.needs import get, post
from api.pages.costs import assumptions, capabilities, catalogue
from api.pages.costs.labels import VOCABULARY
from api.pages.frame.subject import Subject
from fleet.actor import Permission

COSTS = Subject(
    routes=(
        get("/assumptions", assumptions.show_assumptions, Permission.FIGURES_READ),
        get("/assumptions/{key}", assumptions.show_assumption, Permission.FIGURES_READ),
        post("/assumptions/{key}", assumptions.change_assumption, Permission.COSTS_CHANGE),
        post("/assumptions/{key}/withdraw", assumptions.withdraw_figure, Permission.COSTS_CHANGE),
        get("/capabilities", capabilities.show_capabilities, Permission.FIGURES_READ),
        post("/capabilities", capabilities.name_capabilities, Permission.COSTS_CHANGE),
        get("/catalogue", catalogue.show_catalogue, Permission.FIGURES_READ),
        post("/catalogue", catalogue.add_kind, Permission.COSTS_CHANGE),
        get("/catalogue/new", catalogue.show_new_kind, Permission.COSTS_CHANGE),
        post("/catalogue/offer", catalogue.offer_kinds, Permission.COSTS_CHANGE),
        get("/catalogue/{kind}", catalogue.show_kind, Permission.FIGURES_READ),
        post("/catalogue/{kind}", catalogue.change_kind, Permission.COSTS_CHANGE),
    ),
    vocabulary=VOCABULARY,
)
