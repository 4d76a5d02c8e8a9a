"""Sample views of the pages of vehicles."""

import math
from dataclasses import replace
from datetime import date, time, timedelta

from api.pages.choices.list_parts import asked_part
from api.pages.frame import views
from api.pages.frame.views import PageView
from api.pages.vehicles import views as vehicle_views
from api.pages.vehicles.forms import DELETION_UNCONFIRMED
from api.pages.vehicles.trip_class import TripClass
from api.pages.vehicles.year_figures import YearMonth
from costs.measured_range import MeasuredRange, SeasonRange
from costs.own_cost import NoSale
from fleet.vehicle import Energy
from register.contact import Contact
from tests.factories.inventory import a_van
from tests.samples.parts import first_part
from tests.samples.places import CAR, NOW, PERIOD, ROADS, SILENT, TOWN_HALL
from tests.samples.proposals import PROPOSALS
from tests.samples.use import USE_ROWS, USES
from trips.detect.nights import SleepingPlace
from trips.stored.sleeping import SleepingVehicle
from trips.use.usage import UseStatus

ROWS = [
    vehicle_views.VehicleRow(
        vehicle_id=CAR.id,
        name=CAR.name,
        kind="Lille elbil",
        department="Center for Trafik, Miljø og Bæredygtighed",
        depot=ROADS.name,
        energy=Energy.ELECTRIC,
        contact=Contact.ON_TIME,
        last_ping=NOW,
        days_used_share=0.637,
        by_hours=False,
        km=2029.6,
        engine_h=None,
        trips=412,
        status=UseStatus.IN_USE,
    ),
    vehicle_views.VehicleRow(
        vehicle_id=SILENT.id,
        name=SILENT.name,
        kind="Varevogn, diesel",
        department="Fællesadministrationen",
        depot=TOWN_HALL.name,
        energy=Energy.DIESEL,
        contact=None,
        last_ping=None,
        days_used_share=None,
        by_hours=True,
        km=None,
        engine_h=0.0,
        trips=0,
        status=UseStatus.UNKNOWN,
    ),
]


def track(turn: float) -> list[tuple[float, float]]:
    """A curve from the town hall and out, (lon, lat)."""
    return [
        (12.5036 + 0.03 * t * math.cos(turn + t), 55.7709 + 0.02 * t * math.sin(turn + t))
        for t in (i / 40 for i in range(41))
    ]


TRIPS = [
    vehicle_views.TripRow(
        start=NOW - timedelta(hours=hour),
        end=NOW - timedelta(hours=hour) + timedelta(minutes=7 + hour),
        km=3.4 + hour,
        start_place=TOWN_HALL.name if hour % 2 else None,
        end_place=ROADS.name if hour % 3 else None,
        track=track(hour),
    )
    for hour in range(6)
]

VEHICLE = vehicle_views.VehiclePage(
    row=ROWS[0],
    days_known=38,
    range_km=210.0,
    measured=MeasuredRange(SeasonRange(212, 1_860, 214), SeasonRange(268, 1_260, 131)),
    contract_end=date(2028, 4, 30),
    own=a_van(CAR.name, sale_value_kr=85_000.0, exit_cost_kr=12_000.0),
    kr_year=51_600.0,
    own_kr_year=42_000.0,
    no_sale=NoSale.CONTRACT,
    period=PERIOD,
    logged=False,
    tracker=vehicle_views.TrackerHealth(
        device="353691840012347",
        last_ping=NOW,
        contact=Contact.SILENT,
        measured_24h=812,
        last_received=NOW,
        interval_s=30.0,
        covered_share=0.97,
        quarantined=views.BoundedCount(3),
    ),
    week_use=[[min(1.0, hour * day / 100) for hour in range(24)] for day in range(7)],
    day=date(2026, 11, 20),
    earlier=date(2026, 11, 19),
    later=date(2026, 11, 21),
    trips=TRIPS,
    depots=[
        vehicle_views.DepotOnMap(TOWN_HALL.name, 55.7709, 12.5036),
        vehicle_views.DepotOnMap(ROADS.name, 55.778, 12.5165),
    ],
    tiles_url=None,
    tracks=vehicle_views.TracksShown.SHOWN,
    trip_class=TripClass(own=None, of_kind="van", refinding=False),
    asleep=SleepingVehicle(
        vehicle_id=CAR.id,
        name=CAR.name,
        own_depot=ROADS.name,
        sleeps=SleepingPlace.OTHER_DEPOT,
        depot=TOWN_HALL.name,
        nights=51,
    ),
    round_number=2,
    proposal=PROPOSALS[1],
)

YEAR_DAYS = [
    vehicle_views.YearDay(
        day=date(2025, 11, 17) + timedelta(days=i),
        level=None if 200 < i < 230 else i * 7 % 6,
        hours=i % 9,
        km=i % 41,
        works=i % 7 < 5,
    )
    for i in range(370)
]

VEHICLE_PAGES: dict[str, PageView] = {
    "vehicles": vehicle_views.VehiclesPage(
        part=asked_part(ROWS * 25, {"part": "2"}, "/vehicles", {}),
        total=60,
        depots=[TOWN_HALL, ROADS],
        depot_id=ROADS.id,
        no_depot=False,
        sort=vehicle_views.VehicleSort.KM,
        descending=True,
        period=PERIOD,
    ),
    "vehicles-empty": vehicle_views.VehiclesPage(
        part=asked_part((), {}, "/vehicles", {}),
        total=0,
        depots=(),
        depot_id=None,
        no_depot=False,
        sort=vehicle_views.VehicleSort.NAME,
        descending=False,
        period=None,
    ),
    "vehicle": VEHICLE,
    "vehicle-asks-why": replace(
        VEHICLE,
        tracks=vehicle_views.TracksShown.ASKS_WHY,
        trips=(),
        values={"why": "x"},
        errors={"why": "Write in 3 to 200 characters why you look"},
    ),
    "vehicle-figures": replace(
        VEHICLE, tracks=vehicle_views.TracksShown.FIGURES_ONLY, trips=(), day=None
    ),
    "vehicle-empty": vehicle_views.VehiclePage(
        row=ROWS[1],
        days_known=0,
        range_km=None,
        measured=None,
        contract_end=None,
        own=a_van(SILENT.name, cost_kr_year=None),
        kr_year=41_000.0,
        own_kr_year=None,
        no_sale=None,
        period=None,
        tracker=None,
        logged=True,
        week_use=None,
        day=None,
        earlier=None,
        later=None,
        trips=(),
        depots=(),
        tiles_url=None,
        tracks=vehicle_views.TracksShown.SHOWN,
        trip_class=TripClass(own="patient", of_kind="car", refinding=True),
        asleep=None,
        round_number=2,
        values={"trip_class": "tank"},
        errors={"trip_class": "Choose one of the classes in the list"},
        notice=vehicle_views.Notice.TRIP_CLASS_SAVED,
    ),
    "private": vehicle_views.PrivatePage(
        vehicle=CAR,
        private_now=True,
        part=first_part(
            [
                vehicle_views.PrivateEntry(
                    private_id=2,
                    begins=NOW,
                    ends=None,
                    duty_weekdays=[0, 1, 2, 3, 4],
                    duty_begins=time(7),
                    duty_ends=time(16),
                    duty_on_holidays=False,
                    note="",
                    set_by="Flådeenheden",
                    set_at=NOW,
                    deleted=0,
                    ended_by=None,
                    ended_at=None,
                    active=True,
                ),
                vehicle_views.PrivateEntry(
                    private_id=1,
                    begins=NOW - timedelta(days=2),
                    ends=NOW - timedelta(days=1),
                    duty_weekdays=None,
                    duty_begins=None,
                    duty_ends=None,
                    duty_on_holidays=False,
                    note="Lånt i weekenden",
                    set_by="MB",
                    set_at=NOW,
                    deleted=120,
                    ended_by="Leder, hjemmeplejen",
                    ended_at=NOW,
                    active=False,
                ),
            ]
            * 30
        ),
        dropped=1_204,
        values={"kind": "duty", "weekday-0": "1", "duty_begins": "07:00"},
        errors={"duty_ends": "Enter a time such as 07:00"},
        notice=None,
    ),
    "private-empty": vehicle_views.PrivatePage(
        vehicle=CAR, private_now=False, part=first_part(), dropped=0
    ),
    "private-unsaid": vehicle_views.PrivatePage(
        vehicle=CAR,
        private_now=False,
        part=first_part(),
        dropped=0,
        at_stake=68,
        values={"begins": "2026-10-01T00:00", "ends": "2026-10-31T00:00"},
        errors={"confirmed": DELETION_UNCONFIRMED},
    ),
    "year": vehicle_views.YearPage(
        row=USE_ROWS[0],
        period=PERIOD,
        by_day=True,
        has_data=True,
        days=YEAR_DAYS,
        months=[
            YearMonth(date(2026, 11, 1), date(2026, 11, 1), date(2026, 11, 15), USES[1]),
            YearMonth(date(2026, 10, 1), date(2026, 10, 1), date(2026, 10, 31), USES[0]),
        ],
        longest=[vehicle_views.LongDay(date(2026, 10, 14), 141.2, 9.1)],
        earlier=date(2025, 11, 16),
        later=date(2027, 1, 3),
    ),
    "year-empty": vehicle_views.YearPage(
        row=USE_ROWS[1],
        period=None,
        by_day=True,
        has_data=False,
        days=(),
        months=(),
        longest=(),
        earlier=None,
        later=None,
    ),
}
YEAR = VEHICLE_PAGES["year"]
assert isinstance(YEAR, vehicle_views.YearPage)
VEHICLE_PAGES["year-figures"] = replace(
    YEAR,
    by_day=False,
    days=(),
    months=[YearMonth(date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 15), USES[1])],
    longest=(),
)
VEHICLE_PAGES["year-no-week"] = replace(VEHICLE_PAGES["year-figures"], period=None, months=())
