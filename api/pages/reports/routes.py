"""The addresses and words of the documents of a round."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.reports import council, documents, kept, report
from api.pages.reports.labels import VOCABULARY
from fleet.actor import Permission

REPORTS = Subject(
    routes=(
        get("/proposals/council", council.show_council, Permission.FIGURES_READ),
        get("/proposals/council.pdf", documents.send_council, Permission.FIGURES_READ),
        get("/proposals/report", report.show_report, Permission.FIGURES_READ),
        get("/proposals/report.pdf", documents.send_report, Permission.FIGURES_READ),
        get("/proposals/report.xlsx", documents.send_tables, Permission.FIGURES_READ),
        get("/proposals/transition.xlsx", documents.send_transition, Permission.FIGURES_READ),
        get("/proposals/certificate.zip", documents.send_certificate, Permission.TRACKS_READ),
        get("/proposals/reports", kept.show_kept, Permission.FIGURES_READ),
        post("/proposals/reports", kept.keep, Permission.ROUNDS_REQUEST),
        get("/proposals/reports/{report_id}", kept.show_report, Permission.FIGURES_READ),
        get("/proposals/reports/{report_id}/pdf", kept.send_report, Permission.FIGURES_READ),
        get(
            "/proposals/reports/{report_id}/since/{other_id}",
            kept.show_compared,
            Permission.FIGURES_READ,
        ),
    ),
    vocabulary=VOCABULARY,
)
