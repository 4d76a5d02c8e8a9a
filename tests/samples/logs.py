"""Sample views of the pages of driving logs."""

from api.pages.frame.views import PageView
from api.pages.logs import views as log_views
from api.pages.municipality.views import next_step
from register.municipality.first_run import checklist
from tests.samples.municipality import NOTHING
from tests.samples.places import CAR, NOW
from trips.driving_log.log_columns import LogField
from trips.driving_log.uploads import UploadSummary

LOG_PAGES: dict[str, PageView] = {
    "logs": log_views.LogsPage(
        uploads=[
            UploadSummary(
                upload_id=2,
                name="kørebog-2026-uge-46-hjemmeplejen-distrikt-nord.xlsx",
                uploaded_at=NOW,
                trips=None,
                vehicles=None,
                refused=None,
                private=0,
                known=0,
            ),
            UploadSummary(
                upload_id=1,
                name="oktober.csv",
                uploaded_at=NOW,
                trips=412,
                vehicles=9,
                refused=17,
                private=3,
                known=1688,
            ),
        ],
        has_vehicles=False,
        keep_days=30,
        errors={"file": "Choose a driving log: CSV, Excel or LibreOffice"},
    ),
    "log-columns": log_views.ColumnsPage(
        upload_id=2,
        name="kørebog-2026-uge-46-hjemmeplejen-distrikt-nord.xlsx",
        rows=1240,
        notes=["The columns are separated by semicolons; a comma in a number is a decimal one"],
        headings=[
            ("Registreringsnummer", CAR.name),
            ("Afgang", "02-11-2026 08:00"),
            ("Km", "12,5"),
        ],
        chosen={
            LogField.VEHICLE: "Registreringsnummer",
            LogField.START: "Afgang",
            LogField.KM: "Km",
        },
        preview=[
            log_views.LogRow(
                row=row,
                vehicle=CAR.name,
                departure="man. 2. nov. 2026 kl.\u00a008.00",
                arrival="",
                km="12,5",
                reason="",
                is_private=False,
                is_empty=False,
            )
            for row in range(2, 12)
        ],
        is_settled=False,
        errors={"end": "Choose the column that holds this"},
    ),
    "log-report": log_views.LogReportPage(
        upload_id=1,
        name="oktober.csv",
        trips=412,
        vehicles=9,
        refused=17,
        private=3,
        known=1688,
        next_step=next_step(checklist(NOTHING)),
        shown=[
            log_views.RefusedRow(
                row=14,
                reason="Afgang: 31-02-2026 08:00 er ikke en dato og et klokkeslæt",
                cells=f"{CAR.name}; 31-02-2026 08:00; 02-11-2026 10:00; 12,5",
            )
        ],
    ),
}
