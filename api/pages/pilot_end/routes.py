"""The addresses and words of the pages of the end of the pilot."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.pilot_end import documents, evaluation, roll_out
from api.pages.pilot_end.labels import VOCABULARY
from fleet.actor import Permission

PILOT_END = Subject(
    routes=(
        get("/evaluation", evaluation.show_evaluation, Permission.FIGURES_READ),
        get("/evaluation.pdf", documents.send_evaluation, Permission.FIGURES_READ),
        get("/evaluation.xlsx", documents.send_evaluation_tables, Permission.FIGURES_READ),
        post("/evaluation/goals", evaluation.add_goal, Permission.ROUNDS_REQUEST),
        get("/evaluation/goals/{goal_id}", evaluation.show_goal, Permission.FIGURES_READ),
        post("/evaluation/goals/{goal_id}", evaluation.edit_goal, Permission.ROUNDS_REQUEST),
        post("/evaluation/reports", documents.keep_evaluation, Permission.ROUNDS_REQUEST),
        get("/roll-out", roll_out.show_roll_out, Permission.FIGURES_READ),
        get("/roll-out.pdf", documents.send_roll_out, Permission.FIGURES_READ),
        get("/roll-out.xlsx", documents.send_roll_out_tables, Permission.FIGURES_READ),
        post("/roll-out", roll_out.choose_roll_out, Permission.ROUNDS_REQUEST),
        post("/roll-out/reports", documents.keep_roll_out, Permission.ROUNDS_REQUEST),
    ),
    vocabulary=VOCABULARY,
)
