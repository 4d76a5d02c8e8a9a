"""Sample views of the page of zones."""

from dataclasses import replace
from datetime import date

from api.pages.frame.views import PageView
from api.pages.zones import views as zone_views
from register.zones import ZoneKind, circle, polygon
from tests.samples.places import CAR, PERIOD, ROADS, TOWN_HALL
from trips.detect.nights import SleepingPlace
from trips.stored.sleeping import SleepingVehicle

ZONE_PAGES: dict[str, PageView] = {
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
            for sleeps in SleepingPlace
        ],
        waiting=3,
        period=PERIOD,
        tiles_url=None,
        values={"name": "Gården", "shape": "[]"},
        errors={"shape": "Gården: omridset krydser sig selv ved 55.77050, 12.50100"},
        notice=zone_views.Notice.ZONE_SAVED,
    ),
    "zones-empty": zone_views.ZonesPage(
        zones=(), proposed=(), asleep=(), waiting=0, period=None, tiles_url=None
    ),
}
