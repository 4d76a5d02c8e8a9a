"""The addresses and words of the pages of the trial."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.trial import tables, trial
from api.pages.trial.labels import VOCABULARY
from fleet.actor import Permission

TRIAL = Subject(
    routes=(
        get("/trial", trial.show_trial, Permission.FIGURES_READ),
        get("/trial.xlsx", tables.send_tables, Permission.FIGURES_READ),
        get("/trial/{depot}", trial.show_depot, Permission.FIGURES_READ),
        post("/trial/{depot}", trial.give_reason, Permission.TRACKS_READ),
    ),
    vocabulary=VOCABULARY,
)
