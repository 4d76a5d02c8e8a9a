"""The addresses and words of the status of plans."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.plan_status import status
from api.pages.plan_status.labels import VOCABULARY
from fleet.actor import Permission

PLAN_STATUS = Subject(
    routes=(
        get("/plan/status", status.show_status, Permission.FIGURES_READ),
        post("/plan/status", status.keep_status, Permission.PLAN_MANAGE),
        get("/plan/status.pdf", status.send_status, Permission.FIGURES_READ),
        get("/plan/status.xlsx", status.send_status_tables, Permission.FIGURES_READ),
        get("/proposals/reports/{report_id}/xlsx", status.send_kept, Permission.FIGURES_READ),
        get("/plan/files/{plan_id}/{form}", status.send_plan, Permission.FIGURES_READ),
    ),
    vocabulary=VOCABULARY,
)
