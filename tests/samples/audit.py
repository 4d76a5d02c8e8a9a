"""Sample views of the pages of the audit log."""

from datetime import UTC, date, datetime

from api.pages.audit import views
from api.pages.audit.told import Told
from api.pages.choices.list_parts import asked_part
from api.pages.frame.views import PageView
from db.audit.entry import Act, AuditEntry, Subject
from db.audit.search import TrackReading

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)

CHOICE = views.AuditChoice(
    first=date(2026, 10, 22),
    last=date(2026, 11, 21),
    typed=(date(2026, 10, 22), date(2026, 11, 21)),
)


def shown(act: Act, subject: Subject, subject_id: str, actor: str = "Indkoeb Holm") -> AuditEntry:
    return AuditEntry(
        entry_id=1,
        act=act,
        subject=subject,
        subject_id=subject_id,
        detail={},
        source="192.0.2.7",
        actor=actor,
        at=NOW,
    )


def reading(vehicle_id: str, name: str | None, reason: str) -> TrackReading:
    return TrackReading(
        actor="Indkoeb Holm",
        vehicle_id=vehicle_id,
        vehicle_name=name,
        department=name and "Vej og Park",
        reason=reason,
        days=2,
        shown=5,
        first_at=NOW,
        last_at=NOW,
    )


AUDIT_PAGES: dict[str, PageView] = {
    "audit": views.AuditPage(
        choice=CHOICE,
        keep_days=730,
        entries=[
            views.ShownEntry(
                shown(Act.TRACK_READ, Subject.VEHICLE, "vej-park-03"),
                False,
                [Told("Reason", "skade på <lågen>"), Told("From", "fre. 20. nov. 2026")],
            ),
            views.ShownEntry(
                shown(Act.CHANGED, Subject.VEHICLE, "vej-park-03"),
                False,
                [Told("Department", "Hjemmeplejen", "Vej <og> Park"), Told("Make", "", "VW")],
            ),
            views.ShownEntry(
                shown(Act.SIGN_IN_REFUSED, Subject.ACCOUNT, "Indkoeb Holm"),
                True,
                [Told("Refused", "12"), Told("Stopped without a look at the password", "1.204")],
            ),
            views.ShownEntry(shown(Act.DECIDED, Subject.PROPOSAL, "31"), False, ()),
            views.ShownEntry(shown(Act.SIGNED_IN, Subject.ACCOUNT, ""), False, ()),
        ],
        persons=["Indkoeb Holm", "token: BI"],
        older="before=1",
        later=True,
        too_many=100_000,
    ),
    "audit-empty": views.AuditPage(
        choice=CHOICE, keep_days=0, entries=(), persons=(), older=None, later=False
    ),
    "audit-tracks": views.TrackReadingsPage(
        month=date(2026, 10, 1),
        earlier=date(2026, 9, 1),
        later=date(2026, 11, 1),
        part=asked_part(
            [
                reading("vej-park-03", "Vej og Park 03", "skade på lågen"),
                reading("gone", None, "spørgsmål fra føreren"),
                *[reading("", None, "") for _ in range(40)],
            ],
            {},
            "/audit/tracks",
            {"month": "2026-10"},
        ),
        more=True,
    ),
    "audit-tracks-empty": views.TrackReadingsPage(
        month=date(2026, 11, 1),
        earlier=date(2026, 10, 1),
        later=None,
        part=asked_part([], {}, "", {}),
        more=False,
    ),
}
