"""The addresses and words of the pages of the ledger."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.ledger import ledger, tasks
from api.pages.ledger.labels import VOCABULARY
from fleet.actor import Permission

LEDGER = Subject(
    routes=(
        get("/ledger", ledger.show_ledger, Permission.FIGURES_READ),
        post("/ledger/journeys", ledger.import_journeys, Permission.LOGS_IMPORT),
        post("/ledger/journeys/{list_id}/remove", ledger.remove_journeys, Permission.LOGS_IMPORT),
        get("/ledger/tasks/{task_id}", tasks.show_task, Permission.FIGURES_READ),
        post("/ledger/tasks/{task_id}", tasks.change_task, Permission.PROPOSALS_DECIDE),
    ),
    vocabulary=VOCABULARY,
)
