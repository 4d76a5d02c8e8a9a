"""Sample views of the page of zones."""

from dataclasses import replace
from datetime import date

from api.pages.frame.views import PageView
from api.pages.vehicles.tracks import WHY_MISSING
from api.pages.zones import views as zone_views
from register.places.waiting import WaitingDepot
from register.zones import ZoneKind, circle, polygon
from register.zones_stored import RemovedZone
from tests.samples.places import CAR, NOW, PERIOD, ROADS, TOWN_HALL
from trips.detect.nights import SleepingPlace
from trips.files.export import ExportedTable
from trips.stored.sleeping import NIGHT_RULES, SleepingVehicle

YARD = polygon("yard", ROADS.name, ZoneKind.DEPOT, [[(12.4, 55.8), (12.41, 55.8), (12.4, 55.81)]])
FOUND = [
    zone_views.FoundAddress(
        f"Lyngby Torv {n}, 2800 Kgs. Lyngby", {"centre": "55.770500, 12.503000"}
    )
    for n in range(1, 4)
]
WAITING = WaitingDepot(depot_id="w", name="Materielgården", vehicles=20)
REMOVED = [RemovedZone(YARD, "Vej og Park", NOW)]

ZONE_PAGES: dict[str, PageView] = {
    "zones": zone_views.ZonesPage(
        zones=[
            replace(
                circle(TOWN_HALL.id, TOWN_HALL.name, ZoneKind.DEPOT, 55.77, 12.50, 150),
                active_from=date(2026, 10, 1),
            ),
            YARD,
        ],
        proposed=[
            zone_views.ProposedZone(
                number=1,
                lat=55.79,
                lon=12.52,
                radius_m=90.0,
                vehicles=4,
                nights=61,
                near=[(YARD, 142.0)],
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
            for sleeps in SleepingPlace
        ],
        waiting=3,
        rules=NIGHT_RULES,
        last_day=PERIOD.last,
        tiles_url=None,
        start=None,
        address_host=None,
        removed=REMOVED,
        values={"name": "Gården", "shape": "[]"},
        errors={"shape": "Gården: omridset krydser sig selv ved 55.77050, 12.50100"},
        notice=zone_views.Notice.ZONE_SAVED,
        placeless=[WAITING, replace(WAITING, depot_id="b", name="B <nord>", vehicles=0)],
    ),
    "zones-empty": zone_views.ZonesPage(
        zones=(),
        proposed=(),
        asleep=(),
        waiting=0,
        rules=NIGHT_RULES,
        last_day=None,
        tiles_url=None,
        start=(55.77, 12.5),
        address_host="adresser.example.dk",
        removed=(),
    ),
    **{
        f"zones-found-{len(found)}": zone_views.ZonesPage(
            zones=(),
            proposed=(),
            asleep=(),
            waiting=0,
            rules=NIGHT_RULES,
            last_day=None,
            tiles_url=None,
            start=(55.77, 12.5),
            address_host="adresser.example.dk",
            removed=REMOVED,
            found=found,
            values={"address": "Lyngby Torv 1", "centre": "55.770500, 12.503000"},
            notice=zone_views.Notice.ZONE_REMOVED,
        )
        for found in (FOUND[:0], FOUND[:1], FOUND)
    },
    **{
        f"zone-removal-{vehicles}-{refused}": zone_views.RemoveZonePage(
            zone=YARD, vehicles=vehicles, refused=refused
        )
        for vehicles, refused in ((0, False), (3, False), (0, True))
    },
    "zone-removal-waiting": zone_views.RemoveZonePage(zone=WAITING, vehicles=0),
    "export-reason": zone_views.ExportReasonPage(
        ExportedTable.TRIPS, "/export/trips?format=xlsx", {"why": "x"}, {"why": WHY_MISSING}
    ),
    "export-reason-round-trips": zone_views.ExportReasonPage(
        ExportedTable.ROUND_TRIPS, "/export/round-trips"
    ),
}
