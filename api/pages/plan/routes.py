"""The addresses and words of the pages of the plan."""

from aiohttp import web

from api.pages.frame.subject import Subject
from api.pages.plan import plan
from api.pages.plan.labels import VOCABULARY

PLAN = Subject(
    routes=(
        web.get("/plan", plan.show_plan),
        web.get("/plan/milestones/{milestone_id}", plan.show_milestone),
        web.post("/plan/milestones/{milestone_id}", plan.change_milestone),
    ),
    vocabulary=VOCABULARY,
)
