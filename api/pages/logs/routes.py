"""The addresses and words of the pages of driving logs."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.logs import logs
from api.pages.logs.labels import VOCABULARY
from fleet.actor import Permission

LOGS = Subject(
    routes=(
        get("/logs", logs.show_logs, Permission.LOGS_IMPORT),
        post("/logs", logs.upload_log, Permission.LOGS_IMPORT),
        get("/logs/{upload_id}", logs.show_log, Permission.LOGS_IMPORT),
        post("/logs/{upload_id}", logs.import_uploaded_log, Permission.LOGS_IMPORT),
        get("/logs/{upload_id}/refused", logs.refused_rows, Permission.LOGS_IMPORT),
    ),
    vocabulary=VOCABULARY,
)
