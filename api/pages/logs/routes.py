"""The addresses and words of the pages of driving logs."""

from aiohttp import web

from api.pages.frame.subject import Subject
from api.pages.logs import logs
from api.pages.logs.labels import VOCABULARY

LOGS = Subject(
    routes=(
        web.get("/logs", logs.show_logs),
        web.post("/logs", logs.upload_log),
        web.get("/logs/{upload_id}", logs.show_log),
        web.post("/logs/{upload_id}", logs.import_uploaded_log),
        web.get("/logs/{upload_id}/refused", logs.refused_rows),
    ),
    vocabulary=VOCABULARY,
)
