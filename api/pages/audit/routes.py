"""The addresses and words of the pages of the audit log."""

from api.door.needs import get
from api.pages.audit import audit, tracks
from api.pages.audit.labels import VOCABULARY
from api.pages.frame.subject import Subject
from fleet.actor import Permission

AUDIT = Subject(
    routes=(
        get("/audit", audit.show_audit, Permission.AUDIT_READ),
        get("/audit/export/{form}", audit.export_audit, Permission.AUDIT_READ),
        get("/audit/tracks", tracks.show_tracks, Permission.AUDIT_READ),
        get("/audit/tracks/export/{form}", tracks.export_tracks, Permission.AUDIT_READ),
    ),
    vocabulary=VOCABULARY,
)
