"""Sample views of the pages of use."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from api.pages.choices.list_parts import asked_part
from api.pages.frame import views
from api.pages.frame.views import Choice, PageView
from api.pages.use import views as use_views
from api.pages.words.calendar_periods import CalendarPeriod
from fleet import period
from fleet.period_grid import PeriodCalendar
from register.contact import Contact
from tests.samples.places import CAR, NOW, PERIOD, ROADS, SILENT, TOWN_HALL
from trips.use.concurrency import departures_and_returns
from trips.use.usage import DayRows, GroupUse, UseStatus, VehicleFigures, group_use, vehicle_figures

CALENDAR = PeriodCalendar(
    period.Period(PERIOD.first, PERIOD.last, frozenset({date(2026, 10, 12)})), NOW.timestamp()
)


def day_rows(silent: int) -> DayRows:
    """Two vehicles that drive on weekdays; the second is silent for its last `silent` days."""
    count = CALENDAR.period.days
    day = np.concatenate((np.arange(count), np.arange(count - silent)))
    vehicle = np.repeat((0, 1), (count, count - silent))
    km = np.where(CALENDAR.weekday[day] < 5, 12.5 + day % 30, 0.0)
    return DayRows(
        vehicle=vehicle,
        day=day,
        heard=np.full(len(day), (1 << 24) - 1),
        trips=(km > 0).astype(np.int64) * 4,
        km=km,
        driving_s=km * 100,
        away_s=km * 800,
        engine_hours=np.zeros(len(day)),
        logged=np.zeros(len(day), dtype=np.int64),
    )


def fleet_group(silent: int) -> tuple[list[VehicleFigures], GroupUse]:
    rows = day_rows(silent)
    uses = vehicle_figures(CALENDAR, rows, 2, 0.8)
    midnights = CALENDAR.midnights[rows.day]
    spans = np.stack((midnights + 7 * 3600, midnights + 7 * 3600 + rows.away_s), axis=1)
    return uses, group_use(CALENDAR, uses, rows, departures_and_returns(spans, rows.vehicle))


USES, GROUP = fleet_group(20)

NOTHING = day_rows(0).where(np.zeros(0, dtype=np.int64))

USE_ROWS = [
    use_views.UseRow(
        vehicle=vehicle,
        kind="Lille elbil",
        department="Center for Trafik, Miljø og Bæredygtighed",
        depot=ROADS.name,
        by_hours=by_hours,
        contact=contact,
        last_ping=last_ping,
        status=status,
        figures=figures,
    )
    for vehicle, by_hours, contact, last_ping, status, figures in (
        (CAR, False, Contact.RESTING, NOW, UseStatus.IN_USE, USES[0]),
        (SILENT, True, None, None, UseStatus.UNKNOWN, USES[1]),
    )
]

DAYS = views.PeriodChoice(
    address="/use",
    first=date(2026, 10, 1),
    last=date(2026, 12, 31),
    typed=(date(2026, 10, 1), date(2026, 9, 30)),
    errors={"to": "The last day lies before the first"},
    latest=views.PeriodLink({"depot": ROADS.id}, current=False),
    latest_weeks=8,
    spans={
        span: views.PeriodLink(
            {"depot": ROADS.id, "from": str(first), "to": str(last)},
            current=span is CalendarPeriod.QUARTER,
        )
        for span in CalendarPeriod
        for first, last in [span.around(PERIOD.last)]
    },
    earlier=views.PeriodLink({"from": "2026-07-01", "to": "2026-09-30"}, current=False),
    later=views.PeriodLink({"from": "2027-01-01", "to": "2027-03-31"}, current=False),
    data=(PERIOD.first, PERIOD.last),
    counted=(date(2026, 10, 1), PERIOD.last),
    outside=False,
)

USE = use_views.UsePage(
    chosen=use_views.VehicleChoice(depot=ROADS.id),
    departments=["Hjemmeplejen", "Vej & Park"],
    depots=[TOWN_HALL, ROADS],
    kinds=[Choice("lille-elbil", "Lille elbil")],
    period=PERIOD,
    days=DAYS,
    has_data=True,
    group=GROUP,
    working_hours_away=11.4,
    hours_shown=True,
    peaks=[use_views.Stretch(NOW - timedelta(hours=3), NOW)],
    peaks_total=12,
    breakdowns=[
        use_views.Breakdown(
            by,
            [
                use_views.GroupRow(name=name, query={by: name}, group=GROUP)
                for name in ("Center for Trafik, Miljø og Bæredygtighed", "Hjemmeplejen")
            ],
        )
        for by in ("department", "depot", "kind")
    ],
    part=asked_part(USE_ROWS, {}, "/use", {}),
)

USE_PAGES: dict[str, PageView] = {
    "use": USE,
    # As who sees no single trips is shown it: of many vehicles, of a part of them, and of few.
    "use-figures": replace(
        USE, chosen=use_views.VehicleChoice(), peaks=(), days=replace(DAYS, in_weeks=True)
    ),
    "use-part": replace(USE, peaks=(), hours_shown=False),
    "use-few": replace(USE, chosen=use_views.VehicleChoice(), peaks=(), hours_shown=False),
    "use-empty": replace(
        USE,
        chosen=use_views.VehicleChoice(),
        period=None,
        days=replace(DAYS, errors={}, counted=None, outside=True),
        has_data=False,
        part=asked_part((), {}, "/use", {}),
        group=group_use(
            CALENDAR, [], NOTHING, departures_and_returns(np.zeros((0, 2)), NOTHING.vehicle)
        ),
    ),
}
