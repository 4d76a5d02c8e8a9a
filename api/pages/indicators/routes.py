"""The addresses and words of indicators."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.indicators import indicators
from api.pages.indicators.labels import VOCABULARY
from fleet.actor import Permission

INDICATORS = Subject(
    routes=(
        get("/plan/indicators", indicators.show_indicators, Permission.FIGURES_READ),
        post("/plan/indicators", indicators.add, Permission.PLAN_MANAGE),
        get("/plan/indicators/{indicator_id}", indicators.show_indicator, Permission.FIGURES_READ),
        post("/plan/indicators/{indicator_id}", indicators.change, Permission.PLAN_MANAGE),
        post("/plan/indicators/{indicator_id}/values", indicators.say, Permission.PLAN_REPORT),
    ),
    vocabulary=VOCABULARY,
)
