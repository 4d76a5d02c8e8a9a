"""The addresses and words of the pages of the plan."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.plan import importing, milestone, overview, owners, removing
from api.pages.plan.labels import VOCABULARY
from fleet.actor import Permission

PLAN = Subject(
    routes=(
        get("/plan", overview.show_plan, Permission.FIGURES_READ),
        get("/plan/import", importing.show_import, Permission.PLAN_MANAGE),
        post("/plan/import", importing.read_document, Permission.PLAN_MANAGE),
        get("/plan/import/{digest}", importing.show_read, Permission.PLAN_MANAGE),
        post("/plan/import/confirm", importing.confirm, Permission.PLAN_MANAGE),
        get("/plan/plans/{plan_id}/removal", removing.show_removal, Permission.PLAN_MANAGE),
        post("/plan/plans/{plan_id}/removal", removing.remove, Permission.PLAN_MANAGE),
        get("/plan/owners", owners.show_owners, Permission.FIGURES_READ),
        post("/plan/owners", owners.add_owner, Permission.PLAN_MANAGE),
        get("/plan/owners/{contact_id}", owners.show_owner, Permission.PLAN_MANAGE),
        post("/plan/owners/{contact_id}", owners.change_owner, Permission.PLAN_MANAGE),
        post("/plan/assign", owners.assign_chosen, Permission.PLAN_MANAGE),
        get("/plan/milestones/{milestone_id}", milestone.show_milestone, Permission.FIGURES_READ),
        post("/plan/milestones/{milestone_id}", milestone.change_milestone, Permission.PLAN_REPORT),
        post(
            "/plan/milestones/{milestone_id}/decision",
            milestone.change_decision,
            Permission.PLAN_REPORT,
        ),
        post(
            "/plan/milestones/{milestone_id}/owner", milestone.change_owner, Permission.PLAN_MANAGE
        ),
        post(
            "/plan/milestones/{milestone_id}/words", milestone.change_words, Permission.PLAN_MANAGE
        ),
        post(
            "/plan/milestones/{milestone_id}/political",
            milestone.change_political,
            Permission.PLAN_MANAGE,
        ),
        post("/plan/milestones/{milestone_id}/fact", milestone.change_fact, Permission.PLAN_MANAGE),
    ),
    vocabulary=VOCABULARY,
)
