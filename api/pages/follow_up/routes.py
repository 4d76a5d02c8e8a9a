"""The addresses and words of the follow-up of plans."""

from api.door.needs import Welcome, get, post
from api.pages.follow_up import answering, keeping
from api.pages.follow_up.labels import VOCABULARY
from api.pages.frame.subject import Subject
from fleet.actor import Permission

FOLLOW_UP = Subject(
    routes=(
        get("/follow-up", answering.show_answers, Welcome.ANYBODY),
        post("/follow-up", answering.send_answers, Welcome.ANYBODY),
        get("/plan/follow-up", keeping.show_follow_ups, Permission.FIGURES_READ),
        post("/plan/follow-up", keeping.start, Permission.PLAN_MANAGE),
        post("/plan/follow-up/centres", keeping.change_centre, Permission.PLAN_MANAGE),
        get("/plan/follow-up/{follow_up_id}", keeping.show_follow_up, Permission.FIGURES_READ),
        post("/plan/follow-up/{follow_up_id}/close", keeping.close, Permission.PLAN_MANAGE),
        post(
            "/plan/follow-up/{follow_up_id}/people/{contact_id}/link",
            keeping.send_link_anew,
            Permission.PLAN_MANAGE,
        ),
        post(
            "/plan/follow-up/{follow_up_id}/people/{contact_id}/revoke",
            keeping.revoke_links,
            Permission.PLAN_MANAGE,
        ),
    ),
    vocabulary=VOCABULARY,
)
