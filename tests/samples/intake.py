"""Sample views of the pages of what comes in: trackers, keys, zones and driving logs."""

from dataclasses import replace
from datetime import date, timedelta

from api.pages.frame import views
from api.pages.frame.views import Page
from api.pages.intake import views as intake_views
from api.pages.logs import views as log_views
from api.pages.zones import views as zone_views
from ingest.gate.refusal import Reason
from ingest.quarantine_items import EvictedItems
from register.contact import Contact
from register.keys import Key
from register.zones import ZoneKind, circle, polygon
from tests.samples.places import CAR, NOW, PERIOD, ROADS, TOWN_HALL
from trips.detect.nights import Sleeps
from trips.driving_log.rows import Field
from trips.driving_log.uploads import UploadLine
from trips.stored.aside import Trouble
from trips.stored.sleeping import SleepingVehicle

INTAKE_PAGES: dict[str, Page] = {
    "intake": intake_views.IntakePage(
        pings_24h=158_221,
        more_pings=False,
        devices_24h=59,
        latest=[
            intake_views.PingRow(
                device="353691840012347",
                vehicle=CAR if speed is not None else None,
                ts=NOW,
                received_at=NOW,
                lat=55.7709,
                lon=12.5036,
                speed_kmh=speed,
            )
            for speed in (13.4, None)
        ],
        quarantine=[
            intake_views.QuarantineGroup(
                device="353691840099120" if index else "",
                reason=reason,
                detail="1970-01-01T00:00:07+00:00 is before 2010-01-01T00:00:00+00:00",
                messages=views.Counted(11) if index else views.Counted(1_000, more=True),
                sent=views.Counted(125_396, more=not index),
                last_received=NOW,
                releasable=bool(index),
            )
            for index, reason in enumerate(Reason)
        ],
        evicted=[EvictedItems("teltonika_tcp", Reason.UNKNOWN_DEVICE, 41_200)],
        dropped=[
            intake_views.Dropped("http", "driver_name", 41_200),
            intake_views.Dropped("teltonika_tcp", "other", 3),
        ],
        notice=intake_views.Notice.RELEASED,
    ),
    "intake-aside": intake_views.IntakePage(
        pings_24h=2,
        more_pings=False,
        devices_24h=1,
        latest=(),
        quarantine=(),
        set_aside=[
            intake_views.SetAside(
                device="353691840012347",
                vehicle=CAR if attempts > 1 else None,
                trouble=trouble,
                error="ValueError",
                attempts=attempts,
                since=NOW,
                retry_at=NOW,
            )
            for attempts, trouble in enumerate(Trouble, start=1)
        ],
    ),
    "intake-empty": intake_views.IntakePage(
        pings_24h=0, more_pings=False, devices_24h=0, latest=(), quarantine=()
    ),
    "keys": intake_views.KeysPage(
        keys=[
            Key(
                key_id=index,
                device=None if index % 2 else "353691840012347",
                gateway="flespi" if index % 2 else None,
                label="Leverandørens gateway, 2027" if index else "",
                created_at=NOW,
                last_used_at=NOW if index else None,
                revoked_at=NOW if index == 2 else None,
            )
            for index in range(3)
        ],
        made="m2Zr8bq0oXWJ9pYtVd3uKc7LhAfE5sNgQ1RiTzMxB4w",
        values={"kind": "device", "name": "ny", "label": ""},
        errors={"name": "The device is not enrolled"},
    ),
    "keys-empty": intake_views.KeysPage(keys=()),
    "live": intake_views.LivePage(
        rows=[
            intake_views.LiveRow(
                device="353691840012347",
                vehicle=CAR if index else None,
                contact=state,
                last_ping=None if state is Contact.NEVER else NOW - timedelta(minutes=9**index),
                silence_s=None if state is Contact.NEVER else 60.0 * 9**index,
                interval_s=None if state is Contact.NEVER else 10.0,
                protocol="teltonika_tcp",
                soc_pct=81.0 if index == 1 else None,
                charging=True,
                battery_v=12.64 if index == 2 else None,
                tracker_battery_pct=88.0 if index == 3 else None,
            )
            for index, state in enumerate(Contact)
        ],
        counts={state: 11 * index for index, state in enumerate(Contact)},
        shown=Contact.LATE,
        as_of=NOW,
    ),
    "zones": zone_views.ZonesPage(
        zones=[
            replace(
                circle(TOWN_HALL.id, TOWN_HALL.name, ZoneKind.DEPOT, 55.77, 12.50, 150),
                active_from=date(2026, 10, 1),
            ),
            polygon(
                "yard", ROADS.name, ZoneKind.DEPOT, [[(12.4, 55.8), (12.41, 55.8), (12.4, 55.81)]]
            ),
        ],
        proposed=[
            zone_views.ProposedZone(
                number=1,
                lat=55.79,
                lon=12.52,
                radius_m=90.0,
                vehicles=4,
                nights=61,
                near=[(ROADS.name, 142.0)],
            ),
        ],
        asleep=[
            SleepingVehicle(
                vehicle_id=CAR.id,
                name=CAR.name,
                own_depot=ROADS.name,
                sleeps=sleeps,
                depot=None,
                nights=51,
            )
            for sleeps in Sleeps
        ],
        waiting=3,
        period=PERIOD,
        tiles_url=None,
        values={"name": "Gården", "shape": "[]"},
        errors={"shape": "Gården: omridset krydser sig selv ved 55.77050, 12.50100"},
        notice=zone_views.Notice.ZONE_SAVED,
    ),
    "logs": log_views.LogsPage(
        uploads=[
            UploadLine(
                upload_id=2,
                name="kørebog-2026-uge-46-hjemmeplejen-distrikt-nord.xlsx",
                uploaded_at=NOW,
                trips=None,
                vehicles=None,
                refused=None,
                private=0,
            ),
            UploadLine(
                upload_id=1,
                name="oktober.csv",
                uploaded_at=NOW,
                trips=412,
                vehicles=9,
                refused=17,
                private=3,
            ),
        ],
        keep_days=30,
        errors={"file": "Choose a driving log: CSV, Excel or LibreOffice"},
    ),
    "log-columns": log_views.ColumnsPage(
        upload_id=2,
        name="kørebog-2026-uge-46-hjemmeplejen-distrikt-nord.xlsx",
        rows=1240,
        notes=["The columns are parted by semicolons; a comma in a number is a decimal one"],
        headings=[
            ("Registreringsnummer", CAR.name),
            ("Afgang", "02-11-2026 08:00"),
            ("Km", "12,5"),
        ],
        chosen={Field.VEHICLE: "Registreringsnummer", Field.START: "Afgang", Field.KM: "Km"},
        preview=[
            log_views.LogRow(
                row=row,
                cells={
                    Field.VEHICLE: CAR.name,
                    Field.START: "man. 2. nov. 2026 kl.\u00a008.00",
                    Field.KM: "12,5",
                },
                reason="",
                is_private=False,
                is_empty=False,
            )
            for row in range(2, 12)
        ],
        errors={"end": "Choose the column that holds this"},
    ),
    "log-report": log_views.LogReportPage(
        upload_id=1,
        name="oktober.csv",
        trips=412,
        vehicles=9,
        refused=17,
        private=3,
        shown=[
            log_views.RefusedRow(
                row=14,
                reason="Afgang: 31-02-2026 08:00 er ikke en dato og et klokkeslæt",
                cells=f"{CAR.name}; 31-02-2026 08:00; 02-11-2026 10:00; 12,5",
            )
        ],
    ),
    "zones-empty": zone_views.ZonesPage(
        zones=(), proposed=(), asleep=(), waiting=0, period=None, tiles_url=None
    ),
    "live-empty": intake_views.LivePage(
        rows=(), counts=dict.fromkeys(Contact, 0), shown=None, as_of=NOW
    ),
}
