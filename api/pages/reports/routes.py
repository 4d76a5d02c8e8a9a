"""The addresses and words of the documents of a round."""

from api.door.needs import get
from api.pages.frame.subject import Subject
from api.pages.reports import council, documents
from api.pages.reports.labels import VOCABULARY
from fleet.actor import Permission

REPORTS = Subject(
    routes=(
        get("/proposals/council", council.show_council, Permission.FIGURES_READ),
        get("/proposals/council.pdf", documents.send_council, Permission.FIGURES_READ),
        get("/proposals/report.pdf", documents.send_report, Permission.FIGURES_READ),
        get("/proposals/report.xlsx", documents.send_tables, Permission.FIGURES_READ),
        get("/proposals/certificate.zip", documents.send_certificate, Permission.TRACKS_READ),
    ),
    vocabulary=VOCABULARY,
)
